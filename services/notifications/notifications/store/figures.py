"""What Prometheus is to know of letters and webhooks: how many wait, since when, are given up."""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric

from notifications.message import MessageState
from notifications.store.message import message
from notifications.store.webhook_delivery import delivery
from notifications.webhook_delivery import DeliveryState

_NAME = "notifications"
_COUNTED = (
    MessageState.WAITING_FOR_PERSON, MessageState.HELD, MessageState.QUEUED, MessageState.SENDING,
    MessageState.FAILED,
)  # fmt: skip


def figures(db: sa.Connection) -> Iterable[Metric]:
    counts = sa.select(message.c.state, sa.func.count()).where(message.c.state.in_(_COUNTED))
    found: dict[str, int] = dict(db.execute(counts.group_by(message.c.state)).all())
    letters = GaugeMetricFamily(
        "essaim_mail_letters", "Letters that wait or were given up", labels=["service", "state"]
    )
    for state in _COUNTED:
        letters.add_metric([_NAME, state], found.get(state, 0))
    yield letters
    oldest = GaugeMetricFamily(
        "essaim_mail_oldest_seconds",
        "How long ago the first letter that is to leave entered the queue",
        labels=["service"],
    )
    oldest.add_metric([_NAME], _age_of_oldest(db))
    yield oldest
    yield _deliveries(db)


def _deliveries(db: sa.Connection) -> Metric:
    states = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.FAILED)
    counts = sa.select(delivery.c.state, sa.func.count()).where(delivery.c.state.in_(states))
    found: dict[str, int] = dict(db.execute(counts.group_by(delivery.c.state)).all())
    waiting = GaugeMetricFamily(
        "essaim_webhook_deliveries",
        "Deliveries of webhooks that wait or were not taken",
        labels=["service", "state"],
    )
    for state in states:
        waiting.add_metric([_NAME, state], found.get(state, 0))
    return waiting


def _age_of_oldest(db: sa.Connection) -> float:
    """In real time, as the mail server counts it; 0 when none waits."""
    queued = message.c.state.in_((MessageState.QUEUED, MessageState.SENDING))
    since = db.execute(sa.select(sa.func.min(message.c.entered_at)).where(queued)).scalar_one()
    return max(0.0, (datetime.now(UTC) - since).total_seconds()) if since else 0.0
