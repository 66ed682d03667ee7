"""A message from the fact that causes it to the queue: written, waited for, cancelled, retried."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from essaim.clock import SystemClock
from essaim.ids import new_id
from essaim.people.directory import find_person, is_erased
from essaim.refusal import Refusal
from essaim.work import Work
from essaim_contracts.notifications import Channel, FailureReason, MessageFailed

from notifications import store, texts
from notifications.messages import (
    GIVE_UP_AFTER,
    UNSENT,
    CancelReason,
    MessageState,
    Notice,
    Template,
)
from notifications.sessions import Session, due_reminder, reminders
from notifications.texts import Text

REAL_TIME = SystemClock()
"""Tries and patience are counted in real time: a demo plays a year in a minute."""

PATIENCE_FOR_PERSON = timedelta(days=7)
"""Business time a message waits for its reader to come into the directory, with an address."""

_REAL_PATIENCE = timedelta(minutes=1)
# A simulated clock jumps over weeks while the directory is still on its way.

_CHUNK = 200
_SESSIONS_AT_ONCE = 20


def queue(
    work: Work,
    notices: Iterable[Notice],
    *,
    programme: str,
    cause: str,
    patience: timedelta = GIVE_UP_AFTER,
) -> None:
    """Queue a message for each notice, once per fact `cause`, reader and template.

    The text is written now when the directory knows the reader, else once it does. `patience` is
    the real time after which a message is not worth sending.
    """
    real_now = REAL_TIME.now()
    for notice in notices:
        if is_erased(work.db, notice.recipient_id):
            continue
        row = {
            "id": new_id(),
            "recipient_id": notice.recipient_id,
            "template": notice.template,
            "programme": programme,
            "about_id": notice.about_id,
            "cause": cause,
            "details": notice.details,
            "attempts": 0,
            "uncertain": False,
            "told_at": work.cause.time if work.cause else work.now,
            "waiting_since": work.now,
            "entered_at": real_now,
            "give_up_at": real_now + patience,
        }
        store.insert_message(work.db, row | _written(work, notice, real_now), notice.mentions)


def _written(work: Work, notice: Notice, real_now: datetime) -> dict[str, Any]:
    reader = find_person(work.db, notice.recipient_id)
    if reader is None or not reader.email:
        return {"state": MessageState.WAITING_FOR_PERSON}
    language = texts.language_of(reader.language)
    text = _write(work, notice.template, language, reader.name, notice.details)
    return _as_queued(language, text, real_now)


def _write(
    work: Work, template: Template, language: str, name: str, details: dict[str, Any]
) -> Text:
    people = store.people_named(work.db, details.get("people", ()))
    return texts.write(template, language, name, details | {"people": people})


def _as_queued(language: str, text: Text, real_now: datetime) -> dict[str, Any]:
    return {
        "state": MessageState.QUEUED,
        "language": language,
        "subject": text.subject,
        "body": text.body,
        "next_attempt_at": real_now,
    }


def write_for_known_people(work: Work) -> bool:
    """Write and queue what waited for a person whom the directory now knows. A timer."""
    waiting = store.waiting_for_known_people(work.db, _CHUNK)
    for row in waiting:
        language = texts.language_of(row.reads)
        text = _write(work, Template(row.template), language, row.name, row.details)
        store.update_message(work.db, row.id, **_as_queued(language, text, REAL_TIME.now()))
    return len(waiting) == _CHUNK


def give_up_unknown_people(work: Work) -> bool:
    """Give up what waited too long for its reader or her address. A timer."""
    real_now = REAL_TIME.now()
    store.wait_for_lost_people(work.db, work.now, real_now)
    waited = store.waited_too_long(
        work.db,
        since=work.now - PATIENCE_FOR_PERSON,
        entered=real_now - _REAL_PATIENCE,
        limit=_CHUNK,
    )
    for row in waited:
        fail(work, row, FailureReason.NO_ADDRESS)
    return len(waited) == _CHUNK


def queue_due_reminders(work: Work) -> bool:
    """Queue the reminders whose moment has come, once per session and sequence. A timer."""
    near = store.sessions_to_remind(work.db, work.now)
    due = [(session, due_reminder(session, work.now)) for session in near]
    to_remind = [(session, template) for session, template in due if template]
    for session, template in to_remind[:_SESSIONS_AT_ONCE]:
        _remind(work, session, template)
    return len(to_remind) > _SESSIONS_AT_ONCE


def _remind(work: Work, session: Session, template: Template) -> None:
    notices = reminders(session, template, store.public_names(work.db, session))
    left = session.starts_at - work.now
    queue(work, notices, programme=session.programme, cause=session.told_by, patience=left)
    store.save_reminded(work.db, session.id, template)


def fail(work: Work, row: Any, reason: FailureReason, **values: Any) -> None:
    """Give a message up, and say so: somebody should phone. `row` is of the table message."""
    ended = {"state": MessageState.FAILED, "reason": reason, "ended_at": work.now}
    store.update_message(work.db, row.id, **ended, **values)
    failed = MessageFailed(
        message_id=row.id,
        recipient_id=row.recipient_id,
        template=row.template,
        channel=Channel.EMAIL,
        about_id=row.about_id,
        reason=reason,
        attempts=max(1, row.attempts),
        failed_at=work.now,
    )
    work.tell(failed, programme=row.programme)


def cancel(work: Work, message_id: UUID) -> None:
    """Take back a message that has not left.

    Raises:
        Refusal: there is no such message, or it has left, failed or was cancelled.
    """
    row = _find(work, message_id)
    if row.state not in UNSENT:
        raise Refusal(
            "message_not_waiting",
            "Ce message n'est plus en attente : il est parti, a échoué ou a été annulé. "
            "On ne peut pas le reprendre.",
        )
    ended = {"state": MessageState.CANCELLED, "reason": CancelReason.BY_HAND, "ended_at": work.now}
    store.update_message(work.db, message_id, **ended)


def retry(work: Work, message_id: UUID) -> None:
    """Queue a message again that failed or was cancelled by hand; its text is written anew.

    Raises:
        Refusal: there is no such message, or nothing is to be retried.
    """
    row = _find(work, message_id)
    may_retry = row.state == MessageState.FAILED or row.reason == CancelReason.BY_HAND
    if not may_retry or is_erased(work.db, row.recipient_id):
        raise Refusal(
            "message_not_failed",
            "Seul un message qui a échoué, ou que vous avez annulé, peut être renvoyé.",
        )
    real_now = REAL_TIME.now()
    store.update_message(
        work.db,
        message_id,
        state=MessageState.WAITING_FOR_PERSON,
        reason=None,
        answer=None,
        uncertain=False,
        ended_at=None,
        waiting_since=work.now,
        entered_at=real_now,
        give_up_at=real_now + GIVE_UP_AFTER,
    )


def _find(work: Work, message_id: UUID) -> Any:
    row = store.lock_message(work.db, message_id)
    if row is None:
        raise Refusal("unknown_message", "Ce message n'existe pas.", status=404)
    return row


def forget(work: Work, person_id: UUID) -> None:
    """Erase a person: her messages' texts, her links, her letters in the mailbox."""
    known = find_person(work.db, person_id)
    store.forget_person(work.db, person_id, known.email if known else None, work.now)
