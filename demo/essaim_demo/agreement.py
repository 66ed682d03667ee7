"""Whether all services agree at the end: nothing lost, nothing left, and a rebuild is equal."""

from collections.abc import Iterator

import sqlalchemy as sa
from essaim.broker.connection import Broker
from essaim.hearing.projection import Projection
from essaim.keeping.database import Database
from essaim.keeping.tables import inbox
from essaim.operating.journal import Held, read_stream
from essaim.operating.rebuild import rebuild
from essaim.operating.verify import Verified, verify
from essaim.running.runtime import Runtime
from essaim.service import Service
from nats.aio.client import Client


async def disagreements(runtimes: dict[str, Runtime], operator: Client) -> list[str]:
    """What is wrong, one sentence each; nothing when all agree."""
    found: list[str] = []
    stream = await read_stream(operator)
    for name, runtime in runtimes.items():
        found += _left_over(name, runtime)
        found += not_handled(runtime.service, runtime.database, stream)
    journals = {name: runtime.database for name, runtime in runtimes.items()}
    for result in await verify(operator, journals):
        found += unlike(result)
    for name, runtime in runtimes.items():
        if isinstance(runtime.service.hearing, Projection):
            found += await _rebuilt_differently(name, runtime, runtime.service.hearing)
    return found


def _left_over(name: str, runtime: Runtime) -> Iterator[str]:
    state = runtime.readiness()
    left = {
        "facts to publish": state.unpublished,
        "facts to handle": state.pending,
        "facts parked for a retry": state.waiting,
        "dead letters": state.dead,
    }
    for words, count in left.items():
        if count:
            yield f"{name} has {count} {words}."


def not_handled(service: Service, database: Database, stream: dict[str, Held]) -> Iterator[str]:
    """Facts of the stream that a service hears and that its inbox never took."""
    with database.read() as db:
        handled = set(db.scalars(sa.select(inbox.c.identity)))
    knows = service.hearing.knows
    heard = {identity for identity, held in stream.items() if knows(_type(held.subject))}
    if missing := heard - handled:
        yield f"{service.name} did not handle {len(missing)} of the {len(heard)} facts it hears."


def _type(subject: str) -> str:
    """The type of the fact on a subject, which holds the programme and the key beside it."""
    parts = subject.split(".")
    return ".".join([parts[0], *parts[2:-1]])


def unlike(result: Verified) -> Iterator[str]:
    """Where a journal and the stream differ."""
    wrong: dict[str, list[str]] = {
        "missing from the stream": result.missing,
        "altered in the stream": result.altered,
        "unknown to its journal": result.unknown,
    }
    for words, ids in wrong.items():
        if ids:
            yield f"{len(ids)} facts of {result.service} are {words}: {ids[0]}, …"


async def _rebuilt_differently(name: str, runtime: Runtime, projection: Projection) -> list[str]:
    broker = Broker(runtime.settings, name, {})
    await broker.start()
    try:
        rebuilt = await rebuild(runtime.database, broker, name, projection, swap=False)
    finally:
        await broker.stop()
    return [
        f"{name} rebuilt differs in {one.table}: {one.differing} rows."
        for one in rebuilt.differences
    ]
