"""What the partners' journals and the stream hold, side by side.

Each service's outbox keeps every fact it told. The database is the record, the stream transport.
Services may run meanwhile: what they publish after we read the stream is looked up again.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from nats.aio.client import Client

from essaim.broker.topology import FACTS
from essaim.hearing.message import identity_of
from essaim.keeping.database import Database
from essaim.keeping.tables import outbox as table
from essaim.operating.reading import read_to_end

PAGE = 1000


class Told(NamedTuple):
    """A fact of a journal: `seq` is its place in the stream when it was published, or None."""

    position: int
    id: str
    seq: int | None
    subject: str
    digest: bytes

    @property
    def identity(self) -> str:
        return identity_of(self.subject, self.id)


class Held(NamedTuple):
    """A message of the stream, at its place there. Not its body: there may be a million."""

    seq: int
    subject: str
    digest: bytes


def read_journal(database: Database) -> Iterator[Told]:
    """Every fact a service told, oldest first. Those discarded before publication are left out."""
    given_up = sa.and_(table.c.published_at.is_not(None), table.c.stream_seq.is_(None))
    query = (
        sa.select(table.c.position, table.c.id, table.c.stream_seq, table.c.subject, table.c.body)
        .where(sa.not_(given_up))
        .order_by(table.c.position)
        .limit(PAGE)
    )
    after = 0
    while True:
        with database.read() as db:
            rows = db.execute(query.where(table.c.position > after)).all()
        if not rows:
            return
        for row in rows:
            digest = digest_of(row.subject, row.body)
            yield Told(row.position, row.id, row.stream_seq, row.subject, digest)
        after = rows[-1].position


async def read_stream(connection: Client, after: int = 0) -> dict[str, Held]:
    """Every message of the stream of facts beyond a place, by identity, the first of each."""
    held: dict[str, Held] = {}
    async for message in read_to_end(connection, FACTS, after + 1):
        digest = digest_of(message.subject, message.body)
        held.setdefault(message.identity, Held(message.seq, message.subject, digest))
    return held


def end_of(stream: dict[str, Held]) -> int:
    return max((held.seq for held in stream.values()), default=0)


def digest_of(subject: str, body: bytes) -> bytes:
    return hashlib.blake2b(subject.encode() + b"\0" + body, digest_size=16).digest()


def note_places(database: Database, places: dict[int, int]) -> None:
    """Save where in the stream these facts are, by their position in the outbox."""
    if not places:
        return
    with database.write() as db:
        note_places_in(db, places)


def note_places_in(db: sa.Connection, places: dict[int, int]) -> None:
    """The same in a transaction that is open."""
    if not places:
        return
    noted = (
        sa.update(table)
        .where(table.c.position == sa.bindparam("at"))
        .values(stream_seq=sa.bindparam("seq"), published_at=datetime.now(UTC))
    )
    db.execute(noted, [{"at": position, "seq": seq} for position, seq in places.items()])
