"""Letters between the queue and the transport: claimed for a try, and marked by how it ended."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from essaim.work import Work
from essaim_contracts.notifications import Channel, FailureReason, MessageSent

from notifications import store, texts
from notifications.calendars import METHODS, Attendee
from notifications.letters import Letter
from notifications.messages import (
    REMINDERS,
    MessageState,
    NextStep,
    Outcome,
    Template,
    after_try,
)
from notifications.queue import REAL_TIME, fail
from notifications.texts import Text

log = structlog.get_logger()

_OVERDUE_AT_ONCE = 500


def due_letters(work: Work, limit: int) -> list[Letter]:
    """What may leave now, links first: somebody waits for them before her screen."""
    now = REAL_TIME.now()
    links = [_link_letter(row) for row in store.due_links(work.db, now, limit)]
    messages = store.due_messages(work.db, now, limit - len(links)) if len(links) < limit else []
    return links + [_message_letter(row) for row in messages]


def begin_try(work: Work, letter: Letter) -> None:
    store.begin_sending(work.db, store.LETTER_TABLES[letter.kind], letter.id, letter.attempts)


def end_try(work: Work, letter: Letter, outcome: Outcome, answer: str | None) -> None:
    """Save how a try ended. Nothing happens when another instance took the letter over."""
    table = store.LETTER_TABLES[letter.kind]
    row = store.find_sending(work.db, table, letter.id, letter.attempts)
    if row is not None:
        _end(work, letter.kind, row, outcome, answer)


def recover_interrupted(work: Work) -> None:
    """Deal with letters that were being sent when the service stopped: each is uncertain."""
    for kind, table in store.LETTER_TABLES.items():
        for row in store.interrupted(work.db, table):
            log.warning("a letter was interrupted and may have left", kind=kind, id=str(row.id))
            _end(work, kind, row, Outcome.UNCERTAIN, None)


def give_up_late_reminders(work: Work) -> bool:
    """A reminder after the session began would be worse than none."""
    return _give_up(work, REAL_TIME.now(), REMINDERS)


def give_up_overdue(work: Work) -> bool:
    """Give up what waited for days for a server that cannot be reached."""
    return _give_up(work, REAL_TIME.now(), None)


def _give_up(work: Work, now: datetime, templates: Iterable[Template] | None) -> bool:
    overdue = store.overdue_messages(work.db, now, templates, _OVERDUE_AT_ONCE)
    for row in overdue:
        fail(work, row, FailureReason.SERVER_UNREACHABLE)
    return len(overdue) == _OVERDUE_AT_ONCE


def _end(work: Work, kind: str, row: Any, outcome: Outcome, answer: str | None) -> None:
    step = after_try(
        outcome,
        attempts=row.attempts,
        was_uncertain=row.uncertain,
        give_up_at=row.give_up_at,
        now=REAL_TIME.now(),
    )
    values: dict[str, Any] = {"uncertain": step.uncertain, "answer": answer}
    if kind == "link":
        _end_link(work, row, step, values)
    elif step.state == MessageState.FAILED and step.failure:
        fail(work, row, step.failure, **values)
    elif step.state == MessageState.SENT:
        store.update_message(work.db, row.id, state=step.state, ended_at=work.now, **values)
        work.tell(_sent(row, work.now), programme=row.programme)
    else:
        values |= {"state": step.state, "next_attempt_at": step.retry_at}
        store.update_message(work.db, row.id, **values)


def _end_link(work: Work, row: Any, step: NextStep, values: dict[str, Any]) -> None:
    """A link lives no longer than its errand: sent or given up, its row goes."""
    if step.state == MessageState.QUEUED:
        values |= {"state": step.state, "next_attempt_at": step.retry_at}
        store.update_link(work.db, row.id, **values)
        return
    if step.state == MessageState.FAILED:
        log.warning("a link was not sent", template=row.template, reason=step.failure)
    store.delete_link(work.db, row.id)


def _sent(row: Any, now: datetime) -> MessageSent:
    return MessageSent(
        message_id=row.id,
        recipient_id=row.recipient_id,
        template=row.template,
        language=row.language,
        channel=Channel.EMAIL,
        about_id=row.about_id,
        cause=row.cause,
        attempts=row.attempts,
        sent_at=now,
    )


def _message_letter(row: Any) -> Letter:
    return Letter(
        kind="message",
        id=row.id,
        template=row.template,
        recipient_id=row.recipient_id,
        to=_attendee(row.name, row.email),
        language=row.language,
        text=Text(row.subject, row.body),
        attempts=row.attempts + 1,
        session=row.details if row.template in METHODS else None,
    )


def _link_letter(row: Any) -> Letter:
    language = texts.language_of(row.language)
    to = _attendee(row.to_name, row.to_address)
    return Letter(
        kind="link",
        id=row.id,
        template=row.template,
        recipient_id=row.person_id,
        to=to,
        language=language,
        text=texts.write(Template(row.template), language, to.name, row.details),
        attempts=row.attempts + 1,
        link=row.details["url"],
    )


def _attendee(name: str, address: str) -> Attendee:
    return Attendee(texts.one_line(name), address.strip())
