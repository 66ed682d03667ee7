"""Which letters somebody does not want."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert

from notifications.store.tables import metadata

preference = sa.Table(
    "switched_off",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("category", sa.String(40), primary_key=True),
    sa.Column("since", Instant, nullable=False),
)


def off(db: sa.Connection, person_id: UUID) -> set[str]:
    """The categories she does not want."""
    query = sa.select(preference.c.category).where(preference.c.person_id == person_id)
    return set(db.scalars(query))


def is_off(db: sa.Connection, person_id: UUID, category: str) -> bool:
    return category in off(db, person_id)


def switched_off(db: sa.Connection, category: str) -> frozenset[UUID]:
    """Everybody who does not want a category."""
    query = sa.select(preference.c.person_id).where(preference.c.category == category)
    return frozenset(db.scalars(query))


def switch_off(db: sa.Connection, person_id: UUID, category: str, at: datetime) -> None:
    row = {"person_id": person_id, "category": category, "since": at}
    db.execute(insert(db, preference).values(row).on_conflict_do_nothing())


def switch_on(db: sa.Connection, person_id: UUID, category: str) -> None:
    mine = (preference.c.person_id == person_id) & (preference.c.category == category)
    db.execute(sa.delete(preference).where(mine))


def forget_person(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(preference).where(preference.c.person_id == person_id))
