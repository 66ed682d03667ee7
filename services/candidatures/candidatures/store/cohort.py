"""Cohorts, and which projects went through them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim_contracts.candidatures import CohortChanged, CohortFormed

from candidatures.cohort import Cohort, LeaveReason, unknown_cohort
from candidatures.store.metadata import metadata
from candidatures.store.programme import edition

cohort = sa.Table(
    "cohort",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False),
    sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
    sa.Column("label", sa.String(300), nullable=False),
    sa.Column("track_code", sa.String(60), nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    # Which of its edition, and how many projects it takes.
    sa.Column("number", sa.Integer),
    sa.Column("places", sa.Integer),
)

cohort_project = sa.Table(
    "cohort_project",
    metadata,
    sa.Column("cohort_id", sa.Uuid, primary_key=True),
    sa.Column("project_id", sa.Uuid, primary_key=True, index=True),
    sa.Column("joined_on", sa.Date, nullable=False),
    sa.Column("left_on", sa.Date),
    sa.Column("left_reason", sa.String(20)),
)


def _cohorts() -> sa.Select[Any]:
    return sa.select(cohort, edition.c.programme).join(edition, edition.c.id == cohort.c.edition_id)


def _cohort(row: Any) -> Cohort:
    return Cohort(
        id=row.id,
        call_id=row.call_id,
        edition_id=row.edition_id,
        programme=row.programme,
        label=row.label,
        track_code=row.track_code,
        starts_on=row.starts_on,
        number=row.number,
        places=row.places,
    )


def find(db: sa.Connection, cohort_id: UUID) -> Cohort | None:
    row = db.execute(_cohorts().where(cohort.c.id == cohort_id)).one_or_none()
    return _cohort(row) if row else None


def get(db: sa.Connection, cohort_id: UUID) -> Cohort:
    """
    Raises:
        Refusal: (404) there is no such cohort.
    """
    found = find(db, cohort_id)
    if found is None:
        raise unknown_cohort()
    return found


def of_edition(db: sa.Connection, edition_id: UUID) -> list[Cohort]:
    """The cohorts of an edition, the first one first."""
    query = _cohorts().where(cohort.c.edition_id == edition_id)
    return [_cohort(row) for row in db.execute(query.order_by(cohort.c.number, cohort.c.id))]


def of_project(db: sa.Connection, project_id: UUID) -> Cohort | None:
    """The cohort that a project is in now."""
    inside = sa.and_(
        cohort_project.c.cohort_id == cohort.c.id,
        cohort_project.c.project_id == project_id,
        cohort_project.c.left_on.is_(None),
    )
    row = db.execute(_cohorts().where(sa.exists().where(inside))).first()
    return _cohort(row) if row else None


def every(db: sa.Connection) -> list[Cohort]:
    return [_cohort(row) for row in db.execute(_cohorts().order_by(cohort.c.starts_on.desc()))]


def count_projects(db: sa.Connection) -> dict[UUID, int]:
    """How many projects each cohort has now."""
    query = sa.select(cohort_project.c.cohort_id, sa.func.count()).where(
        cohort_project.c.left_on.is_(None)
    )
    return {row[0]: row[1] for row in db.execute(query.group_by(cohort_project.c.cohort_id))}


def accompanied(db: sa.Connection) -> dict[str, int]:
    """How many projects were ever in the cohorts of each programme."""
    query = (
        sa.select(edition.c.programme, sa.func.count(sa.distinct(cohort_project.c.project_id)))
        .join(cohort, cohort.c.id == cohort_project.c.cohort_id)
        .join(edition, edition.c.id == cohort.c.edition_id)
    )
    return {row[0]: row[1] for row in db.execute(query.group_by(edition.c.programme))}


def add(db: sa.Connection, formed: CohortFormed) -> None:
    db.execute(
        sa.insert(cohort),
        {
            "id": formed.cohort_id,
            "call_id": formed.call_id,
            "edition_id": formed.edition_id,
            "label": formed.label,
            "track_code": formed.track_code,
            "starts_on": formed.starts_on,
            "number": formed.number,
            "places": formed.places,
        },
    )
    rows = [
        {
            "cohort_id": formed.cohort_id,
            "project_id": member.project_id,
            "joined_on": formed.starts_on,
            "left_on": None,
            "left_reason": None,
        }
        for member in formed.projects
    ]
    upsert(db, cohort_project, rows)


def save_change(
    db: sa.Connection, changed: CohortChanged, reason: LeaveReason | None = None
) -> None:
    mine = {"cohort_id": changed.cohort_id, "project_id": changed.project.project_id}
    if changed.change == "joined":
        upsert(
            db,
            cohort_project,
            [mine | {"joined_on": changed.effective_on, "left_on": None, "left_reason": None}],
        )
        return
    db.execute(
        sa.update(cohort_project)
        .where(*(cohort_project.c[name] == value for name, value in mine.items()))
        .values(left_on=changed.effective_on, left_reason=reason.value if reason else None)
    )
