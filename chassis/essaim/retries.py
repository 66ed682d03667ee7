"""Facts a handler failed on: tried again with growing pauses, then dead; their key waits behind."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from essaim.dead import Letter, bury, storable
from essaim.tables import waiting as table

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600))
MOST = 500
"""How many facts behind a failed one are handled in one transaction."""


def park_failed(db: sa.Connection, letter: Letter, *, attempts: int, reason: str) -> None:
    """Keep a fact for its next try."""
    retry_at = datetime.now(UTC) + PAUSES[attempts - 1]
    db.execute(sa.insert(table), _row(letter, attempts, retry_at, storable(reason, 2000)))


def park_behind(db: sa.Connection, letter: Letter) -> None:
    """Keep a fact that comes after a failed one of its key, untried: order is per key."""
    db.execute(sa.insert(table), _row(letter, 0, None, None))


def anything_due(db: sa.Connection) -> bool:
    due = sa.select(table.c.number).where(table.c.retry_at <= datetime.now(UTC))
    return db.execute(due.limit(1)).first() is not None


def count_waiting(db: sa.Connection) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def retry_due(db: sa.Connection, attempt: Callable[[Letter], str | None]) -> None:
    """Try every due fact; when one succeeds or dies, go on with what waits behind it.

    `attempt` handles a letter and returns why it failed, or None.
    """
    due = sa.select(table).where(table.c.retry_at <= datetime.now(UTC)).order_by(table.c.number)
    for row in db.execute(due).all():
        if _settle(db, row, attempt):
            _go_on(db, row.key, attempt)


def _go_on(db: sa.Connection, key: str, attempt: Callable[[Letter], str | None]) -> None:
    """Try what waits of a key, in order, up to a fact that has a time of its own to wait for."""
    queue = sa.select(table).where(table.c.key == key).order_by(table.c.number).limit(MOST + 1)
    for done, row in enumerate(db.execute(queue).all()):
        if row.retry_at is not None:
            return
        if done == MOST:
            # Others wait for this transaction to end; the rest follows in the next one.
            _change(db, row.number, retry_at=datetime.now(UTC))
        elif not _settle(db, row, attempt):
            return


def _settle(db: sa.Connection, row: Any, attempt: Callable[[Letter], str | None]) -> bool:
    """Try one fact: handled or dead, it leaves the queue; else False, and it has a new time."""
    letter = Letter(row.stream_seq, row.id, row.key, row.subject, json.loads(row.headers), row.body)
    failure = attempt(letter)
    attempts = row.attempts + 1
    if failure is not None and attempts <= len(PAUSES):
        retry_at = datetime.now(UTC) + PAUSES[attempts - 1]
        _change(
            db, row.number, attempts=attempts, reason=storable(failure, 2000), retry_at=retry_at
        )
        return False
    if failure is not None:
        bury(db, letter, attempts=attempts, reason=failure)
    db.execute(sa.delete(table).where(table.c.number == row.number))
    return True


def _change(db: sa.Connection, number: int, **values: Any) -> None:
    db.execute(sa.update(table).where(table.c.number == number).values(values))


def _row(
    letter: Letter, attempts: int, retry_at: datetime | None, reason: str | None
) -> dict[str, Any]:
    return {
        "stream_seq": letter.seq,
        "id": letter.id,
        "key": letter.key,
        "subject": letter.subject,
        "headers": json.dumps(letter.headers),
        "body": letter.body,
        "attempts": attempts,
        "retry_at": retry_at,
        "reason": reason,
    }
