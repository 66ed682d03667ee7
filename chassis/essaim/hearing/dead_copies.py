"""Copies of dead letters in the consortium's stream of them, for operators to see."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog

from essaim.keeping.database import Database
from essaim.keeping.tables import dead as table
from essaim.telling.outbox import Pending
from essaim.telling.publisher import Publisher, PublishRefused
from essaim.threads import in_thread

log = structlog.get_logger()

_ATTRIBUTE = re.compile("ce-[a-z]{1,20}|content-type")


async def copy_new(database: Database, service: str, publisher: Publisher) -> bool:
    """Send copies of those that died since; says whether there were any.

    Raises:
        StreamUnavailable: not now; the rest is copied another time.
    """
    rows = await in_thread(_not_copied, database)
    for row in rows:
        await _copy(service, row, publisher)
        await in_thread(_mark_copied, database, row.number)
    return bool(rows)


async def _copy(service: str, row: Any, publisher: Publisher) -> None:
    """Send the copy of one dead letter; without its body when that is too large."""
    headers = _attributes(json.loads(row.headers)) | {
        "Nats-Msg-Id": f"{service}-{row.number}-{row.id}",
        "essaim-dead-reason": " ".join(row.reason.split())[:500],
        "essaim-dead-attempts": str(row.attempts),
        "essaim-dead-stream-seq": str(row.stream_seq),
        "essaim-dead-subject": row.subject,
    }
    subject = f"essaim-dead.{service}.{row.stream_seq}"
    for body in (row.body, b""):
        try:
            await publisher.publish(Pending(0, row.id, row.key, subject, headers, body), headers)
            return
        except PublishRefused as refusal:
            reason = str(refusal)
    # The letter itself is in the database; its copy must not hold up the next ones.
    log.error("dead letter not copied", number=row.number, reason=reason)


def _attributes(headers: dict[str, str]) -> dict[str, str]:
    """What describes a fact among a stranger's headers; the server would obey some others."""
    return {
        name: value
        for name, value in headers.items()
        if _ATTRIBUTE.fullmatch(name) and len(value) <= 1000
    }


def _not_copied(database: Database) -> list[Any]:
    query = sa.select(table).where(table.c.shown_at.is_(None)).order_by(table.c.number).limit(50)
    with database.read() as db:
        return list(db.execute(query))


def _mark_copied(database: Database, number: int) -> None:
    with database.write() as db:
        db.execute(
            sa.update(table).where(table.c.number == number).values(shown_at=datetime.now(UTC))
        )
