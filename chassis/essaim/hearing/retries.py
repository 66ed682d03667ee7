"""Facts a handler failed on: tried again with growing pauses, then dead; their queue waits."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from essaim.hearing.dead import bury
from essaim.hearing.message import Message, storable
from essaim.keeping.tables import waiting as table

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600))
MOST = 500
"""How many facts are tried in one transaction: others wait for it to end."""


def retry_later(db: sa.Connection, message: Message, *, attempts: int, reason: str) -> None:
    """Keep a fact for its next try."""
    retry_at = datetime.now(UTC) + PAUSES[attempts - 1]
    db.execute(sa.insert(table), _row(message, attempts, retry_at, storable(reason, 2000)))


def wait_behind(db: sa.Connection, message: Message) -> None:
    """Keep a fact that comes after a failed one of its queue, untried: order is per queue."""
    db.execute(sa.insert(table), _row(message, 0, None, None))


class Outlook(NamedTuple):
    """Whether facts wait to be tried again, and whether the time of one has come."""

    something_waits: bool
    something_is_due: bool


def outlook(db: sa.Connection) -> Outlook:
    due = sa.select(table.c.number).where(_is_due(datetime.now(UTC)))
    row = db.execute(sa.select(sa.exists(sa.select(table.c.number)), sa.exists(due))).one()
    return Outlook(*map(bool, row))


def count_waiting(db: sa.Connection) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def make_due(db: sa.Connection) -> int:
    """What failed is tried next, whatever its time: its cause may be mended. How many they are."""
    failed = sa.update(table).where(table.c.retry_at.is_not(None))
    return db.execute(failed.values(retry_at=datetime.now(UTC))).rowcount


def retry_due(db: sa.Connection, attempt: Callable[[Message], str | None]) -> None:
    """Try the due facts; when one succeeds or dies, go on with what waits behind it.

    `attempt` handles a message and returns why it failed, or None.
    """
    due = sa.select(table).where(_is_due(datetime.now(UTC))).order_by(table.c.number)
    left = MOST
    for row in db.execute(due.limit(MOST)).all():
        if left < 1:
            return
        if _settle(db, row, attempt):
            left -= _go_on(db, row.queue, attempt, left)
        left -= 1


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    """A time beyond the longest pause is of a clock that went back since."""
    return sa.or_(table.c.retry_at <= now, table.c.retry_at > now + PAUSES[-1])


def _go_on(
    db: sa.Connection, queue: str, attempt: Callable[[Message], str | None], most: int
) -> int:
    """Try what waits of a queue, in order, up to a fact that has a time of its own to wait for.

    Returns how many were tried.
    """
    behind = sa.select(table).where(table.c.queue == queue).order_by(table.c.number)
    done = 0
    for row in db.execute(behind.limit(most + 1)).all():
        if row.retry_at is not None:
            break
        if done == most:
            # The rest follows in the next transaction.
            _change(db, row.number, retry_at=datetime.now(UTC))
            break
        done += 1
        if not _settle(db, row, attempt):
            break
    return done


def _settle(db: sa.Connection, row: Any, attempt: Callable[[Message], str | None]) -> bool:
    """Try one fact: handled or dead, it leaves the queue; else False, and it has a new time."""
    # When it was taken was minutes ago at most, but for a letter that is retried.
    now = time.time_ns()
    headers = json.loads(row.headers)
    message = Message(row.stream_seq, row.subject, headers, row.body, taken_ns=now)
    failure = attempt(message)
    attempts = row.attempts + 1
    if failure is not None and attempts <= len(PAUSES):
        retry_at = datetime.now(UTC) + PAUSES[attempts - 1]
        _change(
            db, row.number, attempts=attempts, reason=storable(failure, 2000), retry_at=retry_at
        )
        return False
    if failure is not None:
        bury(db, message, attempts=attempts, reason=failure)
    db.execute(sa.delete(table).where(table.c.number == row.number))
    return True


def _change(db: sa.Connection, number: int, **values: Any) -> None:
    db.execute(sa.update(table).where(table.c.number == number).values(values))


def _row(
    message: Message, attempts: int, retry_at: datetime | None, reason: str | None
) -> dict[str, Any]:
    return {
        "stream_seq": message.seq,
        "id": message.id,
        "queue": message.queue,
        "subject": storable(message.subject, 300),
        "headers": json.dumps(dict(message.headers)),
        "body": message.body,
        "attempts": attempts,
        "retry_at": retry_at,
        "reason": reason,
    }
