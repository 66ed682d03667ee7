"""Projects, and what scheduling says of them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim.keeping.listed import listed, order_of, with_keys
from essaim_contracts.candidatures import ApplicationReceived, Decision
from essaim_contracts.correspondence import ApplicationCorrected
from essaim_contracts.scheduling import ProjectProgressed, SessionHeld

from candidatures.application import ApplicationState, OwnApplication
from candidatures.cohort import LeaveReason, Left
from candidatures.project import (
    HeldSession,
    Progress,
    Project,
    ProjectLife,
    unknown_project,
)
from candidatures.store.application import application
from candidatures.store.call import call
from candidatures.store.cohort import cohort_project
from candidatures.store.committee import decision
from candidatures.store.metadata import metadata
from candidatures.store.programme import edition

project = sa.Table(
    "project",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
    *listed(sa.Column("title", sa.String(300), nullable=False)),
    sa.Column("sector", sa.String(60)),
    sa.Column("department", sa.String(3)),
    sa.Column("jobs_min", sa.Integer),
    sa.Column("jobs_max", sa.Integer),
    sa.Column("bearer_ids", sa.JSON, nullable=False),
    # A search reads all titles: from here alone.
    sa.Index("project_found", "title_search", "id"),
    sa.Index("project_in_order", "title_order", "id"),
)

# What scheduling says of our projects, for their page.
progress = sa.Table(
    "project_progress",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("status", sa.String(40), nullable=False),
    sa.Column("legal_form", sa.String(60)),
    sa.Column("expected_on", sa.Date),
    sa.Column("jobs_min", sa.Integer),
    sa.Column("jobs_max", sa.Integer),
    sa.Column("reported_on", sa.Date, nullable=False),
)

held_session = sa.Table(
    "held_session",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
)


def _projects() -> sa.Select[Any]:
    sent = sa.and_(
        application.c.project_id == project.c.id,
        application.c.state != ApplicationState.DRAFT.value,
    )
    inside = sa.and_(
        cohort_project.c.project_id == project.c.id, cohort_project.c.left_on.is_(None)
    )
    return sa.select(
        project,
        application.c.id.label("application_id"),
        application.c.state.label("application_state"),
        decision.c.applied_decision,
        cohort_project.c.cohort_id,
    ).select_from(
        project.outerjoin(application, sent)
        .outerjoin(decision, decision.c.application_id == application.c.id)
        .outerjoin(cohort_project, inside)
    )


def _project(row: Any) -> Project:
    return Project(
        id=row.id,
        title=row.title,
        bearer_ids=tuple(UUID(bearer) for bearer in row.bearer_ids),
        application_id=row.application_id,
        selected=row.application_state == ApplicationState.RECEIVED.value
        and row.applied_decision == Decision.SELECTED.value,
        sector=row.sector,
        department=row.department,
        jobs_min=row.jobs_min,
        jobs_max=row.jobs_max,
        cohort_id=row.cohort_id,
    )


def find(db: sa.Connection, project_id: UUID) -> Project | None:
    row = db.execute(_projects().where(project.c.id == project_id)).one_or_none()
    return _project(row) if row else None


def get(db: sa.Connection, project_id: UUID) -> Project:
    """
    Raises:
        Refusal: (404) there is no such project.
    """
    found = find(db, project_id)
    if found is None:
        raise unknown_project()
    return found


def selected_in(db: sa.Connection, call_id: UUID) -> list[Project]:
    """The projects selected in a call, in the order of their receipt numbers."""
    query = (
        _projects().where(application.c.call_id == call_id).order_by(order_of(application.c.number))
    )
    return [found for row in db.execute(query) if (found := _project(row)).selected]


def of_cohort(db: sa.Connection, cohort_id: UUID) -> list[Project]:
    """The projects in a cohort now, by title."""
    members = sa.select(cohort_project.c.project_id).where(
        cohort_project.c.cohort_id == cohort_id, cohort_project.c.left_on.is_(None)
    )
    query = (
        _projects()
        .where(project.c.id.in_(members))
        .order_by(order_of(project.c.title), project.c.id)
    )
    return [_project(row) for row in db.execute(query)]


def left(db: sa.Connection, cohort_id: UUID) -> list[Left]:
    """The projects that left a cohort, the last one first."""
    query = (
        sa.select(
            project.c.id, project.c.title, cohort_project.c.left_on, cohort_project.c.left_reason
        )
        .join(cohort_project, cohort_project.c.project_id == project.c.id)
        .where(cohort_project.c.cohort_id == cohort_id, cohort_project.c.left_on.is_not(None))
        .order_by(cohort_project.c.left_on.desc(), project.c.id)
    )
    return [
        Left(row.id, row.title, row.left_on, row.left_reason and LeaveReason(row.left_reason))
        for row in db.execute(query)
    ]


def borne_by(db: sa.Connection, person_id: UUID) -> list[Project]:
    """The projects of cohorts that she bears now, by title."""
    inside = sa.select(cohort_project.c.project_id).where(cohort_project.c.left_on.is_(None))
    # Bearers are a JSON text, in which an id is found as it is written there.
    hers = sa.cast(project.c.bearer_ids, sa.String).contains(str(person_id))
    query = _projects().where(hers, project.c.id.in_(inside))
    return [_project(row) for row in db.execute(query.order_by(order_of(project.c.title)))]


def applications_of(db: sa.Connection, ids: Collection[UUID]) -> list[OwnApplication]:
    """The applications that these persons sent, the newest first."""
    query = (
        sa.select(
            application.c.id,
            application.c.number,
            application.c.state,
            application.c.received_at,
            project.c.title.label("project"),
            call.c.slug,
            application.c.bearer_id,
            application.c.decision,
        )
        .select_from(
            application.join(call, call.c.id == application.c.call_id).join(
                project, project.c.id == application.c.project_id
            )
        )
        .where(application.c.bearer_id.in_(ids))
        .order_by(application.c.received_at.desc())
    )
    return [OwnApplication(**row._mapping) for row in db.execute(query)]


def edition_of(db: sa.Connection, project_id: UUID) -> UUID:
    query = sa.select(project.c.edition_id).where(project.c.id == project_id)
    edition_id: UUID = db.scalars(query).one()
    return edition_id


def programme_of(db: sa.Connection, project_id: UUID) -> str:
    """The programme's slug; of a project nobody knows, none."""
    query = (
        sa.select(edition.c.programme)
        .join(project, project.c.edition_id == edition.c.id)
        .where(project.c.id == project_id)
    )
    return db.scalars(query).one_or_none() or ""


