"""Who took over from whom, and whether the others were told."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant

from candidatures.contact import Replacement
from candidatures.store.metadata import metadata

contact_replacement = sa.Table(
    "contact_replacement",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False, index=True),
    sa.Column("person_id", sa.Uuid, nullable=False),
    sa.Column("replaced_by_id", sa.Uuid, nullable=False),
    sa.Column("organisation_id", sa.Uuid),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("asked_by", sa.Uuid),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("told_at", Instant),
)


def add(db: sa.Connection, asked: Replacement) -> None:
    db.execute(sa.insert(contact_replacement).values(vars(asked)))


def of_programme(db: sa.Connection, slug: str) -> list[Replacement]:
    """The last one first."""
    query = _all().where(contact_replacement.c.programme == slug)
    rows = db.execute(query.order_by(contact_replacement.c.asked_at.desc()))
    return [_replacement(row) for row in rows]


def due(db: sa.Connection, today: date) -> list[Replacement]:
    """Those whose first day has come, and of which nobody was told."""
    is_due = sa.and_(
        contact_replacement.c.told_at.is_(None), contact_replacement.c.from_on <= today
    )
    rows = db.execute(_all().where(is_due).order_by(contact_replacement.c.asked_at))
    return [_replacement(row) for row in rows]


def mark_told(db: sa.Connection, id: UUID, at: datetime) -> None:
    mine = contact_replacement.c.id == id
    db.execute(sa.update(contact_replacement).where(mine).values(told_at=at))


def _all() -> sa.Select[Any]:
    return sa.select(*(contact_replacement.c[one.name] for one in fields(Replacement)))


def _replacement(row: Any) -> Replacement:
    return Replacement(**row._mapping)
