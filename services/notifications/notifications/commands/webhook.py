"""Webhooks: added, changed, tested, their secret replaced, disabled, enabled again, deleted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from uuid import UUID

from essaim.ids import new_id
from essaim.people.directory import find_person, people_with_role
from essaim.person import Role
from essaim.work import Work
from essaim_contracts.envelope import NETWORK

from notifications import store
from notifications.commands.message import REAL_TIME, queue
from notifications.notice import Notice
from notifications.webhook import (
    SECRET_BYTES,
    TEST_TYPE,
    DisableReason,
    Secret,
    Webhook,
    WebhookState,
    at_its_end,
    check_secrets,
    near_its_end,
    overlap_of,
    too_many_webhooks,
    unknown_programme,
    unknown_webhook,
    webhook_disabled,
    written_secret,
)
from notifications.webhook_delivery import Delivery, DeliveryState
from notifications.webhook_secret import Box
from notifications.webhook_target import Target

FARES_WELL: dict[str, object] = {
    "failing_since": None,
    "paused_until": None,
    "warned_at": None,
    "misses": 0,
}
"""What is noted of a webhook that takes what it is sent, or is begun with anew."""

MOST = 50
"""Webhooks of one programme: each new fact has a row for every one that is told of it."""


@dataclass(frozen=True)
class Made:
    """A webhook with the secret that was just made, closed: whoever shows it once opens it.

    So the answer to a command, which is kept for its twin, tells nobody.
    """

    id: UUID
    closed: str = field(repr=False)


def add(
    work: Work,
    name: str,
    target: Target,
    *,
    programme: str | None,
    types: Iterable[str] | None,
    box: Box,
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
    return Made(new.id, _new_secret(work, new.id, box))


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
        values |= FARES_WELL
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


def rotate(work: Work, webhook_id: UUID, overlap_hours: int | None = None, *, box: Box) -> Made:
    """Make another secret. The old one signs too for a while, at once no more with 0 hours.

    Raises:
        Refusal: there is no such webhook, or too many secrets sign already.
    """
    lock(work, webhook_id)
    now = REAL_TIME.now()
    store.webhook.end_secrets(work.db, webhook_id, now, now + overlap_of(overlap_hours))
    check_secrets(store.webhook.secrets(work.db, webhook_id, now))
    return Made(webhook_id, _new_secret(work, webhook_id, box))


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
    on = {"state": WebhookState.ENABLED, "reason": None}
    store.webhook.update(work.db, webhook_id, **on, **FARES_WELL)


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


def tell_near_its_end(work: Work, webhook: Webhook, ends_at: datetime) -> None:
    """Write, once, to those who can mend it, before it is disabled."""
    store.webhook.update(work.db, webhook.id, warned_at=REAL_TIME.now())
    _tell(work, webhook, near_its_end(webhook, ends_at, _readers(work, webhook)))


def tell_at_its_end(work: Work, webhook: Webhook, reason: DisableReason) -> None:
    """Write to those who can mend it that it was disabled though nobody here did."""
    _tell(work, webhook, at_its_end(webhook, reason, _readers(work, webhook)))


def _tell(work: Work, webhook: Webhook, notices: Iterable[Notice]) -> None:
    queue(work, notices, webhook.programme or NETWORK)


def _readers(work: Work, webhook: Webhook) -> list[UUID]:
    """Whoever made it and the operators; those who coordinate, once she no longer does."""
    maker = find_person(work.db, webhook.made_by) if webhook.made_by else None
    readers = people_with_role(work.db, Role.OPERATOR, work.today)
    coordinates = {Role.COORDINATOR, Role.OPERATOR}
    if maker and maker.holds(coordinates, work.today, webhook.programme):
        readers.insert(0, maker)
    elif webhook.programme:
        readers += people_with_role(work.db, Role.COORDINATOR, work.today, webhook.programme)
    return list(dict.fromkeys(one.id for one in readers))


def close_secrets_again(work: Work, box: Box) -> None:
    """Close by the present key what a former one closed, or nothing: the former may then go."""
    for secret in store.webhook.all_secrets(work.db):
        value = None if box.is_closed_now(secret.closed) else box.open(secret.closed)
        if value is not None:
            store.webhook.close_again(work.db, secret.id, box.close(value))


def _new_secret(work: Work, webhook_id: UUID, box: Box) -> str:
    closed = box.close(written_secret(token_bytes(SECRET_BYTES)))
    store.webhook.add_secret(work.db, webhook_id, Secret(new_id(), closed))
    return closed
