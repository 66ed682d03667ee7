"""Dead letters: facts this service could not read or handle, kept whole until somebody decides."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from essaim.hearing.message import Message, storable
from essaim.keeping.tables import dead as table
from essaim.keeping.tables import waiting


def is_known(db: sa.Connection, message: Message) -> bool:
    """Whether this very message died before; so it did when the stream is read again."""
    same = (
        table.c.stream_seq == message.seq,
        table.c.id == message.id,
        table.c.subject == storable(message.subject, 300),
        table.c.body == message.body,
    )
    return db.execute(sa.select(table.c.number).where(*same)).first() is not None


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up. `closed_as` says what became of it: None, retried, discarded."""

    number: int
    stream_seq: int
    id: str
    type: str | None
    key: str
    subject: str
    headers: dict[str, str]
    body: bytes
    attempts: int
    reason: str
    died_at: datetime
    shown_at: datetime | None
    closed_as: str | None
    closed_at: datetime | None


class NoSuchLetter(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(
            f"There is no open dead letter {number}. See the numbers with `essaim dead list`."
        )


def bury(db: sa.Connection, message: Message, *, attempts: int, reason: str) -> None:
    """Keep a message as a dead message."""
    db.execute(
        sa.insert(table),
        {
            "stream_seq": message.seq,
            "id": message.id,
            "type": storable(message.headers.get("ce-type", ""), 120) or None,
            "key": message.key,
            "subject": storable(message.subject, 300),
            "headers": json.dumps(dict(message.headers)),
            "body": message.body,
            "attempts": attempts,
            "reason": storable(reason, 2000),
            "died_at": datetime.now(UTC),
        },
    )


def list_dead(db: sa.Connection, *, closed: bool = False) -> list[DeadLetter]:
    """The open dead letters, oldest first; the closed ones instead when asked."""
    query = sa.select(table).order_by(table.c.number)
    condition = table.c.closed_as.is_not(None) if closed else table.c.closed_as.is_(None)
    return [_letter(row) for row in db.execute(query.where(condition))]


def not_shown(db: sa.Connection, most: int) -> list[DeadLetter]:
    """Those the operators' stream has no copy of yet, oldest first."""
    query = sa.select(table).where(table.c.shown_at.is_(None)).order_by(table.c.number)
    return [_letter(row) for row in db.execute(query.limit(most))]


def mark_shown(db: sa.Connection, number: int) -> None:
    db.execute(sa.update(table).where(table.c.number == number).values(shown_at=datetime.now(UTC)))


def count_dead(db: sa.Connection) -> int:
    query = sa.select(sa.func.count()).where(table.c.closed_as.is_(None))
    return int(db.execute(query.select_from(table)).scalar_one())


def count_by_type(db: sa.Connection) -> dict[str | None, int]:
    """The open ones, by the type they claim: a stranger's may be any word."""
    query = sa.select(table.c.type, sa.func.count()).where(table.c.closed_as.is_(None))
    return dict(db.execute(query.group_by(table.c.type)).all())


def show(db: sa.Connection, number: int) -> DeadLetter:
    """One letter, open or closed.

    Raises:
        NoSuchLetter
    """
    row = db.execute(sa.select(table).where(table.c.number == number)).one_or_none()
    if row is None:
        raise NoSuchLetter(number)
    return _letter(row)


def retry(db: sa.Connection, number: int) -> None:
    """Put a letter back in the queue, due now: the running inbox picks it up within a second.

    Raises:
        NoSuchLetter: it does not exist or is closed.
    """
    letter = _close(db, number, "retried")
    db.execute(
        sa.insert(waiting),
        {
            "stream_seq": letter.stream_seq,
            "id": letter.id,
            "queue": Message(letter.stream_seq, letter.subject, {}, b"").queue,
            "subject": letter.subject,
            "headers": json.dumps(letter.headers),
            "body": letter.body,
            "attempts": 0,
            "retry_at": datetime.now(UTC),
            "reason": f"retried from dead letter {number}",
        },
    )


def discard(db: sa.Connection, number: int) -> None:
    """Close a letter without handling it; it stays readable.

    Raises:
        NoSuchLetter: it does not exist or is closed.
    """
    _close(db, number, "discarded")


def _close(db: sa.Connection, number: int, how: str) -> DeadLetter:
    letter = show(db, number)
    if letter.closed_as is not None:
        raise NoSuchLetter(number)
    db.execute(
        sa.update(table)
        .where(table.c.number == number)
        .values(closed_as=how, closed_at=datetime.now(UTC))
    )
    return letter


def _letter(row: sa.Row[Any]) -> DeadLetter:
    return DeadLetter(**{**row._mapping, "headers": json.loads(row.headers)})
