"""The public names of organisations."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert

from notifications.store.tables import metadata

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(300), nullable=False),
)


def save(db: sa.Connection, id: UUID, name: str) -> None:
    upsert(db, organisation, [{"id": id, "name": name}])


def names(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Experts who act alone have no public name and are absent."""
    query = sa.select(organisation).where(organisation.c.id.in_(set(ids)))
    return {row.id: row.name for row in db.execute(query)}
