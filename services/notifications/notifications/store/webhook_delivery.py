"""Deliveries of webhooks: due, claimed for a try, ended, listed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert

from notifications.store.fact import fact
from notifications.store.tables import metadata
from notifications.store.webhook import webhook
from notifications.webhook import NotedFact, WebhookState
from notifications.webhook_delivery import Delivery, DeliveryState, Trouble

delivery = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("webhook_id", sa.Uuid, sa.ForeignKey("webhook.id"), nullable=False),
    sa.Column("source", sa.String(125)),
    sa.Column("fact_id", sa.String(36)),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("told_at", Instant, nullable=False),
    # Tests come first: somebody waits for them before her screen.
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("entered_at", Instant, nullable=False),
    sa.Column("next_attempt_at", Instant),
    sa.Column("tried_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("status", sa.Integer),
    sa.Column("milliseconds", sa.Integer),
    sa.Column("trouble", sa.String(30)),
    sa.Column("answer", sa.Text),
    sa.Index("webhook_delivery_due", "webhook_id", "state", "next_attempt_at", "seq"),
    sa.Index("webhook_delivery_listed", "webhook_id", "seq", "id", "state", "type"),
    sa.Index("webhook_delivery_ended", "state", "ended_at"),
)


def add(db: sa.Connection, new: Sequence[Delivery]) -> None:
    if new:
        db.execute(sa.insert(delivery), [_row(one) for one in new])


def queue_again(db: sa.Connection, new: Sequence[Delivery], *, only_missed: bool) -> int:
    """Queue these, those that are there already too, unless they are in hand, or were taken.

    Answers how many are now queued.
    """
    if not new:
        return 0
    statement = insert(db, delivery)
    again = {name: statement.excluded[name] for name in _QUEUED}
    over = [DeliveryState.QUEUED, DeliveryState.FAILED]
    over += [] if only_missed else [DeliveryState.DELIVERED]
    may_leave = sa.or_(*(delivery.c.state == state for state in over))
    statement = statement.on_conflict_do_update(index_elements=["id"], set_=again, where=may_leave)
    rows = [_row(one) for one in new]
    return len(list(db.execute(statement.returning(delivery.c.id), rows)))


_QUEUED = ("state", "attempts", "entered_at", "next_attempt_at", "ended_at")


def queue_one_again(db: sa.Connection, id: UUID, now: datetime) -> None:
    values = dict.fromkeys(_QUEUED) | {"state": DeliveryState.QUEUED, "attempts": 0}
    values |= {"entered_at": now, "next_attempt_at": now}
    db.execute(sa.update(delivery).where(delivery.c.id == id).values(values))


def find(db: sa.Connection, id: UUID) -> Delivery | None:
    row = db.execute(_with_fact().where(delivery.c.id == id)).one_or_none()
    return _read(row) if row else None


def lock(db: sa.Connection, id: UUID) -> Delivery | None:
    """The same, to be changed in this transaction."""
    mine = _with_fact().where(delivery.c.id == id).with_for_update(of=delivery)
    row = db.execute(mine).one_or_none()
    return _read(row) if row else None


# ---- on their way


def due_webhooks(db: sa.Connection, now: datetime, busy: Iterable[UUID], limit: int) -> list[UUID]:
    """Those for which something may leave now, but for the busy ones. `now` is real time."""
    query = (
        sa.select(webhook.c.id)
        .where(
            webhook.c.state == WebhookState.ENABLED,
            webhook.c.paused_until.is_(None) | (webhook.c.paused_until <= now),
            webhook.c.id.not_in(list(busy)),
            sa.exists().where(delivery.c.webhook_id == webhook.c.id, *_is_due(now)),
        )
        # Who waited longest, so that those who are always due leave room for the others.
        .order_by(webhook.c.paused_until, webhook.c.id)
        .limit(limit)
    )
    return list(db.scalars(query))


def claim(db: sa.Connection, webhook_id: UUID, now: datetime) -> Delivery | None:
    """The next delivery there, in the order of the stream, now in hand; None when none is due."""
    next_one = (
        _with_fact()
        .where(delivery.c.webhook_id == webhook_id, *_is_due(now))
        .order_by(delivery.c.seq, delivery.c.id)
        .limit(1)
    )
    row = db.execute(next_one.with_for_update(of=delivery)).one_or_none()
    if row is None:
        return None
    attempts = row.attempts + 1
    begun = {"state": DeliveryState.SENDING, "attempts": attempts, "tried_at": now}
    update(db, row.id, **begun)
    return _read(row, attempts=attempts, state=DeliveryState.SENDING)


def find_sending(db: sa.Connection, id: UUID, attempts: int) -> Delivery | None:
    """The delivery while try number `attempts` has it in hand; None once it was taken over."""
    mine = (delivery.c.id == id, delivery.c.attempts == attempts)
    sending = delivery.c.state == DeliveryState.SENDING
    row = db.execute(_with_fact().where(*mine, sending).with_for_update(of=delivery)).one_or_none()
    return _read(row) if row else None


def update(db: sa.Connection, id: UUID, **values: object) -> None:
    db.execute(sa.update(delivery).where(delivery.c.id == id).values(values))


def recover_interrupted(db: sa.Connection, busy: Iterable[UUID], now: datetime) -> None:
    """What was in hand when the service stopped is tried again, under the same id."""
    sending = delivery.c.state == DeliveryState.SENDING
    lost = (sending, delivery.c.webhook_id.not_in(list(busy)))
    again = {"state": DeliveryState.QUEUED, "next_attempt_at": now, "trouble": Trouble.INTERRUPTED}
    db.execute(sa.update(delivery).where(*lost).values(again))


def hurry(db: sa.Connection, webhook_id: UUID, now: datetime) -> None:
    """What waits for its next try there waits no longer: it can be reached again."""
    waiting = (delivery.c.state == DeliveryState.QUEUED, delivery.c.next_attempt_at > now)
    its = sa.update(delivery).where(delivery.c.webhook_id == webhook_id, *waiting)
    db.execute(its.values(next_attempt_at=now))


def fail_queued(db: sa.Connection, webhook_id: UUID, now: datetime) -> None:
    """Its webhook is disabled: what was to leave does not, until somebody asks for it again."""
    queued = delivery.c.state == DeliveryState.QUEUED
    failed = {
        "state": DeliveryState.FAILED,
        "trouble": Trouble.WEBHOOK_DISABLED,
        "next_attempt_at": None,
        "ended_at": now,
    }
    its = sa.update(delivery).where(delivery.c.webhook_id == webhook_id, queued)
    db.execute(its.values(failed))


def delete_of(db: sa.Connection, webhook_id: UUID) -> None:
    db.execute(sa.delete(delivery).where(delivery.c.webhook_id == webhook_id))


def forget_ended(db: sa.Connection, before: datetime, limit: int) -> int:
    """Drop what ended before; answers how many."""
    over = delivery.c.state.in_((DeliveryState.DELIVERED, DeliveryState.FAILED))
    old = sa.select(delivery.c.id).where(over, delivery.c.ended_at < before).limit(limit)
    return db.execute(sa.delete(delivery).where(delivery.c.id.in_(old))).rowcount


def _is_due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return delivery.c.state == DeliveryState.QUEUED, delivery.c.next_attempt_at <= now


# ---- showing


def listed(webhook_id: UUID) -> sa.Select[Any]:
    """What the list of the deliveries of a webhook shows."""
    return sa.select(
        delivery.c.told_at,
        delivery.c.type,
        delivery.c.state,
        delivery.c.attempts,
        delivery.c.status,
        delivery.c.milliseconds,
        delivery.c.trouble,
        delivery.c.tried_at,
        delivery.c.next_attempt_at,
        delivery.c.ended_at,
        delivery.c.seq,
        delivery.c.id,
    ).where(delivery.c.webhook_id == webhook_id)


def counts(db: sa.Connection, webhook_ids: Iterable[UUID]) -> dict[UUID, dict[DeliveryState, int]]:
    """How many deliveries stand in each state, by webhook."""
    query = (
        sa.select(delivery.c.webhook_id, delivery.c.state, sa.func.count().label("deliveries"))
        .where(delivery.c.webhook_id.in_(list(webhook_ids)))
        .group_by(delivery.c.webhook_id, delivery.c.state)
    )
    found: dict[UUID, dict[DeliveryState, int]] = {}
    for row in db.execute(query):
        found.setdefault(row.webhook_id, {})[DeliveryState(row.state)] = row.deliveries
    return found


def _with_fact() -> sa.Select[Any]:
    said = (fact.c.source == delivery.c.source) & (fact.c.id == delivery.c.fact_id)
    noted = (fact.c.programme, fact.c.key, fact.c.seq.label("place"))
    return sa.select(delivery, *noted).select_from(delivery.outerjoin(fact, said))


def _row(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "webhook_id": one.webhook_id,
        "source": one.fact.source if one.fact else None,
        "fact_id": one.fact.id if one.fact else None,
        "type": one.type,
        "told_at": one.told_at,
        "seq": one.fact.seq if one.fact else 0,
        "state": one.state,
        "attempts": one.attempts,
        "entered_at": one.entered_at,
        "next_attempt_at": one.next_attempt_at,
        "ended_at": one.ended_at,
    }


def _read(row: sa.Row[Any], **changed: Any) -> Delivery:
    told = None
    if row.fact_id is not None:
        told = NotedFact(
            row.source, row.fact_id, row.type, row.programme, row.key, row.told_at, row.place
        )
    same = ("id", "webhook_id", "type", "told_at", "attempts", "entered_at", "next_attempt_at")
    tried = ("tried_at", "ended_at", "status", "milliseconds", "answer")
    values = {name: row._mapping[name] for name in (*same, *tried)}
    values |= {
        "state": DeliveryState(row.state),
        "trouble": Trouble(row.trouble) if row.trouble else None,
    }
    return Delivery(**values | changed, fact=told)
