"""Wakes the relay when another process of the service committed facts, on PostgreSQL."""

import asyncio
from collections.abc import Callable

import psycopg
import structlog

from essaim.keeping.database import Database, in_words

log = structlog.get_logger()

CHANNEL = "essaim_outbox"


async def listen(database: Database, wake: Callable[[], None]) -> None:
    """Call `wake` at every commit that told facts, until cancelled.

    SQLite has no such thing: there the relay's look every second is what other processes get.
    """
    if database.is_sqlite:
        return
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    listening = True
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                address, autocommit=True
            ) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                listening = True
                async for _ in connection.notifies():
                    wake()
        except psycopg.Error as error:
            if listening:
                log.info("not listening for commits", reason=in_words(error))
            listening = False
            await asyncio.sleep(1.0)
