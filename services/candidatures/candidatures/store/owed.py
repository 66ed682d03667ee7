"""What projects of cohorts owe, and where each file stands: awaited, read, to correct, accepted."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import order_of
from essaim_contracts.candidatures import DeliverableKind
from essaim_contracts.cohort import FileVerdict
from essaim_contracts.scheduling import ProjectStatus

from candidatures.deliverable import Deliverable
from candidatures.deliverable_review import FileState, OwedFile, Standing
from candidatures.form import Choice, Text
from candidatures.store.cohort import cohort_project
from candidatures.store.deliverable import deliverable, handed_in
from candidatures.store.deliverable_review import deliverable_reminder, deliverable_review
from candidatures.store.programme import edition
from candidatures.store.project import progress, project

# The last version of a file: of no other there is a newer one. Likewise the last review.
_newer, _read_later = handed_in.alias("newer"), deliverable_review.alias("read_later")
_KEYS = ("project_id", "edition_id", "kind")


def _same(one: sa.FromClause, other: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.and_(*(one.c[key] == other.c[key] for key in _KEYS))


def _of(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """A row of a table about a file is of this project's."""
    return sa.and_(
        table.c.project_id == project.c.id,
        table.c.edition_id == deliverable.c.edition_id,
        table.c.kind == deliverable.c.kind,
    )


def _last(table: sa.Table, later: sa.FromClause) -> sa.ColumnElement[bool]:
    newer = sa.and_(_same(later, table), later.c.version > table.c.version)
    return sa.and_(_of(table), ~sa.exists().where(newer))


_READ = deliverable_review.c.version == handed_in.c.version
LATE = "late"

state = sa.case(
    (handed_in.c.version.is_(None), FileState.AWAITED.value),
    (sa.or_(deliverable_review.c.version.is_(None), ~_READ), FileState.TO_REVIEW.value),
    (deliverable_review.c.verdict == FileVerdict.ACCEPTED.value, FileState.ACCEPTED.value),
    else_=FileState.TO_CORRECT.value,
)
"""Where a file stands."""

act_by = sa.case(
    (state == FileState.AWAITED.value, deliverable.c.due_on),
    (state == FileState.TO_CORRECT.value, deliverable_review.c.correct_by),
)
"""The last day for those who carry the project to act; none while they do not hold the pen."""


def is_late(today: date) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(act_by < today, sa.false())


def lateness(today: date) -> sa.ColumnElement[str]:
    return sa.case((is_late(today), LATE), else_="in-time")


def files(today: date) -> sa.Select[Any]:
    """What each project that is in a cohort owes, and where it stands."""
    return (
        sa.select(
            project.c.id.label("project_id"),
            project.c.title.label("project"),
            project.c.bearer_ids,
            cohort_project.c.cohort_id,
            deliverable.c.edition_id,
            deliverable.c.kind,
            deliverable.c.label,
            deliverable.c.due_on,
            deliverable.c.sections,
            edition.c.programme,
            handed_in.c.version,
            handed_in.c.handed_in_at,
            state.label("state"),
            act_by.label("act_by"),
            lateness(today).label("late"),
            deliverable_reminder.c.due_on.label("reminded_for"),
            deliverable_reminder.c.reminded_at,
        )
        .select_from(
            cohort_project.join(project, project.c.id == cohort_project.c.project_id)
            .join(deliverable, deliverable.c.edition_id == project.c.edition_id)
            .join(edition, edition.c.id == deliverable.c.edition_id)
            .outerjoin(handed_in, _last(handed_in, _newer))
            .outerjoin(deliverable_review, _last(deliverable_review, _read_later))
            .outerjoin(deliverable_reminder, _of(deliverable_reminder))
        )
        .where(cohort_project.c.left_on.is_(None))
    )


def of(db: sa.Connection, which: sa.ColumnElement[bool], today: date) -> list[OwedFile]:
    """What these projects owe, by day."""
    query = files(today).where(which)
    order = (deliverable.c.due_on, order_of(project.c.title), project.c.id)
    return [owed_file(row) for row in db.execute(query.order_by(*order))]


def owed_file(row: Any) -> OwedFile:
    """A row of `files`."""
    return OwedFile(
        project_id=row.project_id,
        project=row.project,
        cohort_id=row.cohort_id,
        deliverable=Deliverable(
            edition_id=row.edition_id,
            programme=row.programme,
            kind=DeliverableKind(row.kind),
            label=Text(**row.label),
            due_on=row.due_on,
            sections=tuple(Choice.model_validate(one) for one in row.sections),
        ),
        version=row.version,
        handed_in_at=row.handed_in_at,
        standing=Standing(FileState(row.state), row.act_by, row.late == LATE),
        reminded_for=row.reminded_for,
        reminded_at=row.reminded_at,
    )


def by_bearer(db: sa.Connection, person_id: UUID, today: date) -> list[OwedFile]:
    """What the projects she bears owe."""
    # Bearers are a JSON text, in which an id is found as it is written there.
    return of(db, sa.cast(project.c.bearer_ids, sa.String).contains(str(person_id)), today)


def of_project(db: sa.Connection, project_id: UUID, today: date) -> list[OwedFile]:
    return of(db, project.c.id == project_id, today)


def of_cohorts(db: sa.Connection, cohort_ids: list[UUID], today: date) -> list[OwedFile]:
    return of(db, cohort_project.c.cohort_id.in_(cohort_ids), today)


def to_read(db: sa.Connection, today: date) -> dict[UUID, int]:
    """How many files of each cohort wait to be read."""
    found = files(today).where(state == FileState.TO_REVIEW.value).subquery()
    query = sa.select(found.c.cohort_id, sa.func.count()).group_by(found.c.cohort_id)
    return {row[0]: row[1] for row in db.execute(query)}


def late_since(db: sa.Connection, day: date, today: date) -> list[OwedFile]:
    """The files that are late, and were due on this day or after it; not of who stopped."""
    stopped = (ProjectStatus.HALTED.value, ProjectStatus.ABANDONED.value)
    has_stopped = sa.exists().where(
        progress.c.project_id == project.c.id, progress.c.status.in_(stopped)
    )
    return of(db, sa.and_(is_late(today), act_by >= day, ~has_stopped), today)
