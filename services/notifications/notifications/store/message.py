"""Messages: what is said to each person, and whom its text names."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert, upsert
from essaim.keeping.listed import listed as listed_text
from essaim.keeping.listed import mostly, order_of, with_keys
from essaim.keeping.tables import person
from essaim.observing.tracing import Origin

from notifications.message import (
    METHODS,
    TOLD,
    UNSENT,
    CancelReason,
    Message,
    MessageState,
    Secret,
    Template,
)
from notifications.store.tables import metadata

_LISTED = ("programme", "template", "recipient_id")

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("recipient_id", sa.Uuid),
    sa.Column("template", sa.String(60), nullable=False),
    sa.Column("programme", sa.String(60)),
    sa.Column("about_id", sa.Uuid),
    sa.Column("cause_source", sa.String(125)),
    sa.Column("cause", sa.String(36)),
    sa.Column("correlation_id", sa.String(100)),
    sa.Column("traceparent", sa.String(55)),
    sa.Column("language", sa.String(5)),
    *listed_text(sa.Column("subject", sa.Text)),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(40)),
    sa.Column("answer", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("uncertain", sa.Boolean, nullable=False),
    sa.Column("told_at", Instant, nullable=False),
    sa.Column("waiting_since", Instant, nullable=False),
    sa.Column("entered_at", Instant, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("next_attempt_at", Instant),
    sa.Column("give_up_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("link", sa.Text),
    sa.Column("to_address", sa.String(254)),
    sa.Column("occasion", sa.String(100)),
    sa.Column("edited", sa.Boolean, nullable=False, server_default=sa.false()),
    # Last: SQLite reads through long texts to reach what stands behind them.
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("body", sa.Text),
    # The same fact never tells the same person the same thing twice.
    sa.UniqueConstraint(
        "cause_source", "cause", "recipient_id", "template", name="message_told_once"
    ),
    # What is shown is of a programme; so no list, count or page can hold a secret.
    sa.CheckConstraint("(link IS NULL) <> (programme IS NULL)", name="message_shown_or_secret"),
    # The list is filtered, counted and put in order from one of these alone.
    sa.Index("message_listed", "told_at", "id", *_LISTED, "state"),
    sa.Index("message_by_state", "state", "told_at", "id", *_LISTED),
    sa.Index(
        "message_by_template", "template", "told_at", "id", "programme", "recipient_id", "state"
    ),
    sa.Index("message_by_subject", "subject_order", "told_at", "id"),
    sa.Index("message_due", "state", "priority", "next_attempt_at", "id"),
    sa.Index("message_about", "about_id", "recipient_id"),
    sa.Index("message_recipient", "recipient_id"),
    info={"searched_with": ("programme", "recipient_id")},
)
"""`link` and `to_address` are the secret of those that carry one."""

mention = sa.Table(
    "mention",
    metadata,
    sa.Column("message_id", sa.Uuid, sa.ForeignKey("message.id"), primary_key=True),
    sa.Column("person_id", sa.Uuid, primary_key=True, index=True),
)
"""The other persons a message names, so that they can be erased from it."""

GREETED = sa.case((person.c.email_proved, person.c.name), else_="").label("name")
"""The reader's name; none while her address may be somebody else's."""

HAS_ADDRESS = sa.func.coalesce(person.c.email, "") != ""
"""Whether the directory has an address for this person."""

KNOWN = message.c.template.in_(list(Template))
"""Not what a newer version queued beside this one: a template it alone knows waits for it."""

_SHOWN = message.c.programme.is_not(None)
_COLUMNS = [field.name for field in fields(Message) if field.name not in ("secret", "origin")]


class ShownMessage(NamedTuple):
    """A message with the name of its reader, if the directory knows her."""

    message: Message
    recipient: str | None


class ReadableMessage(NamedTuple):
    """A message to be written, with its reader's name and language."""

    message: Message
    name: str
    language: str


def read(row: sa.Row[Any]) -> Message:
    """A row that has every column of the table, and maybe others."""
    values = {name: row._mapping[name] for name in _COLUMNS} | {
        "template": Template(row.template),
        "state": MessageState(row.state),
    }
    secret = None if row.link is None else Secret(row.link, row.to_address)
    origin = Origin(row.correlation_id, row.traceparent) if row.traceparent else None
    return Message(**values, origin=origin, secret=secret)


def add(db: sa.Connection, new: Message, mentions: Iterable[UUID] = ()) -> bool:
    """Nothing happens, and the answer is False, when this fact already told this person this."""
    row = {name: getattr(new, name) for name in _COLUMNS}
    row |= origin_values(new.origin) | {"priority": new.priority}
    if new.secret:
        secret = new.secret
        row |= {"link": secret.link, "to_address": secret.address}
    statement = insert(db, message).on_conflict_do_nothing().returning(message.c.id)
    if db.execute(statement, row).scalar() is None:
        return False
    rows = [{"message_id": new.id, "person_id": person_id} for person_id in set(mentions)]
    upsert(db, mention, rows)
    return True


