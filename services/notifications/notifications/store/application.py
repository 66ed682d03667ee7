"""Applications and the calls they answer, to be named in texts."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert

from notifications.notice import Application
from notifications.store.not_heard_of import NotHeardOf
from notifications.store.tables import metadata

call = sa.Table(
    "call",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.String(300), nullable=False),
)

application = sa.Table(
    "application",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.String(40), nullable=False),
    sa.Column("project_title", sa.String(300), nullable=False),
    sa.Column("call_title", sa.String(300), nullable=False),
    sa.Column("answer", sa.JSON(none_as_null=True)),
)


def save_call(db: sa.Connection, id: UUID, title: str) -> None:
    upsert(db, call, [{"id": id, "title": title}])


def call_title(db: sa.Connection, id: UUID) -> str:
    title = db.scalar(sa.select(call.c.title).where(call.c.id == id))
    if title is None:
        raise NotHeardOf("call", id)
    return str(title)


def save(db: sa.Connection, known: Application) -> None:
    upsert(db, application, [asdict(known)])


def find(db: sa.Connection, id: UUID) -> Application:
    row = db.execute(sa.select(application).where(application.c.id == id)).one_or_none()
    if row is None:
        raise NotHeardOf("application", id)
    return Application(**row._mapping)


def save_answer(db: sa.Connection, application_id: UUID, answer: dict[str, Any]) -> None:
    mine = application.c.id == application_id
    db.execute(sa.update(application).where(mine).values(answer=answer))
