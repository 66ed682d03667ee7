"""Calendar feeds."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.keeping.database import Instant

from scheduling.feed import Feed
from scheduling.store.columns import identifier, metadata

feed = sa.Table(
    "feed",
    metadata,
    identifier("id", key=True),
    identifier("owner_id", index=True),
    identifier("cohort_id", optional=True),
    sa.Column("created_at", Instant, nullable=False),
)


def find(db: sa.Connection, feed_id: UUID) -> Feed | None:
    row = db.execute(sa.select(feed).where(feed.c.id == feed_id)).one_or_none()
    return Feed(**row._mapping) if row else None


def of_owner(db: sa.Connection, owner_id: UUID) -> list[Feed]:
    query = sa.select(feed).where(feed.c.owner_id == owner_id)
    return [Feed(**row._mapping) for row in db.execute(query.order_by(feed.c.created_at))]


def save(db: sa.Connection, owner_id: UUID, cohort_id: UUID | None, now: datetime) -> UUID:
    """A new feed; its id."""
    id = new_id()
    row = {"id": id, "owner_id": owner_id, "cohort_id": cohort_id, "created_at": now}
    db.execute(sa.insert(feed), row)
    return id


def revoke(db: sa.Connection, feed_id: UUID, owner_id: UUID) -> bool:
    """Whether there was one of hers to revoke."""
    gone = sa.delete(feed).where(feed.c.id == feed_id, feed.c.owner_id == owner_id)
    return db.execute(gone).rowcount > 0


def forget_owner(db: sa.Connection, owner_id: UUID) -> None:
    db.execute(sa.delete(feed).where(feed.c.owner_id == owner_id))
