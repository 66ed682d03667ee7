"""People of the directory: the keeper and a follower of it, and what lies in between."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Any
from uuid import UUID

from backbone import INSTALLED, Consortium
from containers import NatsContainer
from essaim.broker.connection import Broker
from essaim.broker.topology import DIRECTORY
from essaim.clock import Clock, SystemClock
from essaim.consortium.partners import Consortium as Partners
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.loops import cancel
from essaim.people.directory import find_person
from essaim.people.sharing import DirectoryKeeper, count_unshared
from essaim.people.sync import DirectoryFollower
from essaim.person import Person, Role, RoleHeld
from nats.aio.client import Client
from nats.js.errors import KeyNotFoundError


def a_mentor(name: str = "Camille Exemple") -> Person:
    return Person(
        id=new_id(),
        name=name,
        email="Camille@exemple.org",
        phone="+33 4 00 00 00 00",
        language="fr",
        roles=(RoleHeld(Role.MENTOR, "premices", new_id(), date(2020, 1, 1), date(2020, 12, 31)),),
    )


@asynccontextmanager
async def keeping(
    consortium: Consortium,
    database: Database,
    readers: Partners = INSTALLED,
    clock: Clock | None = None,
) -> AsyncIterator[DirectoryKeeper]:
    """Candidatures, sharing people as they change."""
    async with connected(consortium, "candidatures") as broker:
        clock = clock or SystemClock()
        keeper = DirectoryKeeper(database, broker, clock, "candidatures", lambda: readers)
        async with running(keeper.run()):
            yield keeper


@asynccontextmanager
async def following(
    consortium: Consortium, database: Database, service: str = "reporting"
) -> AsyncIterator[DirectoryFollower]:
    async with connected(consortium, service) as broker:
        follower = DirectoryFollower(database, broker, service)
        async with running(follower.run()):
            yield follower


@asynccontextmanager
async def connected(consortium: Consortium, user: str) -> AsyncIterator[Broker]:
    broker = Broker(consortium.settings(user), user, {})
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


@asynccontextmanager
async def running(run: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(run)
    try:
        yield
    finally:
        await cancel([task])


def known(database: Database, id: UUID) -> Person | None:
    with database.read() as db:
        return find_person(db, id)


async def held(operator: Client) -> dict[str, bytes]:
    """What the bucket holds of people, by key.

    Keys are asked of the stream: the client's own list of them is now and then empty.
    """
    stream = operator.jetstream()
    bucket = await stream.key_value(DIRECTORY)
    state = (await stream.stream_info(f"KV_{DIRECTORY}", subjects_filter=">")).state
    found = {}
    for subject in state.subjects or {}:
        key = subject.removeprefix(f"$KV.{DIRECTORY}.")
        with suppress(KeyNotFoundError):
            found[key] = (await bucket.get(key)).value or b""
    return {key: value for key, value in found.items() if not key.endswith(".all")}


def on_disk(consortium: Consortium) -> str:
    """Everything the broker keeps on its disk."""
    if isinstance(consortium.server, NatsContainer):
        return consortium.server.stored().decode("latin-1")
    files = (consortium.server.folder / "jetstream").rglob("*")
    return b"".join(file.read_bytes() for file in files if file.is_file()).decode("latin-1")


def nobody_waits(keeper: Database) -> bool:
    with keeper.read() as db:
        return count_unshared(db) == 0
