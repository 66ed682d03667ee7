"""Messages on the pages of applications."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant

from candidatures.note import Note
from candidatures.store.application import application
from candidatures.store.call import call
from candidatures.store.metadata import metadata
from candidatures.store.programme import edition
from candidatures.store.project import project

note = sa.Table(
    "note",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("application_id", sa.Uuid, nullable=False, index=True),
    sa.Column("by_bearer", sa.Boolean, nullable=False),
    sa.Column("author_id", sa.Uuid),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("left_at", Instant, nullable=False),
    sa.Column("read_at", Instant),
)


def add(db: sa.Connection, new: Note) -> None:
    db.execute(sa.insert(note).values(asdict(new)))


def of_application(db: sa.Connection, application_id: UUID) -> list[Note]:
    """In the order in which they were left."""
    query = sa.select(note).where(note.c.application_id == application_id)
    query = query.order_by(note.c.left_at, note.c.id)
    return [Note(**row._mapping) for row in db.execute(query)]


def mark_read(db: sa.Connection, application_id: UUID, *, by_bearer: bool, now: datetime) -> None:
    """Those of one side, which the other has before her eyes."""
    unread = sa.and_(
        note.c.application_id == application_id,
        note.c.by_bearer.is_(by_bearer),
        note.c.read_at.is_(None),
    )
    db.execute(sa.update(note).where(unread).values(read_at=now))


def unread_by_bearer(db: sa.Connection, person_id: UUID) -> list[tuple[UUID, str]]:
    """Her applications on which the coordination wrote since she looked, with the projects."""
    return _unread(db, application.c.bearer_id == person_id, by_bearer=False)


def unread_in(db: sa.Connection, programmes: Collection[str]) -> list[tuple[UUID, str]]:
    """The applications to these programmes whose bearer wrote since the coordination answered."""
    return _unread(db, edition.c.programme.in_(programmes), by_bearer=True)


def _unread(
    db: sa.Connection, which: sa.ColumnElement[bool], *, by_bearer: bool
) -> list[tuple[UUID, str]]:
    query = (
        sa.select(application.c.id, project.c.title)
        .select_from(
            note.join(application, application.c.id == note.c.application_id)
            .join(project, project.c.id == application.c.project_id)
            .join(call, call.c.id == application.c.call_id)
            .join(edition, edition.c.id == call.c.edition_id)
        )
        .where(which, note.c.by_bearer.is_(by_bearer), note.c.read_at.is_(None))
        .group_by(application.c.id, project.c.title)
        .order_by(sa.func.min(note.c.left_at))
    )
    return [(row.id, row.title) for row in db.execute(query)]


def forget(db: sa.Connection, application_ids: Sequence[UUID]) -> None:
    db.execute(sa.delete(note).where(note.c.application_id.in_(application_ids)))
