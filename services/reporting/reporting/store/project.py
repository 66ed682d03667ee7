"""Projects: their titles, their bearers, and the progress reported of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import listed, order_of

from reporting.store.table import (
    count,
    edition_table,
    in_chunks,
    is_same_fact,
    metadata,
    text,
    uuid,
)
from reporting.store.timeline import timeline, timeline_project

project_bearer = sa.Table(
    "project_bearer",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.Uuid, primary_key=True),
)
"""Who carries a project, by opaque ids: tells which messages belong to its time line."""

project_title = sa.Table(
    "project_title",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    *listed(text("title", 300)),
)
"""The public title of a project, as each fact said it; the last one counts."""

project_progressed = edition_table(
    "project_progressed",
    uuid("project_id"),
    text("status", 40),
    count("jobs_min", nullable=True),
    count("jobs_max", nullable=True),
    sa.Column("reported_on", sa.Date, nullable=False),
    of=("project_id", "edition_id"),
)


def load_titles(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The title each project last had."""
    titles = {}
    for some in in_chunks(ids):
        query = sa.select(project_title).where(project_title.c.project_id.in_(some))
        for row in db.execute(query.order_by(project_title.c.seq)):
            titles[row.project_id] = row.title
    return titles


def title_order(project_id: "sa.ColumnElement[Any]") -> "sa.ColumnElement[Any]":
    """What orders the title a project last had; None for a fact about no project."""
    last = sa.select(order_of(project_title.c.title)).order_by(project_title.c.seq.desc()).limit(1)
    return last.where(project_title.c.project_id == project_id).scalar_subquery()


def last_edition_of(db: sa.Connection, project_id: UUID) -> UUID | None:
    """The last edition a fact about this project belongs to; None when no fact is about it."""
    query = (
        sa.select(timeline.c.edition_id)
        .join(timeline_project, is_same_fact(timeline_project, timeline))
        .where(timeline_project.c.project_id == project_id, timeline.c.edition_id.is_not(None))
        .order_by(timeline.c.seq.desc())
        .limit(1)
    )
    edition_id: UUID | None = db.scalar(query)
    return edition_id
