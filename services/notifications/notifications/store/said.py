"""What was said to somebody about a thing already, or is about to be."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from notifications.message import TOLD, Message, MessageState, Template
from notifications.outbox import said_with
from notifications.store.message import message, read


class Told(NamedTuple):
    """A letter that left already, about the same thing to the same person."""

    id: UUID
    subject: str | None
    ended_at: Any


def last_told(
    db: sa.Connection, about_id: UUID, recipient_id: UUID, template: Template
) -> dict[str, Any] | None:
    """The details of the last message of this template that may have reached her about a thing."""
    query = sa.select(message.c.details).where(
        message.c.about_id == about_id,
        message.c.recipient_id == recipient_id,
        message.c.template == template,
        message.c.state.in_(TOLD),
    )
    return db.scalar(query.order_by(message.c.id.desc()).limit(1))


def last_case(db: sa.Connection, programme: str, template: Template, case: str) -> Message | None:
    """The last message of a programme that its template, or one answer in it, can be tried with."""
    query = sa.select(message).where(
        message.c.programme == programme,
        message.c.template == template,
        message.c.body.is_not(None),
    )
    if case:
        query = query.where(message.c.occasion == f"{template}:{case}")
    row = db.execute(query.order_by(message.c.told_at.desc(), message.c.id.desc()).limit(1)).first()
    return read(row) if row else None


def is_superseded(db: sa.Connection, old: Message) -> bool:
    """Whether a later message to the same person about the same thing says what holds now."""
    query = sa.select(message.c.id).where(
        message.c.about_id == old.about_id,
        message.c.recipient_id == old.recipient_id,
        message.c.template.in_(list(said_with(old.template))),
        message.c.state != MessageState.CANCELLED,
        message.c.id > old.id,
    )
    return bool(db.scalar(sa.select(query.exists())))


def says_the_same(db: sa.Connection, written: Message) -> bool:
    """Whether a letter with the same words, to the same page, is about to leave to her."""
    query = sa.select(message.c.details).where(
        message.c.recipient_id == written.recipient_id,
        message.c.template == written.template,
        message.c.state == MessageState.QUEUED,
        message.c.subject == written.subject,
        message.c.body == written.body,
        message.c.id != written.id,
    )
    page = written.details.get("page")
    return any(details.get("page") == page for details in db.scalars(query))


def told_before(db: sa.Connection, held: Message) -> Told | None:
    """The last letter that says something else about the same thing, and has left."""
    query = sa.select(message.c.id, message.c.subject, message.c.ended_at).where(
        message.c.about_id == held.about_id,
        message.c.recipient_id == held.recipient_id,
        message.c.template.in_(list(said_with(held.template))),
        message.c.state.in_(TOLD),
    )
    row = db.execute(query.order_by(message.c.id.desc()).limit(1)).one_or_none()
    return Told(*row) if row else None


def count_told_before(db: sa.Connection, ids: Sequence[UUID]) -> int:
    """How many of these letters follow another answer of the committee that has left."""
    before = message.alias("before")
    query = (
        sa.select(sa.func.count(sa.distinct(message.c.id)))
        .select_from(
            message.join(
                before,
                (before.c.about_id == message.c.about_id)
                & (before.c.recipient_id == message.c.recipient_id),
            )
        )
        .where(
            message.c.id.in_(ids),
            message.c.template == Template.APPLICATION_DECIDED,
            before.c.template == Template.APPLICATION_DECIDED,
            before.c.state.in_(TOLD),
        )
    )
    return db.execute(query).scalar_one()
