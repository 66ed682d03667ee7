"""What projects of cohorts owe and have not handed in."""

from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import order_of

from candidatures.deliverable import Owed
from candidatures.form import Text
from candidatures.store.cohort import cohort_project
from candidatures.store.deliverable import deliverable, handed_in
from candidatures.store.project import project


def of(db: sa.Connection, which: sa.ColumnElement[bool]) -> list[Owed]:
    """What projects that are in a cohort owe and have not handed in, by day."""
    mine = sa.and_(
        handed_in.c.project_id == project.c.id,
        handed_in.c.edition_id == deliverable.c.edition_id,
        handed_in.c.kind == deliverable.c.kind,
    )
    query = (
        sa.select(
            project.c.id, project.c.title,
            deliverable.c.kind, deliverable.c.label, deliverable.c.due_on,
        )
        .select_from(
            cohort_project.join(project, project.c.id == cohort_project.c.project_id).join(
                deliverable, deliverable.c.edition_id == project.c.edition_id
            )
        )
        .where(which, cohort_project.c.left_on.is_(None), ~sa.exists().where(mine))
        .order_by(deliverable.c.due_on, order_of(project.c.title), project.c.id)
    )  # fmt: skip
    return [
        Owed(row.id, row.title, row.kind, Text(**row.label), row.due_on)
        for row in db.execute(query)
    ]


def by_bearer(db: sa.Connection, person_id: UUID) -> list[Owed]:
    """What the projects she bears owe."""
    # Bearers are a JSON text, in which an id is found as it is written there.
    return of(db, sa.cast(project.c.bearer_ids, sa.String).contains(str(person_id)))
