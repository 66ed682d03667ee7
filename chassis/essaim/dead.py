"""Dead letters: facts this service could not read or handle, kept whole until somebody decides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from essaim.tables import dead as table
from essaim.tables import waiting


@dataclass(frozen=True)
class Letter:
    """A fact as it arrived: `seq` is its place in the stream, `headers` and `body` its bytes."""

    seq: int
    id: str
    key: str
    subject: str
    headers: dict[str, str]
    body: bytes


def letter_of(seq: int, subject: str, headers: Mapping[str, str] | None, body: bytes) -> Letter:
    """The letter in a message of the stream; its texts are cut to what any database holds."""
    found = dict(headers or {})
    id = found.get("ce-id") or found.get("Nats-Msg-Id") or f"seq-{seq}"
    key = subject.rsplit(".", 1)[-1]
    return Letter(seq, storable(id, 64), storable(key, 64), storable(subject, 300), found, body)


def storable(text: str, most: int) -> str:
    """A stranger's text: PostgreSQL knows no NUL, UTF-8 no half pair, and no column is endless."""
    if text.isascii() and text.isprintable():
        return text[:most]
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()[:most]


def is_known(db: sa.Connection, letter: Letter) -> bool:
    """Whether this very letter died before; so it did when the stream is read again."""
    same = (table.c.stream_seq == letter.seq, table.c.id == letter.id, table.c.body == letter.body)
    return db.execute(sa.select(table.c.number).where(*same)).first() is not None


class NoSuchLetter(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(
            f"There is no open dead letter {number}. See the numbers with `essaim dead list`."
        )


def bury(db: sa.Connection, letter: Letter, *, attempts: int, reason: str) -> None:
    """Keep a fact as a dead letter."""
    db.execute(
        sa.insert(table),
        {
            "stream_seq": letter.seq,
            "id": letter.id,
            "type": storable(letter.headers.get("ce-type", ""), 120) or None,
            "key": letter.key,
            "subject": letter.subject,
            "headers": json.dumps(letter.headers),
            "body": letter.body,
            "attempts": attempts,
            "reason": storable(reason, 2000),
            "died_at": datetime.now(UTC),
        },
    )


def list_dead(db: sa.Connection, *, closed: bool = False) -> list[Any]:
    """The open dead letters, oldest first; the closed ones instead when asked."""
    query = sa.select(table).order_by(table.c.number)
    condition = table.c.closed_as.is_not(None) if closed else table.c.closed_as.is_(None)
    return list(db.execute(query.where(condition)))


def count_dead(db: sa.Connection) -> int:
    query = sa.select(sa.func.count()).where(table.c.closed_as.is_(None))
    return int(db.execute(query.select_from(table)).scalar_one())


def show(db: sa.Connection, number: int) -> Any:
    """One letter, open or closed.

    Raises:
        NoSuchLetter
    """
    row = db.execute(sa.select(table).where(table.c.number == number)).one_or_none()
    if row is None:
        raise NoSuchLetter(number)
    return row


def retry(db: sa.Connection, number: int) -> None:
    """Put a letter back in the queue, due now: the running inbox picks it up within a second.

    Raises:
        NoSuchLetter: it does not exist or is closed.
    """
    row = _close(db, number, "retried")
    db.execute(
        sa.insert(waiting),
        {
            "stream_seq": row.stream_seq,
            "id": row.id,
            "key": row.key,
            "subject": row.subject,
            "headers": row.headers,
            "body": row.body,
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


def _close(db: sa.Connection, number: int, how: str) -> Any:
    row = show(db, number)
    if row.closed_as is not None:
        raise NoSuchLetter(number)
    db.execute(
        sa.update(table)
        .where(table.c.number == number)
        .values(closed_as=how, closed_at=datetime.now(UTC))
    )
    return row
