"""Sessions as their participants were told of them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert
from essaim.observing.tracing import Origin

from notifications.message import Template
from notifications.session import FIRST_REMINDER, PublicNames, Session, SessionState
from notifications.store import organisation
from notifications.store.cohort import project
from notifications.store.not_heard_of import NotHeardOf
from notifications.store.tables import metadata

session = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False),
    sa.Column("mode", sa.String(20), nullable=False),
    sa.Column("place", sa.String(300)),
    sa.Column("host_id", sa.Uuid),
    sa.Column("project_ids", sa.JSON, nullable=False),
    sa.Column("participant_ids", sa.JSON, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("told_by", sa.String(36), nullable=False),
    sa.Column("told_at", Instant, nullable=False),
    sa.Column("correlation_id", sa.String(100), nullable=False),
    sa.Column("traceparent", sa.String(55), nullable=False),
    sa.Column("reminded", sa.String(60)),
    sa.Index("session_to_remind", "state", "starts_at"),
)


def save(db: sa.Connection, known: Session) -> None:
    row = asdict(known) | {
        "topics": list(known.topics),
        "project_ids": [str(id) for id in known.project_ids],
        "participant_ids": [str(id) for id in known.participant_ids],
    }
    row |= row.pop("origin")
    upsert(db, session, [row])


def find(db: sa.Connection, id: UUID) -> Session | None:
    row = db.execute(sa.select(session).where(session.c.id == id)).one_or_none()
    return _read(row) if row else None


def find_told(db: sa.Connection, id: UUID) -> Session:
    """A session that a fact changes.

    Raises:
        NotHeardOf: no fact planned it.
    """
    known = find(db, id)
    if known is None:
        raise NotHeardOf("session", id)
    return known


def close(db: sa.Connection, id: UUID) -> None:
    """It took place: nobody is reminded of it any more."""
    mine = session.c.id == id
    db.execute(sa.update(session).where(mine).values(state=SessionState.HELD))


def to_remind(db: sa.Connection, now: datetime) -> list[Session]:
    """Sessions near enough for a reminder, the nearest first."""
    query = sa.select(session).where(
        session.c.state == SessionState.PLANNED,
        session.c.starts_at > now,
        session.c.starts_at <= now + FIRST_REMINDER,
    )
    return [_read(row) for row in db.execute(query.order_by(session.c.starts_at, session.c.id))]


def save_reminded(db: sa.Connection, session_id: UUID, template: Template) -> None:
    mine = session.c.id == session_id
    db.execute(sa.update(session).where(mine).values(reminded=template))


def public_names(db: sa.Connection, known: Session) -> PublicNames:
    host = organisation.names(db, [known.host_id]).get(known.host_id) if known.host_id else None
    if len(known.project_ids) != 1:
        return PublicNames(host)
    title = sa.select(project.c.title).where(project.c.id == known.project_ids[0])
    return PublicNames(host, db.scalar(title))


def _read(row: sa.Row[Any]) -> Session:
    columns = dict(row._mapping)
    origin = Origin(columns.pop("correlation_id"), columns.pop("traceparent"))
    values = columns | {
        "origin": origin,
        "topics": tuple(row.topics),
        "project_ids": tuple(UUID(id) for id in row.project_ids),
        "participant_ids": tuple(UUID(id) for id in row.participant_ids),
        "state": SessionState(row.state),
        "reminded": Template(row.reminded) if row.reminded else None,
    }
    return Session(**values)
