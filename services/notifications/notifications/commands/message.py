"""A message from the fact that causes it to the queue: written, waited for, cancelled, retried."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from essaim.clock import SystemClock
from essaim.ids import new_id
from essaim.keeping.database import note_erasure
from essaim.loops import words_of
from essaim.people.directory import find_person, is_erased
from essaim.work import Work
from essaim_contracts.envelope import Envelope
from essaim_contracts.notifications import FailureReason, MessageFailed, MessageSent

from notifications import store
from notifications.letters.letter import Letter
from notifications.letters.text import write
from notifications.message import (
    CAME_BACK,
    GIVE_UP_AFTER,
    METHODS,
    CancelReason,
    Cause,
    GaveUp,
    Message,
    MessageState,
    OwnFailure,
    Secret,
    Template,
    Text,
    failed,
    language_of,
    message_not_failed,
    message_not_waiting,
    message_replaced,
    page_of_programme,
    unknown_message,
)
from notifications.notice import Notice
from notifications.outbox import FOLLOWS_THE_ANSWER, is_held, occasion_of
from notifications.preference import category_of

log = structlog.get_logger()

REAL_TIME = SystemClock()
"""Tries and patience are counted in real time: a demo plays a year in a minute."""

PATIENCE_FOR_PERSON = timedelta(days=7)
"""Business time a message waits for its reader to come into the directory, with an address."""

_REAL_PATIENCE = timedelta(minutes=1)
# A simulated clock jumps over weeks while the directory is still on its way.

_CHUNK = 200


def cause_of(work: Work) -> Envelope:
    """The fact being handled."""
    if work.cause is None:
        raise ValueError("This handler was called without the fact that causes it.")
    return work.cause


def tell(work: Work, notices: Iterable[Notice]) -> None:
    """Queue what the fact being handled tells people."""
    cause = cause_of(work)
    queue(work, notices, cause.programme, Cause(cause.source, cause.id))


def queue(
    work: Work,
    notices: Iterable[Notice],
    programme: str,
    cause: Cause | None = None,
    *,
    patience: timedelta = GIVE_UP_AFTER,
) -> None:
    """Queue a message for each notice, once per fact `cause`, reader and template; or hold it.

    The text is written now when the directory knows the reader, else once it does. `patience` is
    the real time after which a message is not worth sending.
    """
    name = store.programme.name_of(work.db, programme)
    of_programme = {"programme_name": name, "programme_page": page_of_programme(programme)}
    chosen = store.held.choices(work.db, programme)
    for notice in notices:
        if is_erased(work.db, notice.recipient_id):
            continue
        message = replace(
            _new(work, notice.template, notice.details | of_programme, patience),
            recipient_id=notice.recipient_id,
            programme=programme,
            about_id=notice.about_id,
            cause=cause.id if cause else None,
            cause_source=cause.source if cause else None,
            occasion=occasion_of(notice.template, notice.about_id, notice.details),
        )
        if _is_unwanted(work, message):
            dropped = replace(
                message,
                state=MessageState.CANCELLED,
                reason=CancelReason.SWITCHED_OFF,
                ended_at=work.now,
            )
            store.message.add(work.db, dropped, notice.mentions)
            continue
        if _waits_to_be_read(work, message, chosen):
            message = replace(message, state=MessageState.HELD)
        _add(work, message, notice.mentions)


def _is_unwanted(work: Work, message: Message) -> bool:
    """Whether she switched these letters off."""
    category, reader = category_of(message.template), message.recipient_id
    if category is None or reader is None:
        return False
    return store.preference.is_off(work.db, reader, category.code)


def _waits_to_be_read(work: Work, message: Message, chosen: Mapping[str, bool]) -> bool:
    if is_held(message.template, chosen):
        return True
    # A welcome must not be the first she hears of being selected.
    follows = message.template in FOLLOWS_THE_ANSWER
    reader, programme = message.recipient_id, message.programme
    return bool(
        follows and reader and programme and store.held.is_answer_held(work.db, programme, reader)
    )


def _add(work: Work, message: Message, mentions: Iterable[UUID]) -> None:
    reader = find_person(work.db, message.recipient_id) if message.recipient_id else None
    if reader is None or not reader.email:
        store.message.add(work.db, message, mentions)
        return
    name = reader.name if reader.email_proved else ""
    written = _written(work, message, name, reader.language)
    message = replace(message, **(written or {}))
    if store.message.add(work.db, message, mentions) and written is None:
        give_up(work, message, OwnFailure.UNWRITABLE)


def queue_secret(
    work: Work,
    template: Template,
    secret: Secret,
    *,
    language: str,
    life: timedelta,
    recipient_id: UUID | None = None,
    **details: Any,
) -> None:
    """Queue a message whose link is a secret; it is written as it leaves, and gone after `life`."""
    message = replace(
        _new(work, template, details, life),
        recipient_id=recipient_id,
        state=MessageState.QUEUED,
        language=language_of(language),
        secret=secret,
    )
    store.message.add(work.db, replace(message, next_attempt_at=message.entered_at))


def _new(work: Work, template: Template, details: dict[str, Any], patience: timedelta) -> Message:
    real_now = REAL_TIME.now()
    return Message(
        id=new_id(),
        recipient_id=None,
        template=template,
        details=details,
        state=MessageState.WAITING_FOR_PERSON,
        told_at=work.cause.time if work.cause else work.now,
        waiting_since=work.now,
        entered_at=real_now,
        give_up_at=real_now + patience,
        origin=work.origin,
    )


def _written(work: Work, message: Message, name: str, reads: str) -> dict[str, Any] | None:
    """What changes in a message that can be written, for its reader is known.

    `name` is empty while her address may be somebody else's. None when it cannot be: whatever its
    template or its details break on, the others go on.
    """
    if message.edited and message.text and name:
        return _ready(work, message)
    language = message.language_for(reads)
    text = text_for(work.db, message, name, language)
    if text is None:
        return None
    written = {
        "language": language,
        "subject": text.subject,
        "body": text.body,
        "edited": False,
    }
    return written | _ready(work, replace(message, subject=text.subject, body=text.body))


def _ready(work: Work, written: Message) -> dict[str, Any]:
    """What becomes of a message once it has its text."""
    if written.state == MessageState.HELD:
        return {}
    if written.template not in METHODS and store.said.says_the_same(work.db, written):
        reason = CancelReason.IDENTICAL
        return {"state": MessageState.CANCELLED, "reason": reason, "ended_at": work.now}
    return {"state": MessageState.QUEUED, "next_attempt_at": REAL_TIME.now()}


def text_for(db: sa.Connection, message: Message, name: str, language: str) -> Text | None:
    """The text of a message in a language; None when its template or its details break on it."""
    try:
        named = [UUID(id) for id in message.details.get("people", ())]
        people = store.message.people_named(db, named)
        details = message.details | {"people": people}
        own = store.wording.of_template(db, message.programme or "", message.template, language)
        return write(message.template, language, name, details, own)
    except sa.exc.SQLAlchemyError:
        raise
    except Exception as error:
        say_unwritable(message, error)
        return None


def say_unwritable(message: Message | Letter, error: Exception) -> None:
    """In the log, without what the letter says: its text is about somebody."""
    log.error(
        "a letter cannot be composed",
        id=str(message.id),
        template=message.template,
        reason=words_of(error),
    )


def write_for_known_people(work: Work) -> bool:
    """Write and queue what waited for a person whom the directory now knows. A timer."""
    waiting = store.message.waiting_for_known_people(work.db, _CHUNK)
    for message, name, language in waiting:
        written = _written(work, message, name, language)
        if written is None:
            give_up(following(work, message), message, OwnFailure.UNWRITABLE)
        else:
            store.message.update(work.db, message.id, **written)
    return len(waiting) == _CHUNK


def give_up_unknown_people(work: Work) -> bool:
    """Give up what waited too long for its reader or her address. A timer."""
    real_now = REAL_TIME.now()
    store.message.wait_for_lost_people(work.db, work.now, real_now)
    waited = store.message.waited_too_long(
        work.db,
        since=work.now - PATIENCE_FOR_PERSON,
        entered=real_now - _REAL_PATIENCE,
        limit=_CHUNK,
    )
    work.each_alone("messages", waited, lambda message: _give_up_unknown(work, message))
    return len(waited) == _CHUNK


def _give_up_unknown(work: Work, message: Message) -> None:
    give_up(following(work, message), message, FailureReason.NO_ADDRESS)


def following(work: Work, message: Message) -> Work:
    """The same transaction, as part of what led to a message."""
    return replace(work, origin=message.origin or work.origin)


def give_up(work: Work, message: Message, reason: GaveUp, **noted: object) -> None:
    """Give a message up, and say so: somebody should phone."""
    values = {"state": MessageState.FAILED, "reason": reason}
    end(work, message, failed(message, reason, work.now), **values, **noted)


def end(
    work: Work, message: Message, told: MessageSent | MessageFailed | None, **values: object
) -> None:
    """A message has left or was given up: this is told, unless it carried a secret, which goes."""
    if told is None:
        if message.template == Template.ERASURE_DONE:
            note_erasure(work.db)  # the last address of somebody who is forgotten
        store.message.delete(work.db, message.id)
        return
    store.message.end(work.db, message.id, ended_at=work.now, **values)
    work.tell(told, programme=message.programme)


def cancel(work: Work, message_id: UUID) -> MessageState:
    """Take back a message that has not left; answers its state.

    Raises:
        Refusal: there is no such message, or it has left, failed or was cancelled.
    """
    message = _lock(work, message_id)
    if not message.may_be_cancelled:
        raise message_not_waiting()
    ended = {"state": MessageState.CANCELLED, "reason": CancelReason.BY_HAND, "ended_at": work.now}
    store.message.update(work.db, message_id, **ended)
    return MessageState.CANCELLED


def retry(work: Work, message_id: UUID) -> MessageState:
    """Queue a message again that failed or was cancelled by hand; its text is written anew.

    Answers its state: it waits for its reader or, where nobody has sent it yet, to be read.

    Raises:
        Refusal: there is no such message, or nothing is to be retried.
    """
    message = _lock(work, message_id)
    recipient_id = message.recipient_id
    if not message.may_be_retried or recipient_id is None or is_erased(work.db, recipient_id):
        raise message_not_failed()
    if store.said.is_superseded(work.db, message):
        raise message_replaced()
    reader = find_person(work.db, recipient_id)
    if message.reason in CAME_BACK and reader and reader.email:
        # Somebody phoned: the address is tried once more.
        store.bounced.forget_address(work.db, reader.email)
    real_now = REAL_TIME.now()
    chosen = store.held.choices(work.db, message.programme or "")
    is_put_back = message.reason == CancelReason.BY_HAND and is_held(message.template, chosen)
    state = MessageState.HELD if is_put_back else MessageState.WAITING_FOR_PERSON
    store.message.update(
        work.db,
        message_id,
        state=state,
        reason=None,
        answer=None,
        uncertain=False,
        ended_at=None,
        waiting_since=work.now,
        entered_at=real_now,
        give_up_at=real_now + GIVE_UP_AFTER,
        **store.message.origin_values(work.origin),
    )
    return state


def _lock(work: Work, message_id: UUID) -> Message:
    message = store.message.lock(work.db, message_id)
    if message is None:
        raise unknown_message()
    return message