def find(db: sa.Connection, id: UUID) -> ShownMessage | None:
    """None for one that carries a secret too."""
    row = db.execute(_with_recipient(None).where(message.c.id == id, KNOWN)).one_or_none()
    return ShownMessage(read(row), row.recipient) if row else None


def lock(db: sa.Connection, id: UUID) -> Message | None:
    """The same message, to be changed in this transaction."""
    mine = sa.select(message).where(message.c.id == id, _SHOWN, KNOWN)
    row = db.execute(mine.with_for_update()).one_or_none()
    return read(row) if row else None


def update(db: sa.Connection, id: UUID, **values: object) -> None:
    db.execute(sa.update(message).where(message.c.id == id).values(with_keys(message, values)))


def end(db: sa.Connection, id: UUID, **values: object) -> None:
    """It has left or was given up: rows that stay for years, and are listed, are kept small."""
    update(db, id, **values, **origin_values(None))


def origin_values(origin: Origin | None) -> dict[str, str | None]:
    """The columns of what led to a message."""
    return {
        "correlation_id": origin.correlation_id if origin else None,
        "traceparent": origin.traceparent if origin else None,
    }


def delete(db: sa.Connection, id: UUID) -> None:
    db.execute(sa.delete(message).where(message.c.id == id))


def convened(
    db: sa.Connection, session_id: UUID, states: Iterable[MessageState]
) -> dict[UUID, dict[str, Any]]:
    """The persons whose last message about a session, among these states, put it in a calendar.

    With what that message said.
    """
    query = sa.select(message.c.recipient_id, message.c.template, message.c.details).where(
        message.c.about_id == session_id,
        message.c.template.in_(list(METHODS)),
        message.c.state.in_(list(states)),
    )
    last = {row.recipient_id: row for row in db.execute(query.order_by(message.c.id))}
    return {id: row.details for id, row in last.items() if METHODS[row.template] == "REQUEST"}


def is_told(db: sa.Connection, recipient_id: UUID, template: Template) -> bool:
    """Whether a message of this template left to this person, or may have."""
    query = sa.select(message.c.id).where(
        message.c.recipient_id == recipient_id,
        message.c.template == template,
        message.c.state.in_(TOLD),
    )
    return bool(db.scalar(sa.select(query.exists())))


def cancel_unsent(
    db: sa.Connection,
    about_id: UUID,
    reason: CancelReason,
    now: datetime,
    *,
    templates: Iterable[Template] | None = None,
    recipients: Iterable[UUID] | None = None,
) -> None:
    """Take back what was not sent about a thing: all of it, or some templates or recipients."""
    chosen = [message.c.about_id == about_id, message.c.state.in_(UNSENT)]
    if templates is not None:
        chosen.append(message.c.template.in_(list(templates)))
    if recipients is not None:
        chosen.append(message.c.recipient_id.in_(list(recipients)))
    db.execute(
        sa.update(message)
        .where(*chosen)
        .values(state=MessageState.CANCELLED, reason=reason, ended_at=now)
    )


def cancel_unsent_to(
    db: sa.Connection,
    recipient_id: UUID,
    templates: Iterable[Template],
    reason: CancelReason,
    now: datetime,
) -> None:
    """Take back what was not sent to a person, of some templates."""
    hers = (message.c.recipient_id == recipient_id, message.c.template.in_(list(templates)))
    ended = {"state": MessageState.CANCELLED, "reason": reason, "ended_at": now}
    db.execute(sa.update(message).where(*hers, message.c.state.in_(UNSENT)).values(ended))


# ---- waiting for the directory

_UNWRITTEN = (message.c.state == MessageState.WAITING_FOR_PERSON) | (
    (message.c.state == MessageState.HELD) & message.c.body.is_(None)
)


def waiting_for_known_people(db: sa.Connection, limit: int) -> list[ReadableMessage]:
    """Messages whose reader has meanwhile come into the directory, with an address."""
    query = (
        sa.select(message, GREETED, person.c.language.label("reads"))
        .join(person, person.c.id == message.c.recipient_id)
        .where(_UNWRITTEN, HAS_ADDRESS, KNOWN)
        .order_by(message.c.id)
        .limit(limit)
    )
    rows = db.execute(query.with_for_update(of=message))
    return [ReadableMessage(read(row), row.name, row.reads) for row in rows]


def waited_too_long(
    db: sa.Connection, since: datetime, entered: datetime, limit: int
) -> list[Message]:
    """Messages that wait for a person since `since` in business time and `entered` in real time."""
    query = sa.select(message).where(
        message.c.state == MessageState.WAITING_FOR_PERSON,
        message.c.waiting_since <= since,
        message.c.entered_at <= entered,
        KNOWN,
    )
    return [read(row) for row in db.execute(query.limit(limit).with_for_update())]


def wait_for_lost_people(db: sa.Connection, now: datetime, entered: datetime) -> None:
    """Queued messages whose reader lost her address wait for it again."""
    known = sa.select(person.c.id).where(HAS_ADDRESS)
    queued = (_SHOWN, message.c.state == MessageState.QUEUED)
    values = {"state": MessageState.WAITING_FOR_PERSON, "waiting_since": now, "entered_at": entered}
    lost = sa.update(message).where(*queued, message.c.recipient_id.not_in(known))
    db.execute(lost.values(values))


