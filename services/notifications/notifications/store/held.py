"""Letters that are held: which, in what groups; and which templates a programme has held."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim.keeping.listed import mostly
from essaim.keeping.tables import person

from notifications.message import Message, MessageState, Template
from notifications.store import writing
from notifications.store.message import KNOWN, message, read
from notifications.store.tables import metadata

choice = sa.Table(
    "held_template",
    metadata,
    sa.Column("programme", sa.String(60), primary_key=True),
    sa.Column("template", sa.String(60), primary_key=True),
    sa.Column("held", sa.Boolean, nullable=False),
)
"""What a programme said of a template: whether its letters are held. None: as we think best."""


class Group(NamedTuple):
    """The held letters of one occasion: how many, how many of them nobody could write yet."""

    programme: str
    occasion: str
    letters: int
    edited: int
    unwritten: int


def choices(db: sa.Connection, programme: str) -> dict[str, bool]:
    """By template, what the programme has chosen."""
    rows = db.execute(sa.select(choice).where(choice.c.programme == programme))
    return {row.template: row.held for row in rows}


def save_choice(db: sa.Connection, programme: str, template: Template, *, held: bool) -> None:
    upsert(db, choice, [{"programme": programme, "template": template, "held": held}])


def _of(programmes: Iterable[str] | None) -> list[sa.ColumnElement[bool]]:
    chosen = [message.c.state == MessageState.HELD, KNOWN]
    if programmes is not None:
        chosen.append(message.c.programme.in_(list(programmes)))
    return chosen


def groups(db: sa.Connection, programmes: Iterable[str] | None) -> list[Group]:
    """By programme and occasion, those with the most letters first."""
    number = sa.func.count()
    query = (
        sa.select(
            message.c.programme,
            message.c.occasion,
            number,
            sa.func.sum(sa.case((message.c.edited, 1), else_=0)),
            sa.func.sum(sa.case((message.c.body.is_(None), 1), else_=0)),
        )
        .where(*_of(programmes))
        .group_by(message.c.programme, message.c.occasion)
        .order_by(message.c.programme, number.desc(), message.c.occasion)
    )
    return [Group(*row) for row in db.execute(query)]


def subjects(db: sa.Connection, occasions: Iterable[str]) -> dict[str, str]:
    """What the letters to many among these occasions are called, by the id that ends them."""
    ids = [one.partition(":")[2] for one in occasions if one.startswith(f"{Template.LETTER}:")]
    return writing.subjects(db, [UUID(id) for id in ids])


def ids_among(
    db: sa.Connection, programmes: Iterable[str] | None, ids: Sequence[UUID]
) -> list[UUID]:
    """Those among these that are held, of one's programmes."""
    query = sa.select(message.c.id).where(message.c.id.in_(ids), *_of(programmes))
    return list(db.scalars(query.order_by(message.c.id)))


def ids_of_occasion(db: sa.Connection, programme: str, occasion: str) -> list[UUID]:
    query = sa.select(message.c.id).where(*_of([programme]), message.c.occasion == occasion)
    return list(db.scalars(query.order_by(message.c.id)))


def count(db: sa.Connection, programmes: Iterable[str] | None) -> int:
    query = sa.select(sa.func.count()).select_from(message).where(*_of(programmes))
    return db.execute(query).scalar_one()


def listed(programmes: Iterable[str] | None) -> sa.Select[Any]:
    """What the list of held letters shows, and an export holds."""
    return (
        sa.select(
            message.c.told_at,
            person.c.name.label("recipient"),
            message.c.occasion,
            message.c.subject,
            message.c.language,
            message.c.edited,
            message.c.programme,
            message.c.recipient_id,
            message.c.id,
        )
        .select_from(message.outerjoin(person, person.c.id == message.c.recipient_id))
        .where(mostly(sa.and_(*_of(programmes))))
    )


def find(db: sa.Connection, ids: Sequence[UUID]) -> list[Message]:
    """Those among these that are held, in order."""
    query = sa.select(message).where(message.c.id.in_(ids), *_of(None)).order_by(message.c.id)
    return [read(row) for row in db.execute(query)]


def lock(db: sa.Connection, ids: Sequence[UUID]) -> list[Message]:
    """Those among these that are held, to be changed in this transaction; in order."""
    query = sa.select(message).where(message.c.id.in_(ids), *_of(None)).order_by(message.c.id)
    return [read(row) for row in db.execute(query.with_for_update())]


def is_answer_held(db: sa.Connection, programme: str, recipient_id: UUID) -> bool:
    """Whether the committee's answer to her is still held."""
    query = sa.select(message.c.id).where(
        message.c.recipient_id == recipient_id,
        message.c.programme == programme,
        message.c.template == Template.APPLICATION_DECIDED,
        message.c.state == MessageState.HELD,
    )
    return bool(db.scalar(sa.select(query.exists())))


def after(db: sa.Connection, held: Message) -> UUID | None:
    """The next held letter of the same occasion; the first one after the last."""
    query = sa.select(message.c.id).where(
        *_of(None),
        message.c.programme == held.programme,
        message.c.occasion == held.occasion,
        message.c.id != held.id,
    )
    later = db.scalar(query.where(message.c.id > held.id).order_by(message.c.id).limit(1))
    return later or db.scalar(query.order_by(message.c.id).limit(1))