def lock(db: sa.Connection, project_id: UUID) -> None:
    """Nobody else hands in a file of this project until we commit."""
    db.execute(sa.select(project.c.id).where(project.c.id == project_id).with_for_update())


def life_of(db: sa.Connection, project_id: UUID) -> ProjectLife:
    told = sa.select(progress.c.status, progress.c.jobs_min, progress.c.jobs_max)
    row = db.execute(told.where(progress.c.project_id == project_id)).one_or_none()
    held = sa.select(held_session.c.kind, held_session.c.held_on, held_session.c.minutes)
    query = held.where(held_session.c.project_id == project_id).order_by(held_session.c.held_on)
    return ProjectLife(
        progress=Progress(**row._mapping) if row else None,
        sessions=[HeldSession(**session._mapping) for session in db.execute(query)],
    )


def save_received(db: sa.Connection, received: ApplicationReceived) -> None:
    """Save the project that an application brings."""
    row = {
        "id": received.project_id,
        "edition_id": received.edition_id,
        "title": received.project_title,
        "sector": received.sector,
        "department": received.department,
        "jobs_min": received.jobs_min,
        "jobs_max": received.jobs_max,
        "bearer_ids": [str(received.bearer_id)],
    }
    upsert(db, project, [row])


def save_corrected(db: sa.Connection, corrected: ApplicationCorrected) -> None:
    row = {
        "title": corrected.project_title,
        "sector": corrected.sector,
        "department": corrected.department,
        "jobs_min": corrected.jobs_min,
        "jobs_max": corrected.jobs_max,
    }
    mine = sa.update(project).where(project.c.id == corrected.project_id)
    db.execute(mine.values(with_keys(project, row)))


def save_bearer(db: sa.Connection, project_id: UUID, bearer_id: UUID) -> None:
    borne = sa.update(project).where(project.c.id == project_id)
    db.execute(borne.values(bearer_ids=[str(bearer_id)]))


def save_title(db: sa.Connection, project_id: UUID, title: str) -> None:
    db.execute(
        sa.update(project)
        .where(project.c.id == project_id)
        .values(with_keys(project, {"title": title}))
    )


def save_progress(db: sa.Connection, reported: ProjectProgressed) -> None:
    row = reported.model_dump(mode="python", include={column.name for column in progress.columns})
    upsert(db, progress, [row | {"status": reported.status.value}])


def save_held_session(db: sa.Connection, held: SessionHeld) -> None:
    rows = [
        {
            "project_id": project_id,
            "session_id": held.session_id,
            "kind": held.kind.value,
            "held_on": held.held_on,
            "minutes": held.minutes,
        }
        for project_id in held.project_ids
    ]
    upsert(db, held_session, rows)
