"""Messages between the queue and the transport: claimed for a try, and marked by how it ended."""

from collections.abc import Iterable
from dataclasses import replace

import structlog
from essaim.work import Work
from essaim_contracts.notifications import FailureReason

from notifications import store
from notifications.commands.message import (
    REAL_TIME,
    end,
    following,
    give_up,
    say_unwritable,
)
from notifications.letters.letter import Letter, address
from notifications.message import (
    PERISHABLE,
    Message,
    MessageState,
    Outcome,
    OwnFailure,
    Template,
    after_try,
    sent,
)

log = structlog.get_logger()

_OVERDUE_AT_ONCE = 500


def claim(work: Work, limit: int) -> list[Letter]:
    """Take what may leave now, and mark it as being sent; links first, somebody waits for them."""
    now = REAL_TIME.now()
    try:
        due = store.delivery.due(work.db, now, limit)
    except ValueError as error:
        for message in store.delivery.unreadable(work.db, now, limit):
            say_unwritable(message, error)
            give_up(following(work, message), message, OwnFailure.UNWRITABLE, details={})
        due = store.delivery.due(work.db, now, limit)
    claimed = [_claim(work, *one) for one in due]
    return [letter for letter in claimed if letter]


def _claim(work: Work, message: Message, name: str, to: str) -> Letter | None:
    if message.secret is None and store.bounced.is_known(work.db, to):
        give_up(following(work, message), message, OwnFailure.COMES_BACK)
        return None
    attempts = message.attempts + 1
    store.delivery.begin(work.db, message.id, attempts)
    try:
        reply_to = store.reply.address_of(work.db, message.programme)
        return address(message, name, to, reply_to)
    except Exception as error:
        # Whatever its template or its details break on, the letters behind it go on.
        say_unwritable(message, error)
        _end(following(work, message), replace(message, attempts=attempts), Outcome.UNWRITABLE)
        return None


def end_try(work: Work, letter: Letter, outcome: Outcome, answer: str | None) -> None:
    """Save how a try ended. Nothing happens when another instance took the letter over."""
    message = store.delivery.find_sending(work.db, letter.id, letter.attempts)
    if message is not None:
        _end(work, message, outcome, answer)


def recover_interrupted(work: Work) -> None:
    """Deal with letters that were being sent when the service stopped: each is uncertain."""
    for message in store.delivery.interrupted(work.db):
        log.warning("a letter was interrupted and may have left", id=str(message.id))
        _end(following(work, message), message, Outcome.UNCERTAIN, None)


def give_up_late(work: Work) -> bool:
    """Give up what would be worse late than never: reminders, links. A timer, and before a try."""
    return _give_up(work, PERISHABLE)


def give_up_overdue(work: Work) -> bool:
    """Give up what waited for days for a server that cannot be reached."""
    return _give_up(work, None)


def _give_up(work: Work, templates: Iterable[Template] | None) -> bool:
    overdue = store.delivery.overdue(work.db, REAL_TIME.now(), templates, _OVERDUE_AT_ONCE)
    work.each_alone("messages", overdue, lambda message: _give_up_overdue(work, message))
    return len(overdue) == _OVERDUE_AT_ONCE


def _give_up_overdue(work: Work, message: Message) -> None:
    give_up(following(work, message), message, FailureReason.SERVER_UNREACHABLE)


def _end(work: Work, message: Message, outcome: Outcome, answer: str | None = None) -> None:
    step = after_try(
        outcome,
        attempts=message.attempts,
        was_uncertain=message.uncertain,
        give_up_at=message.give_up_at,
        now=REAL_TIME.now(),
    )
    noted = {"uncertain": step.uncertain, "answer": answer}
    if step.state == MessageState.QUEUED:
        again = {"state": step.state, "next_attempt_at": step.retry_at}
        store.message.update(work.db, message.id, **again, **noted)
    elif step.failure:
        if message.secret:
            # No fact tells of it.
            log.warning("a link was not sent", template=message.template, reason=step.failure)
        give_up(work, message, step.failure, **noted)
    else:
        end(work, message, sent(message, work.now), state=step.state, **noted)
