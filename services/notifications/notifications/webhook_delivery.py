"""A delivery of a webhook: its states, and what follows a try."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from essaim.refusal import Refusal

from notifications.webhook import DisableReason, NotedFact


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Trouble(StrEnum):
    """What a try met; of a delivery that failed, what its last one did."""

    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    FORBIDDEN_ADDRESS = "forbidden_address"
    """Its name leads to an address of our own network: nothing was sent."""
    INSECURE = "insecure"
    """Its certificate is not what it should be."""
    UNSIGNABLE = "unsignable"
    """None of its secrets opens: the key they were closed with is not here. Nothing was sent."""
    NOT_HTTP = "not_http"
    REFUSED = "refused"
    """It answered something else than 2xx."""
    INTERRUPTED = "interrupted"
    """We stopped in the middle: it may have been taken."""
    WEBHOOK_DISABLED = "webhook_disabled"


_MISSES = (Trouble.UNREACHABLE, Trouble.TOO_SLOW, Trouble.FORBIDDEN_ADDRESS, Trouble.INSECURE)


@dataclass(frozen=True)
class Tried:
    """How a try ended. `answer` is the beginning of what was answered, `seconds` how long it took.

    `retry_after` is what was asked for by the header of that name.
    """

    status: int | None = None
    trouble: Trouble | None = None
    answer: str = ""
    seconds: float = 0.0
    retry_after: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Delivery:
    """One fact for one webhook; its id is the `webhook-id`. Without a `fact` it is a test.

    Instants are real time, but for `told_at`, when the fact was said. `status`, `milliseconds`,
    `answer` and `trouble` are of the last try.
    """

    id: UUID
    webhook_id: UUID
    type: str
    told_at: datetime
    state: DeliveryState
    attempts: int
    entered_at: datetime
    fact: NotedFact | None = None
    next_attempt_at: datetime | None = None
    ended_at: datetime | None = None
    tried_at: datetime | None = None
    status: int | None = None
    milliseconds: int | None = None
    answer: str | None = None
    trouble: Trouble | None = None


def body_of(delivery: Delivery) -> bytes:
    """What is posted: the same bytes at each try, and nothing that anybody wrote."""
    data: dict[str, Any] = {}
    if (fact := delivery.fact) is not None:
        data = {
            "id": fact.id,
            "source": fact.source,
            "programme": fact.programme,
            "key": fact.key,
            "sequence": fact.seq,
        }
    told = delivery.told_at.isoformat().replace("+00:00", "Z")
    return json.dumps({"type": delivery.type, "timestamp": told, "data": data}).encode()


@dataclass(frozen=True)
class Step:
    """What becomes of a delivery, and of its webhook, after a try."""

    state: DeliveryState
    retry_at: datetime | None = None
    paused_until: datetime | None = None
    disable: DisableReason | None = None
    warn: bool = False
    """Whether people are to know that it will soon be disabled."""


SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
)
"""Between tries, as Standard Webhooks has it: ten tries in 75 hours and 35 minutes."""

PATIENCE = timedelta(days=3)
"""How long nothing may be taken before a webhook is disabled."""

WARNED_BEFORE = timedelta(days=1)
"""How long before that people are told."""

JITTER = 0.2
"""An interval is up to so much longer, so that those who failed together do not come together."""

LONGEST_WISH = timedelta(hours=24)
"""The longest `Retry-After` that we follow."""

BUSY = timedelta(minutes=1)
"""How long a webhook that answers 429 is left in peace when it does not say."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
"""How long a webhook that cannot be reached is left in peace: twice as long each time."""


def after_try(
    tried: Tried,
    *,
    attempts: int,
    misses: int,
    failing_since: datetime | None,
    is_test: bool,
    now: datetime,
    chance: float,
    schedule: tuple[timedelta, ...] = SCHEDULE,
) -> Step:
    """Decide what follows, `attempts` tries made. `chance` is a random number from 0 to 1.

    A webhook that cannot be reached, or is busy, is left in peace for a while as a whole; what it
    answers no to waits alone, and holds up nothing behind it. A test is tried once.
    """
    if tried.is_taken:
        return Step(DeliveryState.DELIVERED)
    if tried.status == 410:
        return Step(DeliveryState.FAILED, disable=DisableReason.GONE)
    pause = _pause(tried, misses, chance)
    paused_until = now + pause if pause else None
    if is_test:
        return Step(DeliveryState.FAILED)
    if failing_since is not None and now - failing_since >= PATIENCE:
        return Step(DeliveryState.FAILED, disable=DisableReason.FAILING)
    warn = failing_since is not None and now - failing_since >= PATIENCE - WARNED_BEFORE
    if attempts > len(schedule):
        return Step(DeliveryState.FAILED, paused_until=paused_until, warn=warn)
    wait = schedule[attempts - 1] * (1 + JITTER * chance)
    retry_at = now + max(wait, pause or timedelta())
    return Step(DeliveryState.QUEUED, retry_at=retry_at, paused_until=paused_until, warn=warn)


def is_missed(tried: Tried) -> bool:
    """Whether it is the webhook that was not there, rather than an answer we did not like."""
    return tried.trouble in _MISSES


def _pause(tried: Tried, misses: int, chance: float) -> timedelta | None:
    """How long nothing goes to this webhook."""
    if tried.retry_after is not None:
        return tried.retry_after
    if tried.status == 429:
        return BUSY * (1 + JITTER * chance)
    if is_missed(tried):
        return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(misses, 10))) * (1 + JITTER * chance)
    return None


def retry_after(header: str, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for, at most a day; None when it is neither form of it."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_WISH.total_seconds()))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return sorted((timedelta(), until - now, LONGEST_WISH))[1]


def unknown_delivery() -> Refusal:
    return Refusal("unknown_delivery", "Cet envoi n’existe pas.", status=404)


def delivery_on_its_way() -> Refusal:
    return Refusal(
        "delivery_on_its_way",
        "Cet envoi est en train de partir. Rechargez la page dans un instant.",
    )
