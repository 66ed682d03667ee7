"""Webhooks and their secrets."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim.keeping.listed import listed as listed_text
from essaim.keeping.listed import order_of, with_keys

from notifications.store.tables import metadata
from notifications.webhook import DisableReason, Secret, Webhook, WebhookState

webhook = sa.Table(
    "webhook",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    *listed_text(sa.Column("name", sa.String(200), nullable=False)),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("programme", sa.String(60)),
    sa.Column("types", sa.JSON(none_as_null=True)),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("made_by", sa.Uuid, index=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("reason", sa.String(20)),
    sa.Column("disabled_at", Instant),
    sa.Column("failing_since", Instant),
    sa.Column("paused_until", Instant),
    sa.Column("warned_at", Instant),
    sa.Column("misses", sa.Integer, nullable=False),
)

webhook_secret = sa.Table(
    "webhook_secret",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("webhook_id", sa.Uuid, sa.ForeignKey("webhook.id"), nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("until", Instant),
)
"""`value` is closed, as `webhook_secret.Box` does."""


def add(db: sa.Connection, new: Webhook) -> None:
    db.execute(sa.insert(webhook), asdict(new))


def update(db: sa.Connection, id: UUID, **values: object) -> None:
    db.execute(sa.update(webhook).where(webhook.c.id == id).values(with_keys(webhook, values)))


def delete(db: sa.Connection, id: UUID) -> None:
    """Its deliveries are gone before."""
    db.execute(sa.delete(webhook_secret).where(webhook_secret.c.webhook_id == id))
    db.execute(sa.delete(webhook).where(webhook.c.id == id))


def find(db: sa.Connection, id: UUID) -> Webhook | None:
    row = db.execute(_read_all().where(webhook.c.id == id)).one_or_none()
    return _read(row) if row else None


def lock(db: sa.Connection, id: UUID) -> Webhook | None:
    """The same, to be changed in this transaction; deliveries may be queued beside."""
    mine = _read_all().where(webhook.c.id == id).with_for_update(key_share=True)
    row = db.execute(mine).one_or_none()
    return _read(row) if row else None


def enabled(db: sa.Connection) -> list[Webhook]:
    """None of them is deleted before this transaction ends."""
    query = _read_all().where(webhook.c.state == WebhookState.ENABLED)
    rows = db.execute(query.order_by(webhook.c.id).with_for_update(read=True, key_share=True))
    return [_read(row) for row in rows]


def of_programmes(db: sa.Connection, programmes: Iterable[str] | None) -> list[Webhook]:
    """Those of some programmes, or (None) all, by name."""
    query = _read_all()
    if programmes is not None:
        query = query.where(webhook.c.programme.in_(list(programmes)))
    rows = db.execute(query.order_by(order_of(webhook.c.name), webhook.c.id))
    return [_read(row) for row in rows]


def forget_maker(db: sa.Connection, person_id: UUID) -> None:
    """What an erased person made goes on without her."""
    db.execute(sa.update(webhook).where(webhook.c.made_by == person_id).values(made_by=None))


# ---- secrets


def add_secret(db: sa.Connection, webhook_id: UUID, secret: Secret) -> None:
    row = {"id": secret.id, "value": secret.closed, "until": secret.until}
    db.execute(sa.insert(webhook_secret), row | {"webhook_id": webhook_id})


def secrets(db: sa.Connection, webhook_id: UUID, now: datetime) -> list[Secret]:
    """Those that sign, the newest first. `now` is real time."""
    valid = webhook_secret.c.until.is_(None) | (webhook_secret.c.until > now)
    query = sa.select(webhook_secret).where(webhook_secret.c.webhook_id == webhook_id, valid)
    rows = db.execute(query.order_by(webhook_secret.c.id.desc()))
    return [Secret(row.id, row.value, row.until) for row in rows]


def all_secrets(db: sa.Connection) -> list[Secret]:
    rows = db.execute(sa.select(webhook_secret).order_by(webhook_secret.c.id))
    return [Secret(row.id, row.value, row.until) for row in rows]


def close_again(db: sa.Connection, id: UUID, closed: str) -> None:
    db.execute(sa.update(webhook_secret).where(webhook_secret.c.id == id).values(value=closed))


def end_secrets(db: sa.Connection, webhook_id: UUID, now: datetime, until: datetime) -> None:
    """Those that sign do so until then at most; those that no longer do are gone."""
    its = webhook_secret.c.webhook_id == webhook_id
    later = webhook_secret.c.until.is_(None) | (webhook_secret.c.until > until)
    db.execute(sa.update(webhook_secret).where(its, later).values(until=until))
    db.execute(sa.delete(webhook_secret).where(its, webhook_secret.c.until <= now))


def _read_all() -> sa.Select[Any]:
    return sa.select(*[column for column in webhook.columns if "make" not in column.info])


def _read(row: sa.Row[Any]) -> Webhook:
    values = dict(row._mapping)
    return Webhook(
        **values
        | {
            "types": None if values["types"] is None else tuple(values["types"]),
            "state": WebhookState(values["state"]),
            "reason": DisableReason(values["reason"]) if values["reason"] else None,
        }
    )
