"""The stream against the partners' journals: verify what it holds, restore what it lost.

Each service's outbox keeps every fact it told. The database is the record, the stream transport.
Services may run meanwhile: what they publish after we read the stream is looked up again.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from essaim.broker.topology import FACTS
from essaim.hearing.pull import Pull
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.tables import outbox as table

_PAGE = 1000


class Told(NamedTuple):
    """A fact of a journal: `seq` is its place in the stream when it was published, or None."""

    position: int
    id: str
    seq: int | None
    subject: str
    digest: bytes


class Held(NamedTuple):
    """A message of the stream, at its place there. Not its body: there may be a million."""

    seq: int
    subject: str
    digest: bytes


class Lost(NamedTuple):
    """A fact the stream does not hold any more; they sort by their former place."""

    seq: int
    service: str
    position: int
    id: str


@dataclass
class Verified:
    """What comparing one service's journal with the stream found, by fact id."""

    service: str
    told: int = 0
    in_stream: int = 0
    missing: list[str] = field(default_factory=list)
    """Published, says the journal; the stream does not hold it."""
    altered: list[str] = field(default_factory=list)
    """The stream holds other bytes under this id."""
    unknown: list[str] = field(default_factory=list)
    """The stream holds it as this service's; the journal does not."""
    unpublished: int = 0

    @property
    def sound(self) -> bool:
        return not (self.missing or self.altered or self.unknown)


async def verify(connection: Client, journals: dict[str, Database]) -> list[Verified]:
    """Compare the whole stream with these journals."""
    stream = await read_stream(connection)
    found = []
    for service, database in journals.items():
        found.append(await asyncio.to_thread(_verify_one, service, database, stream))
    if any(result.missing for result in found):
        late = await read_stream(connection, after=_end(stream))
        for result in found:
            published = [id for id in result.missing if id in late]
            result.missing = [id for id in result.missing if id not in late]
            result.in_stream += len(published)
    return found


def _verify_one(service: str, database: Database, stream: dict[str, Held]) -> Verified:
    result = Verified(service)
    journal = set()
    for told in read_journal(database):
        result.told += 1
        journal.add(told.id)
        held = stream.get(told.id)
        if held is None and told.seq is None:
            result.unpublished += 1
        elif held is None:
            result.missing.append(told.id)
        elif held.digest != told.digest:
            result.altered.append(told.id)
        else:
            result.in_stream += 1
    result.unknown = [
        id
        for id, held in stream.items()
        if held.subject.split(".")[2] == service and id not in journal
    ]
    return result


async def restore(
    connection: Client,
    journals: dict[str, Database],
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Publish again what the stream lost, in the order it once had. Returns how many facts.

    Facts of all journals are merged by their former place, so that effects stay after causes
    when a whole stream is rebuilt; readers drop what they know by its id. The journals note where
    their facts are now.
    """
    stream = await read_stream(connection)
    lost: list[Lost] = []
    for service, database in journals.items():
        lost += await asyncio.to_thread(_lost, service, database, stream)
    if lost:
        late = await read_stream(connection, after=_end(stream))
        lost = [fact for fact in lost if fact.id not in late]
    lost.sort()
    jetstream = connection.jetstream(timeout=10)
    for start in range(0, len(lost), _PAGE):
        page = lost[start : start + _PAGE]
        facts = await asyncio.to_thread(_load, journals, page)
        places: dict[str, dict[int, int]] = {service: {} for service in journals}
        try:
            for done, fact in enumerate(page, start=start + 1):
                subject, body, headers = facts[fact.id]
                ack = await jetstream.publish(subject, body, headers=headers)
                places[fact.service][fact.position] = ack.seq
                progress(done)
        finally:
            for service, noted in places.items():
                await asyncio.to_thread(_note, journals[service], noted)
    return len(lost)


def _lost(service: str, database: Database, stream: dict[str, Held]) -> list[Lost]:
    """What the stream does not hold any more; corrects the noted places of what it holds."""
    lost, moved = [], {}
    for told in read_journal(database):
        held = stream.get(told.id)
        if told.seq is None:
            continue
        if held is None:
            lost.append(Lost(told.seq, service, told.position, told.id))
        elif held.seq != told.seq:
            moved[told.position] = held.seq
    _note(database, moved)
    return lost


def _load(
    journals: dict[str, Database], page: list[Lost]
) -> dict[str, tuple[str, bytes, dict[str, str]]]:
    """Subject, body and headers of these facts, by id."""
    facts = {}
    columns = (table.c.id, table.c.subject, table.c.body, table.c.headers)
    for service, database in journals.items():
        positions = [fact.position for fact in page if fact.service == service]
        with database.read() as db:
            for row in db.execute(sa.select(*columns).where(table.c.position.in_(positions))):
                facts[row.id] = (row.subject, row.body, json.loads(row.headers))
    return facts


def read_journal(database: Database) -> Iterator[Told]:
    """Every fact a service told, oldest first. Those discarded before publication are left out."""
    given_up = sa.and_(table.c.published_at.is_not(None), table.c.stream_seq.is_(None))
    query = (
        sa.select(table.c.position, table.c.id, table.c.stream_seq, table.c.subject, table.c.body)
        .where(sa.not_(given_up))
        .order_by(table.c.position)
        .limit(_PAGE)
    )
    after = 0
    while True:
        with database.read() as db:
            rows = db.execute(query.where(table.c.position > after)).all()
        if not rows:
            return
        for row in rows:
            digest = _digest(row.subject, row.body)
            yield Told(row.position, row.id, row.stream_seq, row.subject, digest)
        after = rows[-1].position


async def read_stream(connection: Client, after: int = 0) -> dict[str, Held]:
    """Every message of the stream of facts beyond a place: by id, the first of each id."""
    jetstream = connection.jetstream(timeout=10)
    state = (await jetstream.stream_info(FACTS)).state
    held: dict[str, Held] = {}
    if state.messages == 0 or state.last_seq <= after:
        return held
    config = ConsumerConfig(
        name=f"journal-check-{new_id().hex[-12:]}",
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
        inactive_threshold=30,
    )
    name = (await jetstream.add_consumer(FACTS, config)).name
    pull = Pull(connection, FACTS, name, ahead=4096)
    await pull.start()
    try:
        while True:
            for message in await pull.next_chunk(4096, 2.0):
                id = message.headers.get("ce-id", f"seq-{message.seq}")
                digest = _digest(message.subject, message.body)
                held.setdefault(id, Held(message.seq, message.subject, digest))
                if message.seq >= state.last_seq or message.pending == 0:
                    return held
    finally:
        await pull.stop()
        await jetstream.delete_consumer(FACTS, name)


def _end(stream: dict[str, Held]) -> int:
    return max((held.seq for held in stream.values()), default=0)


def _digest(subject: str, body: bytes) -> bytes:
    return hashlib.blake2b(subject.encode() + b"\0" + body, digest_size=16).digest()


def _note(database: Database, places: dict[int, int]) -> None:
    """Save where in the stream these facts are, by their position in the outbox."""
    if not places:
        return
    noted = (
        sa.update(table)
        .where(table.c.position == sa.bindparam("at"))
        .values(stream_seq=sa.bindparam("seq"), published_at=datetime.now(UTC))
    )
    with database.write() as db:
        db.execute(noted, [{"at": position, "seq": seq} for position, seq in places.items()])
