"""Publishes again what the stream lost, from the partners' journals."""

import asyncio
import json
from collections.abc import Callable
from typing import NamedTuple

import sqlalchemy as sa
from nats.aio.client import Client

from essaim.broker.connection import Broker
from essaim.hearing.message import identity_of
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.tables import outbox as table
from essaim.operating.journal import PAGE, Held, end_of, note_places, read_journal, read_stream
from essaim.operating.own import held_until, read_own


class Lost(NamedTuple):
    """A fact the stream does not hold any more; they sort by their former place."""

    seq: int
    service: str
    position: int
    identity: str


async def restore(
    connection: Client,
    journals: dict[str, Database],
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Publish again what the stream lost, in the order it once had. Returns how many facts.

    Facts of all journals are merged by their former place, so that effects stay after causes
    when a whole stream is rebuilt; readers drop what they know. The journals note where
    their facts are now.
    """
    stream = await read_stream(connection)
    lost: list[Lost] = []
    for service, database in journals.items():
        lost += await asyncio.to_thread(_lost, service, database, stream)
    if lost:
        late = await read_stream(connection, after=end_of(stream))
        lost = [fact for fact in lost if fact.identity not in late]
    return await _publish(connection, journals, lost, progress)


async def restore_own(
    broker: Broker,
    service: str,
    database: Database,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Publish again what the stream lost of one service, with that service's own rights.

    It may not read the stream: what it told after the newest message of a subject is lost there. A
    gap before one that is still there is the operator's to see. Returns how many facts.
    """
    own = await read_own(broker, database)
    gone = [
        Lost(one.seq, service, one.position, one.identity)
        for facts, newest in own
        for one in facts
        if one.seq is not None and one.position > held_until(newest)
    ]
    return await _publish(broker.connection, {service: database}, gone, progress)


async def _publish(
    connection: Client,
    journals: dict[str, Database],
    lost: list[Lost],
    progress: Callable[[int], None],
) -> int:
    """Publish these in the order of their former places, and note the new ones."""
    lost.sort()
    jetstream = connection.jetstream(timeout=10)
    for start in range(0, len(lost), PAGE):
        page = lost[start : start + PAGE]
        facts = await asyncio.to_thread(_load, journals, page)
        places: dict[str, dict[int, int]] = {service: {} for service in journals}
        try:
            for done, fact in enumerate(page, start=start + 1):
                subject, body, headers = facts[fact.identity]
                ack = await jetstream.publish(subject, body, headers=headers)
                if ack.duplicate:
                    # The server remembers for a while the id of what it no longer holds.
                    headers["Nats-Msg-Id"] = new_id().hex
                    ack = await jetstream.publish(subject, body, headers=headers)
                places[fact.service][fact.position] = ack.seq
                progress(done)
        finally:
            for service, noted in places.items():
                await asyncio.to_thread(note_places, journals[service], noted)
    return len(lost)


def _lost(service: str, database: Database, stream: dict[str, Held]) -> list[Lost]:
    """What the stream does not hold any more; corrects the noted places of what it holds."""
    lost, moved = [], {}
    for told in read_journal(database):
        held = stream.get(told.identity)
        if told.seq is None:
            continue
        if held is None:
            lost.append(Lost(told.seq, service, told.position, told.identity))
        elif held.seq != told.seq:
            moved[told.position] = held.seq
    note_places(database, moved)
    return lost


def _load(
    journals: dict[str, Database], page: list[Lost]
) -> dict[str, tuple[str, bytes, dict[str, str]]]:
    """Subject, body and headers of these facts, by identity."""
    facts = {}
    columns = (table.c.id, table.c.subject, table.c.body, table.c.headers)
    for service, database in journals.items():
        positions = [fact.position for fact in page if fact.service == service]
        with database.read() as db:
            for row in db.execute(sa.select(*columns).where(table.c.position.in_(positions))):
                facts[identity_of(row.subject, row.id)] = (
                    row.subject,
                    row.body,
                    json.loads(row.headers),
                )
    return facts
