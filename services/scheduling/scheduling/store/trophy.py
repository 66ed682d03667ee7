"""The trophies awarded to projects, shown with the ceremony."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim.text.collation import order_key
from essaim_contracts.candidatures import TrophyAwarded

from scheduling.store.cohort import project
from scheduling.store.columns import identifier, metadata

trophy = sa.Table(
    "trophy",
    metadata,
    identifier("id", key=True),
    identifier("cohort_id", index=True),
    identifier("project_id"),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("awarded_on", sa.Date, nullable=False),
)


class Trophy(NamedTuple):
    """A trophy with the title of its project."""

    title: str
    awarded_on: date
    project: str


def of_cohort(db: sa.Connection, cohort_id: UUID) -> list[Trophy]:
    """By day, then by title."""
    query = (
        sa.select(trophy.c.title, trophy.c.awarded_on, project.c.title)
        .join(project, (project.c.id == trophy.c.project_id) & (project.c.cohort_id == cohort_id))
        .where(trophy.c.cohort_id == cohort_id)
    )
    found = [Trophy(*row) for row in db.execute(query)]
    return sorted(found, key=lambda one: (one.awarded_on, order_key(one.title)))


def save(db: sa.Connection, awarded: TrophyAwarded) -> None:
    columns = {"cohort_id", "project_id", "title", "awarded_on"}
    upsert(db, trophy, [awarded.model_dump(include=columns) | {"id": awarded.trophy_id}])
