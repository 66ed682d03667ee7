"""Wakes the relay when another process of the service committed facts, on PostgreSQL."""

import asyncio
from collections.abc import Callable

import psycopg

from essaim.keeping.database import Database, in_words
from essaim.loops import goes_on, rest, waits

CHANNEL = "essaim_outbox"


_LOOK = 10.0
"""Seconds after which a connection on which nothing came is asked whether it still stands."""
_PATIENCE = 5


async def listen(database: Database, wake: Callable[[], None]) -> None:
    """Call `wake` at every commit that told facts, until cancelled.

    For PostgreSQL: on SQLite the relay's look every second is what other processes get.
    """
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                address, autocommit=True, connect_timeout=_PATIENCE
            ) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                while True:
                    goes_on()
                    async for _ in connection.notifies(timeout=_LOOK):
                        wake()
                    await asyncio.wait_for(connection.execute("SELECT 1"), _PATIENCE)
        except (psycopg.Error, TimeoutError) as error:
            waits(f"not listening for commits: {in_words(error)}")
            await rest(1.0)
