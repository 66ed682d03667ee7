"""A message to one person: who is told what, its states, and what follows a try to send it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from essaim_contracts.notifications import FailureReason


class Template(StrEnum):
    """Which text is sent. Each has a file per language in `mail/`."""

    APPLICATION_RECEIVED = "application-received"
    APPLICATION_DECIDED = "application-decided"
    COHORT_WELCOME = "cohort-welcome"
    SESSION_CONVOCATION = "session-convocation"
    SESSION_MOVED = "session-moved"
    SESSION_CANCELLED = "session-cancelled"
    SESSION_REMINDER_7_DAYS = "session-reminder-7-days"
    SESSION_REMINDER_1_DAY = "session-reminder-1-day"
    PAIRING_MADE = "pairing-made"
    TROPHY_AWARDED = "trophy-awarded"
    SIGN_IN_LINK = "sign-in-link"
    DRAFT_LINK = "draft-link"


REMINDERS = frozenset({Template.SESSION_REMINDER_7_DAYS, Template.SESSION_REMINDER_1_DAY})
LINKS = frozenset({Template.SIGN_IN_LINK, Template.DRAFT_LINK})


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING_FOR_PERSON = "waiting_for_person"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNSENT = (MessageState.WAITING_FOR_PERSON, MessageState.QUEUED)
TOLD = (MessageState.SENDING, MessageState.SENT)
"""What may have reached its reader: a later message must not contradict it in silence."""


class CancelReason(StrEnum):
    """Why a message was not sent although nothing failed."""

    REPLACED = "replaced"
    SESSION_CANCELLED = "session_cancelled"
    LEFT_COHORT = "left_cohort"
    PERSON_ERASED = "person_erased"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class Notice:
    """One person to be told something.

    `details` fills the template, as JSON and without personal data; `mentions` are the other
    persons whose names the text needs.
    """

    recipient_id: UUID
    template: Template
    about_id: UUID
    details: dict[str, Any]
    mentions: tuple[UUID, ...] = ()


class Outcome(StrEnum):
    """How one try to send ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """The server said no for good (5xx)."""
    POSTPONED = "postponed"
    """The server said not now (4xx)."""
    NOT_REACHED = "not_reached"
    """The connection broke before the message was handed over: it was not taken."""
    UNCERTAIN = "uncertain"
    """The connection broke while the message was handed over: it may have been taken."""
    UNADDRESSABLE = "unaddressable"
    """The address is none that a mail server takes."""


@dataclass(frozen=True)
class NextStep:
    """What becomes of a message after a try. `retry_at` is given with the state queued."""

    state: MessageState
    retry_at: datetime | None = None
    failure: FailureReason | None = None
    uncertain: bool = False


RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
"""Real time between tries; the last interval repeats."""

GIVE_UP_AFTER = timedelta(days=5)
"""Real time after which a message is given up: the usual patience of mail servers (RFC 5321)."""

_FAILURES = {
    Outcome.POSTPONED: FailureReason.REFUSED_BY_SERVER,
    Outcome.NOT_REACHED: FailureReason.SERVER_UNREACHABLE,
    Outcome.UNCERTAIN: FailureReason.SERVER_UNREACHABLE,
}


def after_try(
    outcome: Outcome,
    *,
    attempts: int,
    was_uncertain: bool,
    give_up_at: datetime,
    now: datetime,
    retry_after: tuple[timedelta, ...] = RETRY_AFTER,
) -> NextStep:
    """Decide what becomes of a message, `attempts` tries made. Every instant is real time.

    An uncertain try is made once more: the Message-ID is the same, so that mail programs can drop
    the double. A second uncertain one is left to a human, for a message must not come again and
    again to somebody who has it.
    """
    if outcome == Outcome.ACCEPTED:
        return NextStep(MessageState.SENT, uncertain=was_uncertain)
    if outcome == Outcome.REFUSED:
        return NextStep(MessageState.FAILED, failure=FailureReason.REFUSED_BY_SERVER)
    if outcome == Outcome.UNADDRESSABLE:
        return NextStep(MessageState.FAILED, failure=FailureReason.NO_ADDRESS)
    uncertain = was_uncertain or outcome == Outcome.UNCERTAIN
    retry_at = now + retry_after[min(attempts, len(retry_after)) - 1]
    if (was_uncertain and outcome == Outcome.UNCERTAIN) or retry_at > give_up_at:
        return NextStep(MessageState.FAILED, failure=_FAILURES[outcome], uncertain=uncertain)
    return NextStep(MessageState.QUEUED, retry_at=retry_at, uncertain=uncertain)
