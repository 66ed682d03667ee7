"""The tables of this service, and every SQL statement."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert, upsert
from essaim.keeping.tables import person
from essaim.web import N_, Column, Filter, Listing, Search

from notifications import labels
from notifications.calendars import METHODS
from notifications.messages import LINKS, UNSENT, CancelReason, MessageState, Template
from notifications.notices import Application, Cohort
from notifications.sessions import FIRST_REMINDER, PublicNames, Session, SessionState

metadata = sa.MetaData()

# ---- what facts taught us, to be named in texts

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

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(300), nullable=False),
)

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
    sa.Column("reminded", sa.String(60)),
    sa.Index("session_to_remind", "state", "starts_at"),
)

# ---- messages

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("recipient_id", sa.Uuid, nullable=False),
    sa.Column("template", sa.String(60), nullable=False),
    sa.Column("programme", sa.String(60), nullable=False),
    sa.Column("about_id", sa.Uuid, nullable=False),
    sa.Column("cause", sa.String(36), nullable=False),
    sa.Column("language", sa.String(5)),
    sa.Column("subject", sa.Text),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(40)),
    sa.Column("answer", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("uncertain", sa.Boolean, nullable=False),
    sa.Column("told_at", Instant, nullable=False),
    sa.Column("waiting_since", Instant, nullable=False),
    sa.Column("entered_at", Instant, nullable=False),
    sa.Column("next_attempt_at", Instant),
    sa.Column("give_up_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    # Last: SQLite reads through long texts to reach what stands behind them.
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("body", sa.Text),
    # The same fact never tells the same person the same thing twice.
    sa.UniqueConstraint("cause", "recipient_id", "template", name="message_told_once"),
    # The list is filtered, counted and put in order from one of these alone.
    sa.Index("message_listed", "told_at", "id", "programme", "state", "template"),
    sa.Index("message_by_state", "state", "told_at", "id", "programme", "template"),
    sa.Index("message_due", "state", "next_attempt_at", "id"),
    sa.Index("message_about", "about_id", "recipient_id"),
    sa.Index("message_recipient", "recipient_id"),
)
"""`told_at`, `waiting_since` and `ended_at` are business time, the other instants real time.

`told_at` is when the fact was said; `waiting_since` and `entered_at` when the message last entered
the queue, by the fact or by hand; `ended_at` when it was sent, given up or cancelled. `answer` is
what the mail server last said.
"""

mention = sa.Table(
    "mention",
    metadata,
    sa.Column("message_id", sa.Uuid, sa.ForeignKey("message.id"), primary_key=True),
    sa.Column("person_id", sa.Uuid, primary_key=True, index=True),
)
"""The other persons a message names, so that they can be erased from it."""

link = sa.Table(
    "link",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("template", sa.String(60), nullable=False),
    sa.Column("person_id", sa.Uuid),
    sa.Column("email", sa.String(254)),
    sa.Column("name", sa.String(200)),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("uncertain", sa.Boolean, nullable=False),
    sa.Column("next_attempt_at", Instant, nullable=False),
    sa.Column("give_up_at", Instant, nullable=False),
    sa.Index("link_due", "state", "next_attempt_at"),
)
"""Secret links on their way to one person. A row lives until its letter has left."""

LETTER_TABLES = {"message": message, "link": link}
"""Where letters come from, by their kind."""

mailbox = sa.Table(
    "mailbox",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("recipient_id", sa.Uuid, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("address", sa.String(254), nullable=False),
    sa.Column("template", sa.String(60), nullable=False),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("ics", sa.Text),
    sa.Index("mailbox_listed", "received_at", "id", "template"),
)
"""Letters that stayed on this machine, for lack of a mail server. `id` is the message's."""

transport = sa.Table(
    "transport",
    metadata,
    sa.Column("name", sa.String(10), primary_key=True),
    sa.Column("trouble", sa.Text),
    sa.Column("since", Instant, nullable=False),
)
"""How the mail server fares, for every instance to show: one row, `smtp`. Real time."""


class NotHeardOf(LookupError):
    """A fact speaks of a thing whose own fact was never handled here."""

    def __init__(self, what: str, id: UUID) -> None:
        super().__init__(
            f"This service has not heard of the {what} {id}. The fact that tells of it may be "
            "among the dead ones: `essaim dead list`, retry that one first, then this one."
        )


# ---- learning from facts


def save_call(db: sa.Connection, id: UUID, title: str) -> None:
    upsert(db, call, [{"id": id, "title": title}])


