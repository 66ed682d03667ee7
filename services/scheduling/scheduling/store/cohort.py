"""Cohorts, their projects and the bearers of these."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim.keeping.listed import listed, order_of, shown

from scheduling.cohort import Cohort, Project, unknown_cohort, unknown_project
from scheduling.store.columns import code, identifier, metadata

cohort = sa.Table(
    "cohort",
    metadata,
    identifier("id", key=True),
    code("programme"),
    identifier("edition_id", index=True),
    *listed(sa.Column("label", sa.String(300), nullable=False)),
    code("track_code", index=True),
    sa.Column("track_version", sa.Integer),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date),
)

project = sa.Table(
    "project",
    metadata,
    identifier("cohort_id", key=True),
    identifier("id", key=True),
    *listed(sa.Column("title", sa.String(300), nullable=False)),
    code("sector", optional=True),
    sa.Column("department", sa.String(3)),
    sa.Column("joined_on", sa.Date, nullable=False),
    sa.Column("left_on", sa.Date),
    sa.Index("ix_project_id", "id"),
)

bearer = sa.Table(
    "bearer",
    metadata,
    identifier("cohort_id", key=True),
    identifier("project_id", key=True),
    identifier("person_id", key=True),
    sa.Index("bearer_person", "person_id"),
)


def load(db: sa.Connection, cohort_id: UUID, *, lock: bool = False) -> Cohort:
    """A cohort with its projects; `lock` makes others who plan for it wait their turn.

    Raises:
        Refusal: there is none.
    """
    query = sa.select(*shown(cohort)).where(cohort.c.id == cohort_id)
    found = _cohorts(db, query.with_for_update() if lock else query)
    if not found:
        raise unknown_cohort(cohort_id)
    return found[0]


def load_all(db: sa.Connection, edition_id: UUID | None = None) -> list[Cohort]:
    """Every cohort, of one edition if named, the latest first."""
    query = sa.select(*shown(cohort)).order_by(cohort.c.starts_on.desc(), order_of(cohort.c.label))
    if edition_id is not None:
        query = query.where(cohort.c.edition_id == edition_id)
    return _cohorts(db, query)


def waiting_for_track(
    db: sa.Connection, code: str | None = None, *, lock: bool = False
) -> list[Cohort]:
    """The cohorts whose track was not known when they were formed."""
    query = sa.select(*shown(cohort)).where(cohort.c.track_version.is_(None)).order_by(cohort.c.id)
    if code is not None:
        query = query.where(cohort.c.track_code == code)
    return _cohorts(db, query.with_for_update() if lock else query)


def programmes_with_track(db: sa.Connection, code: str) -> set[str]:
    """The programmes whose cohorts go through a track, or wait for it."""
    return set(db.scalars(sa.select(cohort.c.programme).where(cohort.c.track_code == code)))


def save(db: sa.Connection, new: Cohort) -> None:
    values = asdict(new)
    del values["projects"]
    db.execute(sa.insert(cohort), values)
    for one in new.projects:
        save_project(db, one)


def bind_track(db: sa.Connection, cohort_id: UUID, version: int, last_day: date | None) -> None:
    values = {"track_version": version, "last_day": last_day}
    db.execute(sa.update(cohort).where(cohort.c.id == cohort_id).values(values))


def load_project(db: sa.Connection, project_id: UUID) -> Project:
    """A project as it is in its present cohort, else in its last one.

    Raises:
        Refusal: it is in no cohort.
    """
    query = sa.select(*shown(project)).where(project.c.id == project_id)
    here_first = query.order_by(project.c.left_on.is_not(None), project.c.joined_on.desc())
    found = _projects(db, here_first.limit(1))
    if not found:
        raise unknown_project(project_id)
    return found[0]


def titles_of(db: sa.Connection, project_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The title of each of these projects."""
    query = sa.select(project.c.id, project.c.title).where(project.c.id.in_(list(project_ids)))
    return {row.id: row.title for row in db.execute(query)}


def lock_of_project(db: sa.Connection, project_id: UUID) -> tuple[Project, Cohort]:
    """A project and its present cohort; others who change something for that cohort wait.

    Raises:
        Refusal: the project is in no cohort.
    """
    found = load_project(db, project_id)
    return found, load(db, found.cohort_id, lock=True)


def projects_borne_by(db: sa.Connection, person_id: UUID) -> list[Project]:
    mine = sa.select(bearer.c.project_id).where(bearer.c.person_id == person_id)
    return _projects(db, sa.select(*shown(project)).where(project.c.id.in_(mine)))


def project_titles(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, str]:
    """What projects are called, by id."""
    query = sa.select(project.c.id, project.c.title).where(project.c.id.in_(set(ids)))
    return {row.id: row.title for row in db.execute(query)}


def save_project(db: sa.Connection, one: Project) -> None:
    values = asdict(one)
    bearers = values.pop("bearer_ids")
    upsert(db, project, [values])
    here = (bearer.c.cohort_id == one.cohort_id) & (bearer.c.project_id == one.id)
    db.execute(sa.delete(bearer).where(here))
    rows = [{"cohort_id": one.cohort_id, "project_id": one.id, "person_id": id} for id in bearers]
    upsert(db, bearer, rows)


def let_project_go(db: sa.Connection, cohort_id: UUID, project_id: UUID, left_on: date) -> None:
    here = (project.c.cohort_id == cohort_id) & (project.c.id == project_id)
    db.execute(sa.update(project).where(here).values(left_on=left_on))


def forget_bearer(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(bearer).where(bearer.c.person_id == person_id))


def _cohorts(db: sa.Connection, query: sa.Select[Any]) -> list[Cohort]:
    rows = db.execute(query).all()
    inside: dict[UUID, list[Project]] = {row.id: [] for row in rows}
    ordered = (
        sa.select(*shown(project))
        .where(project.c.cohort_id.in_(inside))
        .order_by(order_of(project.c.title), project.c.id)
    )
    for one in _projects(db, ordered):
        inside[one.cohort_id].append(one)
    return [Cohort(**row._mapping, projects=tuple(inside[row.id])) for row in rows]


def _projects(db: sa.Connection, query: sa.Select[Any]) -> list[Project]:
    rows = db.execute(query).all()
    bearers: dict[tuple[UUID, UUID], list[UUID]] = {}
    here = sa.select(bearer).where(bearer.c.cohort_id.in_({row.cohort_id for row in rows}))
    for row in db.execute(here.order_by(bearer.c.person_id)):
        bearers.setdefault((row.cohort_id, row.project_id), []).append(row.person_id)
    return [
        Project(**row._mapping, bearer_ids=tuple(bearers.get((row.cohort_id, row.id), ())))
        for row in rows
    ]
