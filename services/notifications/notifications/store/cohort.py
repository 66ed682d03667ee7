"""Cohorts and their projects, to be named in texts."""

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert

from notifications.notice import Cohort, Project
from notifications.store.not_heard_of import NotHeardOf
from notifications.store.tables import metadata

project = sa.Table(
    "project",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("bearer_ids", sa.JSON, nullable=False),
)

cohort = sa.Table(
    "cohort",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("label", sa.String(300), nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
)


def save(db: sa.Connection, known: Cohort) -> None:
    upsert(db, cohort, [asdict(known)])


def find(db: sa.Connection, id: UUID) -> Cohort:
    row = db.execute(sa.select(cohort).where(cohort.c.id == id)).one_or_none()
    if row is None:
        raise NotHeardOf("cohort", id)
    return Cohort(**row._mapping)


def save_projects(db: sa.Connection, projects: Iterable[Project]) -> None:
    rows = [
        {"id": known.id, "title": known.title, "bearer_ids": [str(id) for id in known.bearer_ids]}
        for known in projects
    ]
    upsert(db, project, rows)


def find_project(db: sa.Connection, id: UUID) -> Project:
    row = db.execute(sa.select(project).where(project.c.id == id)).one_or_none()
    if row is None:
        raise NotHeardOf("project", id)
    return Project(row.id, row.title, tuple(UUID(bearer_id) for bearer_id in row.bearer_ids))
