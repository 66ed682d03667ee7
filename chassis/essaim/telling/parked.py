"""Facts the server refused for good: held back with their key until an operator decides."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from essaim.keeping.database import Database
from essaim.keeping.tables import outbox as table


@dataclass(frozen=True)
class ParkedFact:
    """A fact held back: `position` is its place in the outbox."""

    position: int
    subject: str
    told_at: datetime
    reason: str


def park(database: Database, position: int, reason: str) -> None:
    """Hold a fact back for good, until an operator retries or discards it."""
    with database.write() as db:
        db.execute(
            sa.update(table).where(table.c.position == position).values(parked_because=reason)
        )


def list_parked(db: sa.Connection) -> list[ParkedFact]:
    """Facts held back for good, oldest first; what comes after them of their key waits."""
    columns = (table.c.position, table.c.subject, table.c.told_at, table.c.parked_because)
    query = sa.select(*columns).where(
        table.c.parked_because.is_not(None), table.c.published_at.is_(None)
    )
    return [ParkedFact(*row) for row in db.execute(query.order_by(table.c.position))]


def unpark(db: sa.Connection, position: int) -> bool:
    """Let the relay try a parked fact again; False when there is none at this position."""
    return _change(db, position, {"parked_because": None})


def discard(db: sa.Connection, position: int) -> bool:
    """Give a parked fact up: it stays in the journal, unpublished, and frees its key."""
    return _change(db, position, {"published_at": datetime.now(UTC)})


def _change(db: sa.Connection, position: int, values: dict[str, Any]) -> bool:
    statement = sa.update(table).where(
        table.c.position == position,
        table.c.parked_because.is_not(None),
        table.c.published_at.is_(None),
    )
    return db.execute(statement.values(values)).rowcount == 1
