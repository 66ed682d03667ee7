"""Exchanges between projects and those who accompany them."""

from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa

from scheduling.exchange import Exchange
from scheduling.store.columns import identifier, metadata

exchange = sa.Table(
    "exchange",
    metadata,
    identifier("id", key=True),
    identifier("project_id", index=True),
    identifier("noted_by", index=True, optional=True),
    sa.Column("happened_on", sa.Date, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)


def of_project(db: sa.Connection, project_id: UUID) -> list[Exchange]:
    """The exchanges of a project, the latest first."""
    query = sa.select(exchange).where(exchange.c.project_id == project_id)
    rows = db.execute(query.order_by(exchange.c.happened_on.desc(), exchange.c.id.desc()))
    return [Exchange(**row._mapping) for row in rows]


def save(db: sa.Connection, one: Exchange) -> None:
    db.execute(sa.insert(exchange), asdict(one))


def forget_person(db: sa.Connection, person_id: UUID) -> None:
    """Her own words go with her."""
    db.execute(sa.delete(exchange).where(exchange.c.noted_by == person_id))
