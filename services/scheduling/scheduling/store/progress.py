"""The reports on projects; every one is kept."""

from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim_contracts.scheduling import ProjectStatus

from scheduling.cohort import Project
from scheduling.progress import Progress
from scheduling.store.columns import code, identifier, metadata

progress = sa.Table(
    "progress",
    metadata,
    identifier("id", key=True),
    identifier("project_id", index=True),
    identifier("cohort_id"),
    code("status", ProjectStatus),
    code("legal_form", optional=True),
    sa.Column("expected_on", sa.Date),
    sa.Column("jobs_min", sa.Integer),
    sa.Column("jobs_max", sa.Integer),
    sa.Column("reported_on", sa.Date, nullable=False),
    identifier("reported_by", optional=True),
)


def of_project(db: sa.Connection, project_id: UUID) -> list[Progress]:
    """Every report on a project, the latest first."""
    query = sa.select(
        progress.c.status,
        progress.c.reported_on,
        progress.c.legal_form,
        progress.c.expected_on,
        progress.c.jobs_min,
        progress.c.jobs_max,
    ).where(progress.c.project_id == project_id)
    rows = db.execute(query.order_by(progress.c.reported_on.desc(), progress.c.id.desc()))
    return [Progress(**row._mapping) for row in rows]


def save(db: sa.Connection, of: Project, one: Progress, by: UUID | None) -> None:
    row = asdict(one) | {"id": new_id(), "project_id": of.id, "cohort_id": of.cohort_id}
    db.execute(sa.insert(progress), row | {"reported_by": by})