def call_title(db: sa.Connection, id: UUID) -> str:
    title = db.scalar(sa.select(call.c.title).where(call.c.id == id))
    if title is None:
        raise NotHeardOf("call", id)
    return str(title)


def save_application(db: sa.Connection, known: Application) -> None:
    upsert(db, application, [asdict(known)])


def find_application(db: sa.Connection, id: UUID) -> Application:
    row = db.execute(sa.select(application).where(application.c.id == id)).one_or_none()
    if row is None:
        raise NotHeardOf("application", id)
    return Application(**row._mapping)


def save_answer(db: sa.Connection, application_id: UUID, answer: dict[str, Any]) -> None:
    mine = application.c.id == application_id
    db.execute(sa.update(application).where(mine).values(answer=answer))


def save_projects(db: sa.Connection, projects: Iterable[tuple[UUID, str, Iterable[UUID]]]) -> None:
    """Each is its id, its title and the ids of its bearers."""
    rows = [
        {"id": id, "title": title, "bearer_ids": [str(bearer_id) for bearer_id in bearer_ids]}
        for id, title, bearer_ids in projects
    ]
    upsert(db, project, rows)


def find_project(db: sa.Connection, id: UUID) -> tuple[str, tuple[UUID, ...]]:
    """Its title and its bearers."""
    row = db.execute(sa.select(project).where(project.c.id == id)).one_or_none()
    if row is None:
        raise NotHeardOf("project", id)
    return row.title, _uuids(row.bearer_ids)


def save_cohort(db: sa.Connection, known: Cohort) -> None:
    upsert(db, cohort, [asdict(known)])


def find_cohort(db: sa.Connection, id: UUID) -> Cohort:
    row = db.execute(sa.select(cohort).where(cohort.c.id == id)).one_or_none()
    if row is None:
        raise NotHeardOf("cohort", id)
    return Cohort(**row._mapping)


def save_organisation(db: sa.Connection, id: UUID, name: str) -> None:
    upsert(db, organisation, [{"id": id, "name": name}])


