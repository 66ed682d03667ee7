"""A mail to one person: its states, what may be done about it, what follows a try to send it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from essaim.observing.tracing import Origin
from essaim.refusal import Refusal
from essaim.text.calendar import Method
from essaim_contracts.notifications import Channel, FailureReason, MessageFailed, MessageSent

LANGUAGES = ("fr", "en")


def language_of(wanted: str | None) -> str:
    """The language to write in: French when we do not have the one she wants."""
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


class Template(StrEnum):
    """Which text is sent. Each has a file per language in `letters/`."""

    APPLICATION_RECEIVED = "application-received"
    APPLICATION_WITHDRAWN = "application-withdrawn"
    APPLICATION_DECIDED = "application-decided"
    PLACE_OFFERED = "place-offered"
    HANDOVER_PROPOSED = "handover-proposed"
    HANDOVER_OFFERED = "handover-offered"
    HANDOVER_ANSWERED = "handover-answered"
    CORRECTION_ASKED = "correction-asked"
    APPLICATION_CORRECTED = "application-corrected"
    NOTE_LEFT = "note-left"
    REVIEWS_ASSIGNED = "reviews-assigned"
    COHORT_WELCOME = "cohort-welcome"
    SESSION_CONVOCATION = "session-convocation"
    SESSION_MOVED = "session-moved"
    SESSION_CANCELLED = "session-cancelled"
    SESSION_REMINDER_7_DAYS = "session-reminder-7-days"
    SESSION_REMINDER_1_DAY = "session-reminder-1-day"
    PAIRING_MADE = "pairing-made"
    TROPHY_AWARDED = "trophy-awarded"
    FILE_RECEIVED = "file-received"
    FILE_REVIEWED = "file-reviewed"
    FILE_LATE = "file-late"
    LETTER = "letter"
    """From who coordinates, to many at once."""
    ERASURE_ASKED = "erasure-asked"
    ERASURE_TAKEN_BACK = "erasure-taken-back"
    ERASURE_DONE = "erasure-done"
    WEBHOOK_FAILING = "webhook-failing"
    WEBHOOK_STOPPED = "webhook-stopped"
    RETENTION_ANNOUNCED = "retention-announced"
    SIGN_IN_LINK = "sign-in-link"
    DRAFT_LINK = "draft-link"
    HANDOVER_LINK = "handover-link"
    DRAFT_REMINDER = "draft-reminder"
    WATCH_LINK = "watch-link"
    CALL_OPENED = "call-opened"
    ADDRESS_LINK = "address-link"
    ADDRESS_NOTICE = "address-notice"


REMINDERS = frozenset({Template.SESSION_REMINDER_7_DAYS, Template.SESSION_REMINDER_1_DAY})
LINKS = frozenset(
    {
        Template.SIGN_IN_LINK,
        Template.DRAFT_LINK,
        Template.HANDOVER_LINK,
        Template.DRAFT_REMINDER,
        Template.WATCH_LINK,
        Template.CALL_OPENED,
        Template.ADDRESS_LINK,
        Template.ADDRESS_NOTICE,
        Template.ERASURE_DONE,
    }
)
"""What carries a secret: what its link opens, or the address of somebody who is forgotten."""
PERISHABLE = REMINDERS | LINKS
"""Better never than late."""

METHODS: dict[str, Method] = {
    Template.SESSION_CONVOCATION: "REQUEST",
    Template.SESSION_MOVED: "REQUEST",
    Template.SESSION_CANCELLED: "CANCEL",
}
"""The messages that carry an invitation; reminders leave the calendar alone."""


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING_FOR_PERSON = "waiting_for_person"
    HELD = "held"
    """Until somebody who coordinates has read it, and sends it or not."""
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNSENT = (MessageState.WAITING_FOR_PERSON, MessageState.HELD, MessageState.QUEUED)
TOLD = (MessageState.SENDING, MessageState.SENT)
"""What may have reached its reader: a later message must not contradict it in silence."""


class CancelReason(StrEnum):
    """Why a message was not sent although nothing failed."""

    REPLACED = "replaced"
    SESSION_CANCELLED = "session_cancelled"
    LEFT_COHORT = "left_cohort"
    PERSON_ERASED = "person_erased"
    IDENTICAL = "identical"
    """Another letter to the same person says the same, word for word."""
    SWITCHED_OFF = "switched_off"
    """She said that she does not want these."""
    BY_HAND = "by_hand"


class OwnFailure(StrEnum):
    """Why a message was given up although neither its reader nor the mail server is to blame."""

    UNWRITABLE = "unwritable"
    """Its letter could not be composed."""
    BOUNCED = "bounced"
    """A server took it, and said later that it could not be delivered."""
    COMES_BACK = "comes_back"
    """Others came back from this address: it was not sent."""


CAME_BACK = frozenset({OwnFailure.BOUNCED, OwnFailure.COMES_BACK})


GaveUp = FailureReason | OwnFailure
_TOLD_AS = {
    OwnFailure.UNWRITABLE: FailureReason.REFUSED_BY_SERVER,
    OwnFailure.BOUNCED: FailureReason.REFUSED_BY_SERVER,
    OwnFailure.COMES_BACK: FailureReason.NO_ADDRESS,
}
# The contract has no word for it: partners hear the nearest, that mail did not take the message.


def page_of_programme(slug: str) -> tuple[str, str]:
    """The service whose page says whom to ask about a programme and what applies, and the path."""
    return "candidatures", f"programmes/{slug}"


@dataclass(frozen=True)
class Text:
    """What a person reads. `body` has one line per paragraph or list item."""

    subject: str
    body: str


@dataclass(frozen=True, repr=False)
class Secret:
    """What only the reader may see: never logged, told in a fact, or shown.

    `link` opens what it leads to; it is empty where the letter is about a page. A reader whom the
    directory need not know comes with her `address`, and nothing else: nobody proved that it is
    hers, or she is forgotten.
    """

    link: str
    address: str | None = None


class Cause(NamedTuple):
    """The fact that a message tells: its source, and its id there."""

    source: str
    id: str


@dataclass(frozen=True)
class Message:
    """A mail to one person, as it stands in the queue.

    One that carries a secret belongs to no programme, is in no list, and is gone once it has left.
    `told_at`, `waiting_since` and `ended_at` are business time, the other instants real time:
    `told_at` is when the fact was said; `waiting_since` and `entered_at` when the message last
    entered the queue, by the fact or by hand; `ended_at` when it was sent, given up or cancelled.
    `cause` is the id of the fact it tells, unique with its `cause_source`.
    `answer` is what the mail server last said; `origin` what led to it, for logs and traces: it is
    kept until the message has left or was given up, and then stands in the fact that says so.
    `occasion` is what it is gathered under with others, `edited` whether somebody changed its text.
    """

    id: UUID
    recipient_id: UUID | None
    template: Template
    details: dict[str, Any]
    state: MessageState
    told_at: datetime
    waiting_since: datetime
    entered_at: datetime
    give_up_at: datetime
    origin: Origin | None = None
    programme: str | None = None
    about_id: UUID | None = None
    cause: str | None = None
    cause_source: str | None = None
    language: str | None = None
    subject: str | None = None
    body: str | None = None
    reason: str | None = None
    answer: str | None = None
    attempts: int = 0
    uncertain: bool = False
    next_attempt_at: datetime | None = None
    ended_at: datetime | None = None
    secret: Secret | None = None
    occasion: str | None = None
    edited: bool = False

    @property
    def text(self) -> Text | None:
        """None while it is not written, and for one with a secret: that is written as it leaves."""
        if self.subject is None or self.body is None:
            return None
        return Text(self.subject, self.body)

    @property
    def languages(self) -> tuple[str, ...]:
        """Those it can be written in: a letter to many, as somebody wrote it."""
        said = self.details.get("said", LANGUAGES)
        return tuple(one for one in LANGUAGES if one in said)

    def language_for(self, wanted: str | None) -> str:
        """The language to write it in for who wants this one."""
        language = language_of(wanted)
        return language if language in self.languages else LANGUAGES[0]

    @property
    def priority(self) -> int:
        """The lower leaves first: somebody waits for a link before her screen."""
        return 0 if self.secret else 1

    @property
    def may_be_cancelled(self) -> bool:
        return self.state in UNSENT

    @property
    def may_be_retried(self) -> bool:
        return self.state == MessageState.FAILED or self.reason == CancelReason.BY_HAND


def unknown_message() -> Refusal:
    return Refusal("unknown_message", "Ce message n’existe pas.", status=404)


def message_not_waiting() -> Refusal:
    return Refusal(
        "message_not_waiting",
        "Ce message n’est plus en attente : il est parti, a échoué ou a été annulé. "
        "On ne peut pas le reprendre.",
    )


def message_replaced() -> Refusal:
    return Refusal(
        "message_replaced",
        "Un message plus récent à cette personne dit autre chose sur le même sujet : celui-ci le "
        "contredirait. Il n’est pas renvoyé.",
    )


def message_not_failed() -> Refusal:
    return Refusal(
        "message_not_failed",
        "Seul un message qui a échoué, ou que vous avez annulé, peut être renvoyé.",
    )


def sent(message: Message, now: datetime) -> MessageSent | None:
    """The fact that a mail server took it; None for a secret, of which nothing is told."""
    if message.secret is not None or message.recipient_id is None:
        return None
    return MessageSent(
        message_id=message.id,
        recipient_id=message.recipient_id,
        template=message.template,
        language=language_of(message.language),
        channel=Channel.EMAIL,
        about_id=message.about_id,
        cause=message.cause,
        cause_source=message.cause_source,
        attempts=message.attempts,
        sent_at=now,
    )


def failed(message: Message, reason: GaveUp, now: datetime) -> MessageFailed | None:
    """The fact that it was given up: somebody should phone. None for a secret."""
    if message.secret is not None or message.recipient_id is None:
        return None
    return MessageFailed(
        message_id=message.id,
        recipient_id=message.recipient_id,
        template=message.template,
        channel=Channel.EMAIL,
        about_id=message.about_id,
        reason=_TOLD_AS[reason] if isinstance(reason, OwnFailure) else reason,
        attempts=max(1, message.attempts),
        failed_at=now,
    )


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
    UNWRITABLE = "unwritable"
    """The letter could not be composed: nobody was asked to take it."""


_FOR_GOOD = (Outcome.REFUSED, Outcome.UNADDRESSABLE, Outcome.UNWRITABLE)


@dataclass(frozen=True)
class NextStep:
    """What becomes of a message after a try. `retry_at` is given with the state queued."""

    state: MessageState
    retry_at: datetime | None = None
    failure: GaveUp | None = None
    uncertain: bool = False


RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
"""Real time between tries; the last interval repeats."""

GIVE_UP_AFTER = timedelta(days=5)
"""Real time after which a message is given up: the usual patience of mail servers (RFC 5321)."""

SOON = timedelta(seconds=5)
"""Real time until a message is tried again whose reader may have nothing because of the connection
alone: it broke, and the server may only have been started again."""

_SOON_TRIES = 2
"""A message on which the connection breaks again and again is kept from the others' way."""

_FAILURES: dict[Outcome, GaveUp] = {
    Outcome.REFUSED: FailureReason.REFUSED_BY_SERVER,
    Outcome.UNADDRESSABLE: FailureReason.NO_ADDRESS,
    Outcome.UNWRITABLE: OwnFailure.UNWRITABLE,
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
    if outcome in _FOR_GOOD:
        return NextStep(MessageState.FAILED, failure=_FAILURES[outcome])
    uncertain = was_uncertain or outcome == Outcome.UNCERTAIN
    pause = retry_after[min(attempts, len(retry_after)) - 1]
    if outcome == Outcome.UNCERTAIN or (outcome == Outcome.NOT_REACHED and attempts <= _SOON_TRIES):
        pause = min(SOON, pause)
    retry_at = now + pause
    if (was_uncertain and outcome == Outcome.UNCERTAIN) or retry_at > give_up_at:
        return NextStep(MessageState.FAILED, failure=_FAILURES[outcome], uncertain=uncertain)
    return NextStep(MessageState.QUEUED, retry_at=retry_at, uncertain=uncertain)