def people_named(db: sa.Connection, ids: Iterable[UUID]) -> list[str]:
    """Names and addresses, as far as the directory tells them here, by name."""
    named = person.c.id.in_(list(ids))
    people = db.execute(
        sa.select(person.c.name, person.c.email).where(named).order_by(order_of(person.c.name))
    )
    written = (", ".join(filter(None, row)) for row in people)
    return [one for one in written if one]


# ---- forgetting a person


def forget_person(db: sa.Connection, person_id: UUID, email: str | None, now: datetime) -> None:
    """Erase what was written to her; how many messages there were stays known.

    The letter that says that it is done still leaves.
    """
    hers = message.c.recipient_id == person_id
    secret = hers if not email else hers | (sa.func.lower(message.c.to_address) == email.lower())
    goes = message.c.template != Template.ERASURE_DONE
    db.execute(sa.delete(message).where(message.c.link.is_not(None), secret, goes))
    unsent = message.c.state.in_((*UNSENT, MessageState.SENDING))
    cancelled = {
        "state": MessageState.CANCELLED,
        "reason": CancelReason.PERSON_ERASED,
        "ended_at": now,
    }
    db.execute(sa.update(message).where(hers, unsent).values(cancelled))
    db.execute(sa.update(message).where(hers).values(_NO_TEXT | {"details": {}}))


def forget_mentions(db: sa.Connection, person_id: UUID, now: datetime) -> list[UUID]:
    """Erase the texts that name her; those not sent yet are written anew, without her.

    Answers the ids of the messages that named her.
    """
    naming = sa.select(mention.c.message_id).where(mention.c.person_id == person_id)
    ids = list(db.scalars(naming))
    named = message.c.id.in_(naming)
    rewrite = {"state": MessageState.WAITING_FOR_PERSON, "waiting_since": now}
    queued = message.c.state == MessageState.QUEUED
    db.execute(sa.update(message).where(named, queued).values(rewrite))
    db.execute(sa.update(message).where(named).values(edited=False))
    db.execute(sa.update(message).where(named).values(_NO_TEXT))
    db.execute(sa.delete(mention).where(mention.c.person_id == person_id))
    return ids


def forget_text(db: sa.Connection, message_id: UUID) -> None:
    """That it was written, to whom and how it ended stays."""
    db.execute(sa.delete(mention).where(mention.c.message_id == message_id))
    gone = sa.update(message).where(message.c.id == message_id)
    db.execute(gone.values(_NO_TEXT | {"details": {}}))


_NO_TEXT = with_keys(message, {"subject": None, "body": None, "answer": None})


# ---- showing


def _with_recipient(programmes: Iterable[str] | None) -> sa.Select[Any]:
    """Messages with the name of their reader, of some programmes or (None) of all."""
    query = sa.select(message, person.c.name.label("recipient")).select_from(
        message.outerjoin(person, person.c.id == message.c.recipient_id)
    )
    chosen = _SHOWN if programmes is None else message.c.programme.in_(list(programmes))
    return query.where(mostly(chosen))


def listed(programmes: Iterable[str] | None) -> sa.Select[Any]:
    """What a list of messages shows, and an export holds: of some programmes or (None) of all."""
    return _with_recipient(programmes).with_only_columns(
        message.c.told_at,
        person.c.name.label("recipient"),
        message.c.template,
        message.c.subject,
        message.c.language,
        message.c.state,
        message.c.ended_at,
        message.c.attempts,
        message.c.reason,
        message.c.programme,
        message.c.recipient_id,
        message.c.about_id,
        message.c.id,
    )


def failures(db: sa.Connection, programmes: Iterable[str] | None, limit: int) -> list[ShownMessage]:
    """The last messages that failed and were not sent again."""
    failed = _with_recipient(programmes).where(message.c.state == MessageState.FAILED, KNOWN)
    rows = db.execute(failed.order_by(message.c.ended_at.desc()).limit(limit))
    return [ShownMessage(read(row), row.recipient) for row in rows]


def count_failed(
    db: sa.Connection, programmes: Iterable[str] | None, reasons: Iterable[str] | None = None
) -> int:
    """How many were given up and not sent again; of some reasons or (None) of all."""
    failed = _with_recipient(programmes).where(message.c.state == MessageState.FAILED, KNOWN)
    if reasons is not None:
        failed = failed.where(message.c.reason.in_(list(reasons)))
    return db.execute(sa.select(sa.func.count()).select_from(failed.subquery())).scalar_one()


def counts_by_state(db: sa.Connection) -> dict[str, int]:
    query = sa.select(message.c.state, sa.func.count().label("messages")).where(_SHOWN)
    counted = {row.state: row.messages for row in db.execute(query.group_by(message.c.state))}
    return {state.value: counted.get(state.value, 0) for state in MessageState}
