"""Messages on their way: due, claimed for a try, interrupted, overdue."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.tables import person

from notifications.message import PERISHABLE, Message, MessageState, Template
from notifications.store.message import GREETED, KNOWN, message, read


class DueMessage(NamedTuple):
    """A message to send now, with its reader's name and address."""

    message: Message
    name: str
    address: str


def due(db: sa.Connection, now: datetime, limit: int) -> list[DueMessage]:
    """What is to be sent now, in order. `now` is real time.

    Raises:
        ValueError: the details of one cannot be read; `unreadable` tells which.
    """
    query = _due(now).order_by(message.c.priority, message.c.next_attempt_at, message.c.id)
    # Locked, or a fact handled meanwhile could cancel what is about to leave.
    rows = db.execute(query.limit(limit).with_for_update(of=message))
    return [DueMessage(read(row), row.name, row.address) for row in rows]


def unreadable(db: sa.Connection, now: datetime, limit: int) -> list[Message]:
    """Those among what is due whose details cannot be read, without them."""
    due = _due(now).order_by(message.c.priority, message.c.next_attempt_at, message.c.id)
    ids = db.scalars(due.with_only_columns(message.c.id).limit(limit)).all()
    others = [column for column in message.c if column is not message.c.details]
    whole: sa.Select[Any] = sa.select(*others, sa.literal({}, sa.JSON).label("details"))
    broken = [id for id in ids if not _is_readable(db, id)]
    return [read(row) for row in db.execute(whole.where(message.c.id.in_(broken)))]


def _is_readable(db: sa.Connection, id: UUID) -> bool:
    try:
        db.execute(sa.select(message.c.details).where(message.c.id == id)).one()
    except ValueError:
        return False
    return True


def something_due(db: sa.Connection, now: datetime) -> bool:
    """Whether a letter is to leave; cheap, for it is asked again and again."""
    return bool(db.scalar(sa.select(sa.exists(_due(now)))))


def _due(now: datetime) -> sa.Select[Any]:
    name = GREETED
    address = sa.func.coalesce(message.c.to_address, person.c.email, "")
    return (
        sa.select(message, name.label("name"), address.label("address"))
        .join(person, person.c.id == message.c.recipient_id, isouter=True)
        .where(
            message.c.state == MessageState.QUEUED,
            message.c.next_attempt_at <= now,
            KNOWN,
            (message.c.give_up_at > now) | message.c.template.not_in(list(PERISHABLE)),
            address != "",
        )
    )


def begin(db: sa.Connection, id: UUID, attempts: int) -> None:
    values = {"state": MessageState.SENDING, "attempts": attempts}
    db.execute(sa.update(message).where(message.c.id == id).values(values))


def find_sending(db: sa.Connection, id: UUID, attempts: int) -> Message | None:
    """The message while try number `attempts` has it in hand; None once another took it over."""
    sending = message.c.state == MessageState.SENDING
    mine = (message.c.id == id, sending, message.c.attempts == attempts)
    row = db.execute(sa.select(message).where(*mine).with_for_update()).one_or_none()
    return read(row) if row else None


def interrupted(db: sa.Connection) -> list[Message]:
    """Those that were being sent when the service stopped."""
    sending = message.c.state == MessageState.SENDING
    return [read(row) for row in db.execute(sa.select(message).where(sending, KNOWN))]


def overdue(
    db: sa.Connection, now: datetime, templates: Iterable[Template] | None, limit: int
) -> list[Message]:
    """Queued messages past the time to give them up. `now` is real time."""
    chosen = (
        message.c.state == MessageState.QUEUED,
        message.c.give_up_at <= now,
        KNOWN if templates is None else message.c.template.in_(list(templates)),
    )
    query = sa.select(message).where(*chosen).limit(limit)
    return [read(row) for row in db.execute(query.with_for_update())]
