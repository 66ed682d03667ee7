"""Deliveries of webhooks: made of facts that pass, claimed for a try, ended, asked for again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import random
from uuid import UUID

import structlog
from essaim.hearing.message import Passing
from essaim.work import Work

from notifications import store
from notifications.commands import webhook as webhooks
from notifications.commands.message import REAL_TIME
from notifications.webhook import (
    NotedFact,
    Webhook,
    delivery_id,
    too_many_facts,
    webhook_disabled,
)
from notifications.webhook_delivery import (
    PATIENCE,
    Delivery,
    DeliveryState,
    Step,
    Tried,
    after_try,
    delivery_on_its_way,
    is_missed,
    unknown_delivery,
)
from notifications.webhook_secret import Box

log = structlog.get_logger()

KEPT = timedelta(days=90)
"""How long it can be seen how a delivery ended."""
MOST_AT_ONCE = 100_000
_CHUNK = 1000


@dataclass(frozen=True)
class Claimed:
    """A delivery in hand, where it goes and what signs it."""

    delivery: Delivery
    webhook: Webhook
    secrets: tuple[str, ...] = field(repr=False)


def note_facts(passing: Sequence[Passing], work: Work) -> None:
    """Note the facts that pass, and queue each new one for the webhooks that are told of it."""
    new = store.fact.note(work.db, passing)
    if not new:
        return
    now = REAL_TIME.now()
    for webhook in store.webhook.enabled(work.db):
        queued = [_delivery(webhook, fact, now) for fact in new if webhook.wants(fact)]
        # Of a fact noted before a database was restored, it may be there.
        store.webhook_delivery.queue_again(work.db, queued, only_missed=True)


def claim(work: Work, webhook_id: UUID, box: Box) -> Claimed | None:
    """Take the next delivery of a webhook; None when nothing is due there, or it may not leave."""
    now = REAL_TIME.now()
    webhook = store.webhook.lock(work.db, webhook_id)
    if webhook is None or not webhook.is_enabled:
        return None
    if webhook.paused_until is not None and webhook.paused_until > now:
        return None
    delivery = store.webhook_delivery.claim(work.db, webhook_id, now)
    if delivery is None:
        return None
    secrets = [box.open(one.closed) for one in store.webhook.secrets(work.db, webhook_id, now)]
    return Claimed(delivery, webhook, tuple(filter(None, secrets)))


def end_try(work: Work, claimed: Claimed, tried: Tried) -> None:
    """Save how a try ended. Nothing happens when another instance took the delivery over."""
    webhook = store.webhook.lock(work.db, claimed.webhook.id)
    delivery = store.webhook_delivery.find_sending(
        work.db, claimed.delivery.id, claimed.delivery.attempts
    )
    if webhook is None or delivery is None:
        return
    now = REAL_TIME.now()
    step = after_try(
        tried,
        attempts=delivery.attempts,
        misses=webhook.misses,
        failing_since=webhook.failing_since,
        is_test=delivery.fact is None,
        now=now,
        chance=random(),
    )
    over = step.state != DeliveryState.QUEUED
    store.webhook_delivery.update(
        work.db,
        delivery.id,
        state=step.state,
        next_attempt_at=step.retry_at,
        ended_at=now if over else None,
        status=tried.status,
        milliseconds=round(tried.seconds * 1000),
        trouble=tried.trouble,
        answer=tried.answer,
    )
    _note_how_it_fares(work, webhook, tried, step, now)


def _note_how_it_fares(
    work: Work, webhook: Webhook, tried: Tried, step: Step, now: datetime
) -> None:
    """On the webhook: since when nothing is taken there, and whether it is left in peace."""
    if tried.is_taken:
        if webhook.misses:
            # It was away: what waits for a later try need not.
            store.webhook_delivery.hurry(work.db, webhook.id, now)
        if webhook.failing_since or webhook.misses or webhook.paused_until:
            store.webhook.update(work.db, webhook.id, **webhooks.FARES_WELL)
        return
    store.webhook.update(
        work.db,
        webhook.id,
        failing_since=webhook.failing_since or now,
        misses=webhook.misses + 1 if is_missed(tried) else 0,
        paused_until=step.paused_until,
    )
    if step.disable:
        log.warning("a webhook was disabled", webhook=str(webhook.id), reason=step.disable)
        webhooks.disable(work, webhook.id, step.disable)
        webhooks.tell_at_its_end(work, webhook, step.disable)
    elif step.warn and webhook.warned_at is None:
        ends_at = (webhook.failing_since or now) + PATIENCE
        webhooks.tell_near_its_end(work, webhook, ends_at)


def recover_interrupted(work: Work, busy: Iterable[UUID] = ()) -> None:
    """Queue again what was in hand when the service stopped; not what the busy webhooks get."""
    store.webhook_delivery.recover_interrupted(work.db, busy, REAL_TIME.now())


def retry(work: Work, delivery_ids: Iterable[UUID], webhook_id: UUID) -> int:
    """Queue deliveries of a webhook again, under the same ids; answers how many.

    Raises:
        Refusal: the webhook is disabled, one of them is in hand, or is not there or not its own.
    """
    if not webhooks.lock(work, webhook_id).is_enabled:
        raise webhook_disabled()
    ids = set(delivery_ids)
    for id in sorted(ids):
        found = store.webhook_delivery.lock(work.db, id)
        if found is None or found.webhook_id != webhook_id:
            raise unknown_delivery()
        if found.state == DeliveryState.SENDING:
            raise delivery_on_its_way()
        store.webhook_delivery.queue_one_again(work.db, id, REAL_TIME.now())
    store.webhook.update(work.db, webhook_id, paused_until=None)
    return len(ids)


def replay(work: Work, webhook_id: UUID, since: datetime, *, only_missed: bool) -> int:
    """Queue all that was told since then, or only what was not taken; answers how many.

    Each has the id it had, so that a reader who has it may drop it.

    Raises:
        Refusal: the webhook is disabled, or that is too much at once.
    """
    webhook = webhooks.lock(work, webhook_id)
    if not webhook.is_enabled:
        raise webhook_disabled()
    told = store.fact.since(
        work.db,
        since,
        programme=webhook.programme,
        types=webhook.types,
        limit=MOST_AT_ONCE + 1,
    )
    if len(told) > MOST_AT_ONCE:
        raise too_many_facts(MOST_AT_ONCE)
    now = REAL_TIME.now()
    wanted = [_delivery(webhook, fact, now) for fact in told]
    return sum(
        store.webhook_delivery.queue_again(
            work.db, wanted[start : start + _CHUNK], only_missed=only_missed
        )
        for start in range(0, len(wanted), _CHUNK)
    )


def forget_old_deliveries(work: Work) -> bool:
    """Drop what ended long ago. A timer."""
    before = REAL_TIME.now() - KEPT
    return store.webhook_delivery.forget_ended(work.db, before, _CHUNK) == _CHUNK


def _delivery(webhook: Webhook, fact: NotedFact, now: datetime) -> Delivery:
    return Delivery(
        id=delivery_id(webhook.id, fact),
        webhook_id=webhook.id,
        type=fact.type,
        told_at=fact.told_at,
        state=DeliveryState.QUEUED,
        attempts=0,
        entered_at=now,
        fact=fact,
        next_attempt_at=now,
    )