def organisation_names(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Experts who act alone have no public name and are absent."""
    query = sa.select(organisation).where(organisation.c.id.in_(set(ids)))
    return {row.id: row.name for row in db.execute(query)}


# ---- sessions


def save_session(db: sa.Connection, known: Session) -> None:
    row = asdict(known) | {
        "topics": list(known.topics),
        "project_ids": [str(id) for id in known.project_ids],
        "participant_ids": [str(id) for id in known.participant_ids],
    }
    upsert(db, session, [row])


def find_session(db: sa.Connection, id: UUID) -> Session | None:
    row = db.execute(sa.select(session).where(session.c.id == id)).one_or_none()
    return _session(row) if row else None


def close_session(db: sa.Connection, id: UUID) -> None:
    """It took place: nobody is reminded of it any more."""
    mine = session.c.id == id
    db.execute(sa.update(session).where(mine).values(state=SessionState.HELD))


def sessions_to_remind(db: sa.Connection, now: datetime) -> list[Session]:
    """Sessions near enough for a reminder, the nearest first."""
    query = sa.select(session).where(
        session.c.state == SessionState.PLANNED,
        session.c.starts_at > now,
        session.c.starts_at <= now + FIRST_REMINDER,
    )
    return [_session(row) for row in db.execute(query.order_by(session.c.starts_at, session.c.id))]


def save_reminded(db: sa.Connection, session_id: UUID, template: Template) -> None:
    mine = session.c.id == session_id
    db.execute(sa.update(session).where(mine).values(reminded=template))


def public_names(db: sa.Connection, known: Session) -> PublicNames:
    host = organisation_names(db, [known.host_id]).get(known.host_id) if known.host_id else None
    if len(known.project_ids) != 1:
        return PublicNames(host)
    title = sa.select(project.c.title).where(project.c.id == known.project_ids[0])
    return PublicNames(host, db.scalar(title))


def _session(row: Any) -> Session:
    values = dict(row._mapping) | {
        "topics": tuple(row.topics),
        "project_ids": _uuids(row.project_ids),
        "participant_ids": _uuids(row.participant_ids),
        "state": SessionState(row.state),
        "reminded": Template(row.reminded) if row.reminded else None,
    }
    return Session(**values)


def _uuids(texts: Iterable[str]) -> tuple[UUID, ...]:
    return tuple(UUID(text) for text in texts)


# ---- messages


def insert_message(db: sa.Connection, row: dict[str, Any], mentions: Iterable[UUID]) -> bool:
    """False when this fact already told this person this."""
    statement = insert(db, message).on_conflict_do_nothing().returning(message.c.id)
    added = db.execute(statement, row).scalar() is not None
    if added:
        rows = [{"message_id": row["id"], "person_id": person_id} for person_id in set(mentions)]
        upsert(db, mention, rows)
    return added


def find_message(db: sa.Connection, id: UUID) -> sa.Row[Any] | None:
    return db.execute(messages().where(message.c.id == id)).one_or_none()


def lock_message(db: sa.Connection, id: UUID) -> sa.Row[Any] | None:
    """The same row, to be changed in this transaction."""
    mine = sa.select(message).where(message.c.id == id)
    return db.execute(mine.with_for_update()).one_or_none()


def update_message(db: sa.Connection, id: UUID, **values: Any) -> None:
    db.execute(sa.update(message).where(message.c.id == id).values(**values))


def convened(db: sa.Connection, session_id: UUID, states: Iterable[MessageState]) -> set[UUID]:
    """The persons whose last message about a session, among these states, put it in a calendar."""
    query = sa.select(message.c.recipient_id, message.c.template).where(
        message.c.about_id == session_id,
        message.c.template.in_(list(METHODS)),
        message.c.state.in_(list(states)),
    )
    last = {row.recipient_id: row.template for row in db.execute(query.order_by(message.c.id))}
    return {recipient for recipient, template in last.items() if METHODS[template] == "REQUEST"}


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


def waiting_for_known_people(db: sa.Connection, limit: int) -> list[sa.Row[Any]]:
    """Messages whose reader has meanwhile come into the directory, with an address."""
    query = (
        sa.select(message.c.id, message.c.template, message.c.details, *_READER)
        .join(person, person.c.id == message.c.recipient_id)
        .where(message.c.state == MessageState.WAITING_FOR_PERSON, _HAS_ADDRESS)
        .order_by(message.c.id)
        .limit(limit)
    )
    return list(db.execute(query.with_for_update(of=message)))


def waited_too_long(
    db: sa.Connection, since: datetime, entered: datetime, limit: int
) -> list[sa.Row[Any]]:
    """Messages that wait for a person since `since` in business time and `entered` in real time."""
    query = sa.select(message).where(
        message.c.state == MessageState.WAITING_FOR_PERSON,
        message.c.waiting_since <= since,
        message.c.entered_at <= entered,
    )
    return list(db.execute(query.limit(limit).with_for_update()))


def wait_for_lost_people(db: sa.Connection, now: datetime, entered: datetime) -> None:
    """Queued messages whose reader lost her address wait for it again."""
    known = sa.select(person.c.id).where(_HAS_ADDRESS)
    lost = (message.c.state == MessageState.QUEUED, message.c.recipient_id.not_in(known))
    values = {"state": MessageState.WAITING_FOR_PERSON, "waiting_since": now, "entered_at": entered}
    db.execute(sa.update(message).where(*lost).values(values))


def due_messages(db: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Messages to send now, with name and address of the reader. `now` is real time."""
    query = _due_messages(now).order_by(message.c.next_attempt_at, message.c.id)
    # Locked, or a fact handled meanwhile could cancel what is about to leave.
    return list(db.execute(query.limit(limit).with_for_update(of=message)))


def _due_messages(now: datetime) -> sa.Select[Any]:
    return (
        sa.select(message, *_READER)
        .join(person, person.c.id == message.c.recipient_id)
        .where(
            message.c.state == MessageState.QUEUED,
            message.c.next_attempt_at <= now,
            _HAS_ADDRESS,
        )
    )


def overdue_messages(
    db: sa.Connection, now: datetime, templates: Iterable[Template] | None, limit: int
) -> list[sa.Row[Any]]:
    """Queued messages past the time to give them up. `now` is real time."""
    chosen = [message.c.state == MessageState.QUEUED, message.c.give_up_at <= now]
    if templates is not None:
        chosen.append(message.c.template.in_(list(templates)))
    overdue = sa.select(message).where(*chosen).limit(limit)
    return list(db.execute(overdue.with_for_update()))


def interrupted(db: sa.Connection, table: sa.Table) -> list[sa.Row[Any]]:
    """Rows of `message` or `link` that were being sent when the service stopped."""
    return list(db.execute(sa.select(table).where(table.c.state == MessageState.SENDING)))


def begin_sending(db: sa.Connection, table: sa.Table, id: UUID, attempts: int) -> None:
    values = {"state": MessageState.SENDING, "attempts": attempts}
    db.execute(sa.update(table).where(table.c.id == id).values(values))


def find_sending(db: sa.Connection, table: sa.Table, id: UUID, attempts: int) -> sa.Row[Any] | None:
    """The row while try number `attempts` has it in hand; None once another took it over."""
    mine = (table.c.id == id, table.c.state == MessageState.SENDING, table.c.attempts == attempts)
    return db.execute(sa.select(table).where(*mine).with_for_update()).one_or_none()


def people_named(db: sa.Connection, ids: Iterable[str]) -> list[str]:
    """Names and addresses of those whom the directory knows, by name."""
    query = sa.select(person.c.name, person.c.email).where(person.c.id.in_(_uuids(ids)))
    people = db.execute(query.order_by(person.c.name))
    return [f"{row.name}, {row.email}" if row.email else row.name for row in people]


# ---- links


def insert_link(db: sa.Connection, row: dict[str, Any]) -> None:
    db.execute(sa.insert(link), row)


def due_links(db: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Links to send now. `to_name` and `to_address` come with them, or else from the directory."""
    query = _due_links(now).order_by(link.c.next_attempt_at, link.c.id)
    return list(db.execute(query.limit(limit).with_for_update(of=link)))


def _due_links(now: datetime) -> sa.Select[Any]:
    to_name = sa.func.coalesce(link.c.name, person.c.name, "")
    to_address = sa.func.coalesce(link.c.email, person.c.email)
    return (
        sa.select(link, to_name.label("to_name"), to_address.label("to_address"))
        .join(person, person.c.id == link.c.person_id, isouter=True)
        .where(
            link.c.state == MessageState.QUEUED,
            link.c.next_attempt_at <= now,
            link.c.give_up_at > now,
            to_address.is_not(None),
        )
    )


def update_link(db: sa.Connection, id: UUID, **values: Any) -> None:
    db.execute(sa.update(link).where(link.c.id == id).values(**values))


def delete_link(db: sa.Connection, id: UUID) -> None:
    db.execute(sa.delete(link).where(link.c.id == id))


def delete_spent_links(db: sa.Connection, now: datetime) -> None:
    """Those past their time: nobody of this id or address was found, or no server took them."""
    queued = link.c.state == MessageState.QUEUED
    db.execute(sa.delete(link).where(queued, link.c.give_up_at <= now))


# ---- the mail server, and the mailbox that stands in for it


def put_in_mailbox(db: sa.Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(sa.insert(mailbox), rows)


def find_in_mailbox(db: sa.Connection, id: UUID) -> sa.Row[Any] | None:
    return db.execute(sa.select(mailbox).where(mailbox.c.id == id)).one_or_none()


def something_due(db: sa.Connection, now: datetime) -> bool:
    """Whether a letter is to leave; cheap, for it is asked again and again."""
    due = sa.or_(sa.exists(_due_messages(now)), sa.exists(_due_links(now)))
    return bool(db.scalar(sa.select(due)))


def trouble_of_server(db: sa.Connection) -> sa.Row[Any] | None:
    """What the mail server suffers from, and since when; None when all is well."""
    query = sa.select(transport).where(transport.c.trouble.is_not(None))
    return db.execute(query).one_or_none()


def save_trouble(db: sa.Connection, trouble: str | None, now: datetime) -> None:
    """Remember the server's trouble, or that it is over; `since` is when the trouble began."""
    known = trouble_of_server(db)
    if (known.trouble if known else None) == trouble:
        return
    since = known.since if known and trouble else now
    upsert(db, transport, [{"name": "smtp", "trouble": trouble, "since": since}])


# ---- forgetting a person


def forget_person(db: sa.Connection, person_id: UUID, email: str | None, now: datetime) -> None:
    """Erase what was written to her or names her; how many messages there were stays known."""
    hers = message.c.recipient_id == person_id
    unsent = message.c.state.in_((*UNSENT, MessageState.SENDING))
    cancelled = {
        "state": MessageState.CANCELLED,
        "reason": CancelReason.PERSON_ERASED,
        "ended_at": now,
    }
    db.execute(sa.update(message).where(hers, unsent).values(cancelled))
    db.execute(sa.update(message).where(hers).values(_NO_TEXT | {"details": {}}))
    _forget_mentions(db, person_id, now)
    written_to = [mailbox.c.recipient_id == person_id]
    asked_for = [link.c.person_id == person_id]
    if email:
        written_to.append(sa.func.lower(mailbox.c.address) == email.lower())
        asked_for.append(sa.func.lower(link.c.email) == email.lower())
    db.execute(sa.delete(mailbox).where(sa.or_(*written_to)))
    db.execute(sa.delete(link).where(sa.or_(*asked_for)))


def _forget_mentions(db: sa.Connection, person_id: UUID, now: datetime) -> None:
    """Erase the texts that name her; those not sent yet are written anew, without her."""
    naming = sa.select(mention.c.message_id).where(mention.c.person_id == person_id)
    named = message.c.id.in_(naming)
    rewrite = {"state": MessageState.WAITING_FOR_PERSON, "waiting_since": now}
    queued = message.c.state == MessageState.QUEUED
    db.execute(sa.update(message).where(named, queued).values(rewrite))
    db.execute(sa.update(message).where(named).values(_NO_TEXT))
    db.execute(sa.delete(mailbox).where(mailbox.c.id.in_(naming)))
    db.execute(sa.delete(mention).where(mention.c.person_id == person_id))


# ---- showing


def messages(programmes: Iterable[str] | None = None) -> sa.Select[Any]:
    """Every message with the name of its reader, of some programmes or (None) of all."""
    query = sa.select(message, person.c.name.label("recipient")).select_from(
        message.outerjoin(person, person.c.id == message.c.recipient_id)
    )
    return query if programmes is None else query.where(message.c.programme.in_(list(programmes)))


def message_list(programmes: Iterable[str] | None) -> sa.Select[Any]:
    """What a list of messages shows, and an export holds."""
    return messages(programmes).with_only_columns(
        message.c.told_at,
        person.c.name.label("recipient"),
        message.c.template,
        message.c.subject,
        message.c.state,
        message.c.ended_at,
        message.c.attempts,
        message.c.reason,
        message.c.programme,
        message.c.recipient_id,
        message.c.about_id,
        message.c.id,
    )


MESSAGES = Listing(
    columns=(
        Column("told_at", N_("Date"), message.c.told_at),
        Column("recipient", N_("Destinataire"), person.c.name),
        Column("template", N_("Modèle"), message.c.template),
        Column("subject", N_("Objet"), message.c.subject),
        Column("state", N_("État"), message.c.state),
    ),
    filters=(
        Search("q", N_("Rechercher"), (person.c.name, message.c.subject)),
        Filter("state", N_("État"), message.c.state, tuple(labels.STATES.items())),
        Filter(
            "template",
            N_("Modèle"),
            message.c.template,
            tuple((name, label) for name, label in labels.TEMPLATES.items() if name not in LINKS),
        ),
    ),
    sort="-told_at",
    ties=(message.c.id.desc(),),
    key=message.c.id,
)


def failures(db: sa.Connection, programmes: Iterable[str] | None, limit: int) -> list[sa.Row[Any]]:
    """The last messages that failed and were not sent again."""
    failed = messages(programmes).where(message.c.state == MessageState.FAILED)
    return list(db.execute(failed.order_by(message.c.ended_at.desc()).limit(limit)))


def counts_by_state(db: sa.Connection) -> dict[str, int]:
    query = sa.select(message.c.state, sa.func.count().label("messages"))
    counted = {row.state: row.messages for row in db.execute(query.group_by(message.c.state))}
    return {state.value: counted.get(state.value, 0) for state in MessageState}


def mailbox_list() -> sa.Select[Any]:
    return sa.select(
        mailbox.c.received_at,
        mailbox.c.name,
        mailbox.c.address,
        mailbox.c.subject,
        mailbox.c.template,
        mailbox.c.id,
    )


MAILBOX = Listing(
    columns=(
        Column("received_at", N_("Date"), mailbox.c.received_at),
        Column("name", N_("Destinataire"), mailbox.c.name),
        Column("subject", N_("Objet"), mailbox.c.subject),
    ),
    filters=(
        Search("q", N_("Rechercher"), (mailbox.c.name, mailbox.c.address, mailbox.c.subject)),
        Filter("template", N_("Modèle"), mailbox.c.template, tuple(labels.TEMPLATES.items())),
    ),
    sort="-received_at",
    ties=(mailbox.c.id.desc(),),
    key=mailbox.c.id,
)


_HAS_ADDRESS = sa.func.coalesce(person.c.email, "") != ""
_READER = (person.c.name, person.c.email, person.c.language.label("reads"))
_NO_TEXT = {"subject": None, "body": None, "answer": None}
