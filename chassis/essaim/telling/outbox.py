"""The outbox, which is the owner's journal: facts told, kept after they were published.

Every statement on its table is here and in `parked`; what compares whole journals with the stream
is in `operating`.
"""

import json
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import Envelope, to_headers

from essaim.keeping.database import Database
from essaim.keeping.tables import outbox as table
from essaim.telling.wakeup import CHANNEL

FEW = 16
"""Facts of one transaction that go to the relay without being read again."""
_SENT_COLUMNS = (
    table.c.position, table.c.id, table.c.key, table.c.subject, table.c.headers, table.c.body,
)  # fmt: skip
_ONE_AT_A_TIME = 0x657373  # any constant: the advisory lock that orders outbox inserts


@dataclass(frozen=True)
class Outgoing:
    """A fact on its way out: its envelope and its JSON payload."""

    envelope: Envelope
    body: bytes


class Pending(NamedTuple):
    """A row that is to be published: `position` is its place in the outbox."""

    position: int
    id: str
    key: str
    subject: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Last:
    """The last fact we told: its place in our outbox, and in the stream."""

    position: int
    id: str
    subject: str
    seq: int


@dataclass(frozen=True)
class Backlog:
    """Facts not yet in the stream; `oldest` is the age of the first in seconds."""

    waiting: int
    parked: int
    oldest: float


def save(db: sa.Connection, told: list[Outgoing]) -> list[Pending]:
    """Add the facts of one transaction, as its last act; gives them as the relay sends them.

    Nothing is given of many: those it reads by itself.

    On PostgreSQL the inserts of concurrent transactions queue behind one lock until commit, so
    the order of positions is the order of commits and facts of one key cannot overtake.
    """
    if not told:
        return []
    if db.dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    now = datetime.now(UTC)
    rows = [
        {
            "id": out.envelope.id,
            "key": _queue(out.envelope),
            "subject": out.envelope.nats_subject,
            "headers": json.dumps(to_headers(out.envelope)),
            "body": out.body,
            "told_at": now,
        }
        for out in told
    ]
    given: list[Pending] = []
    if len(rows) > FEW:
        db.execute(sa.insert(table), rows)
    else:
        adding = sa.insert(table).returning(
            *_SENT_COLUMNS, sort_by_parameter_order=True
        )  # fmt: skip
        given = _pending(db.execute(adding, rows))
    if db.dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))
    return given


def hold_telling(db: sa.Connection, patience: float) -> None:
    """Nobody tells anything until this writing transaction ends; those who do were committed.

    Waits for them as long as `patience` says, in seconds. On SQLite whoever writes is alone anyway.
    """
    if db.dialect.name == "postgresql":
        db.execute(sa.text(f"set local lock_timeout = {int(patience * 1000)}"))
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def _queue(envelope: Envelope) -> str:
    """Facts of one key keep their order; none holds back that a person is erased."""
    return f"erased {envelope.key}" if envelope.type == PersonErased.type else envelope.key


def load_first(
    database: Database, limit: int, sent: Collection[int] = ()
) -> tuple[set[str], list[Pending]]:
    """The keys that parked facts hold back, and the first batch of the others.

    `sent` are the positions of those that are published, and not noted yet.
    """
    with database.read() as db:
        found = db.execute(_unpublished(limit + len(sent))).all()
        held = {row.key for row in found if row.parked_because is not None}
        if held and len(found) == limit + len(sent):
            # There may be more of them behind, and they must not be all that we see.
            held = _held(db)
            found = db.execute(_unpublished(limit + len(sent), held=held)).all()
    return held, _pending(row for row in found if row.key not in held and row.position not in sent)


def load_unpublished(
    database: Database, limit: int, after: int = 0, held: Collection[str] = ()
) -> list[Pending]:
    """The next facts to publish, oldest first, without those of the keys that are held back.

    Selected by flag: PostgreSQL shows rows in commit order, so a row with a lower position could
    appear after a higher one was read. `after` leaves out those that are being published.
    """
    with database.read() as db:
        return _pending(db.execute(_unpublished(limit, after, held)))


def _unpublished(limit: int, after: int = 0, held: Collection[str] = ()) -> sa.Select[Any]:
    query = (
        sa.select(*_SENT_COLUMNS, table.c.parked_because)
        .where(table.c.published_at.is_(None), table.c.position > after)
        .order_by(table.c.position)
        .limit(limit)
    )
    return query.where(table.c.key.not_in(held)) if held else query


def _held(db: sa.Connection) -> set[str]:
    # By the index of parked facts alone: asked for unpublished ones, SQLite reads all of those.
    parked = sa.select(table.c.key, table.c.published_at).where(table.c.parked_because.is_not(None))
    return {row.key for row in db.execute(parked) if row.published_at is None}


def _pending(rows: Iterable[Any]) -> list[Pending]:
    return [
        Pending(row.position, row.id, row.key, row.subject, json.loads(row.headers), row.body)
        for row in rows
    ]


def mark_published(database: Database, seqs: dict[int, int]) -> None:
    """Note where each row is in the stream, by position."""
    seqs = dict(sorted(seqs.items()))
    now = datetime.now(UTC)
    positions = list(seqs)
    first, last = positions[0], positions[-1]
    statement = sa.update(table).values(published_at=now)
    with database.write() as db:
        if last - first + 1 == len(positions) and seqs[last] - seqs[first] + 1 == len(positions):
            # The common case, both without gaps: one statement for the whole batch.
            db.execute(
                statement.values(stream_seq=table.c.position + (seqs[first] - first)).where(
                    table.c.position.between(first, last)
                )
            )
            return
        db.execute(
            statement.values(stream_seq=sa.bindparam("seq")).where(
                table.c.position == sa.bindparam("at")
            ),
            [{"at": position, "seq": seq} for position, seq in seqs.items()],
        )


def last_told(database: Database) -> Last | None:
    """The fact of ours that is in the stream since last; None when we told none."""
    columns = (table.c.position, table.c.id, table.c.subject, table.c.stream_seq)
    told = sa.select(*columns).where(table.c.stream_seq.is_not(None))
    with database.read() as db:
        row = db.execute(told.order_by(table.c.position.desc()).limit(1)).one_or_none()
    return Last(*row) if row else None


def position_of(database: Database, id: str) -> int | None:
    """The place of a fact in our outbox; None when it is not ours."""
    query = sa.select(table.c.position).where(table.c.id == id)
    with database.read() as db:
        return db.execute(query).scalar_one_or_none()


def backlog(db: sa.Connection) -> Backlog:
    parked = sa.func.count(table.c.parked_because)
    query = sa.select(sa.func.count(), parked, sa.func.min(table.c.told_at)).where(
        table.c.published_at.is_(None)
    )
    total, parked_count, oldest = db.execute(query).one()
    age = time.time() - oldest.timestamp() if oldest else 0.0
    return Backlog(total - parked_count, parked_count, max(0.0, age))
