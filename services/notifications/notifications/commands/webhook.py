"""Webhooks: added, changed, tested, their secret replaced, disabled, enabled again, deleted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from secrets import token_bytes
from uuid import UUID

from essaim.ids import new_id
from essaim.work import Work

from notifications import store
from notifications.commands.message import REAL_TIME
from notifications.webhook import (
    SECRET_BYTES,
    TEST_TYPE,
    DisableReason,
    Secret,
    Webhook,
    WebhookState,
    check_secrets,
    overlap_of,
    too_many_webhooks,
    unknown_programme,
    unknown_webhook,
    webhook_disabled,
    written_secret,
)
from notifications.webhook_delivery import Delivery, DeliveryState
from notifications.webhook_target import Target

MOST = 50
"""Webhooks of one programme: each new fact has a row for every one that is told of it."""


@dataclass(frozen=True)
class Made:
    """A webhook with the secret that was just made: to be shown once, kept in no log."""

    id: UUID
    secret: str = field(repr=False)


def add(
    work: Work,
    name: str,
    target: Target,
    *,
    programme: str | None,
    types: Iterable[str] | None,
) -> Made:
    """Add a webhook: it is told what is said from now on. `programme` and `types` None for all.

    Raises:
        Refusal: nothing was ever said in its programme, or it has as many as there may be.
    """
    if programme is not None and not store.fact.is_known_programme(work.db, programme):
        raise unknown_programme(programme)
    others = store.webhook.of_programmes(work.db, programme and [programme])
    if sum(one.programme == programme for one in others) >= MOST:
        raise too_many_webhooks(MOST)
    new = Webhook(
        id=new_id(),
        name=name,
        url=target.url,
        programme=programme,
        types=None if types is None else tuple(sorted(set(types))),
        state=WebhookState.ENABLED,
        made_by=work.actor,
        made_at=REAL_TIME.now(),
    )
    store.webhook.add(work.db, new)
    return Made(new.id, _new_secret(work, new.id))


def change(
    work: Work, webhook_id: UUID, name: str, target: Target, *, types: Iterable[str] | None
) -> None:
    """Give it another name, address or choice of facts. What waits goes to the new address.

    Raises:
        Refusal: there is none.
    """
    known = lock(work, webhook_id)
    values: dict[str, object] = {
        "name": name,
        "url": target.url,
        "types": None if types is None else sorted(set(types)),
    }
    if target.url != known.url:
        values |= {"failing_since": None, "paused_until": None, "misses": 0}
        store.webhook_delivery.hurry(work.db, webhook_id, REAL_TIME.now())
    store.webhook.update(work.db, webhook_id, **values)


def send_test(work: Work, webhook_id: UUID) -> UUID:
    """Queue a test, tried once; answers the id of its delivery.

    Raises:
        Refusal: there is no such webhook, or it is disabled.
    """
    known = lock(work, webhook_id)
    if not known.is_enabled:
        raise webhook_disabled()
    now = REAL_TIME.now()
    test = Delivery(
        id=new_id(),
        webhook_id=webhook_id,
        type=TEST_TYPE,
        told_at=now,
        state=DeliveryState.QUEUED,
        attempts=0,
        entered_at=now,
        next_attempt_at=now,
    )
    store.webhook_delivery.add(work.db, [test])
    # Whoever asks for a test has mended something.
    store.webhook.update(work.db, webhook_id, paused_until=None)
    return test.id


def rotate(work: Work, webhook_id: UUID, overlap_hours: int | None = None) -> Made:
    """Make another secret. The old one signs too for a while, at once no more with 0 hours.

    Raises:
        Refusal: there is no such webhook, or too many secrets sign already.
    """
    lock(work, webhook_id)
    now = REAL_TIME.now()
    store.webhook.end_secrets(work.db, webhook_id, now, now + overlap_of(overlap_hours))
    check_secrets(store.webhook.secrets(work.db, webhook_id, now))
    return Made(webhook_id, _new_secret(work, webhook_id))


def disable(work: Work, webhook_id: UUID, reason: DisableReason = DisableReason.BY_HAND) -> None:
    """Nothing leaves any more, what is queued neither; what is said meanwhile is not queued.

    Raises:
        Refusal: there is none.
    """
    if not lock(work, webhook_id).is_enabled:
        return
    now = REAL_TIME.now()
    ended = {"state": WebhookState.DISABLED, "reason": reason, "disabled_at": now}
    store.webhook.update(work.db, webhook_id, **ended)
    store.webhook_delivery.fail_queued(work.db, webhook_id, now)


def enable(work: Work, webhook_id: UUID) -> None:
    """What is said from now on leaves again; what was missed is asked for by a date.

    Raises:
        Refusal: there is none.
    """
    lock(work, webhook_id)
    fresh = {"reason": None, "failing_since": None, "paused_until": None, "misses": 0}
    store.webhook.update(work.db, webhook_id, state=WebhookState.ENABLED, **fresh)


def delete(work: Work, webhook_id: UUID) -> None:
    """It is gone, with its secrets and its deliveries.

    Raises:
        Refusal: there is none.
    """
    lock(work, webhook_id)
    store.webhook_delivery.delete_of(work.db, webhook_id)
    store.webhook.delete(work.db, webhook_id)


def lock(work: Work, webhook_id: UUID) -> Webhook:
    """A webhook, to be changed in this transaction.

    Raises:
        Refusal: there is none.
    """
    found = store.webhook.lock(work.db, webhook_id)
    if found is None:
        raise unknown_webhook()
    return found


def _new_secret(work: Work, webhook_id: UUID) -> str:
    secret = Secret(new_id(), written_secret(token_bytes(SECRET_BYTES)))
    store.webhook.add_secret(work.db, webhook_id, secret)
    return secret.value
