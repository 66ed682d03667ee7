"""Webhooks; and every fact that passes is noted."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant
from essaim.keeping.listed import OrderKey

revision = "notifications_0005"
down_revision = "notifications_0004"


def upgrade() -> None:
    op.create_table(
        "fact",
        sa.Column("source", sa.String(125), primary_key=True),
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_index("fact_told", "fact", ["programme", "told_at"])
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_search", sa.Text),
        sa.Column("name_order", OrderKey),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("programme", sa.String(60)),
        sa.Column("types", sa.JSON(none_as_null=True)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("disabled_at", Instant),
        sa.Column("failing_since", Instant),
        sa.Column("paused_until", Instant),
        sa.Column("misses", sa.Integer, nullable=False),
    )
    op.create_index("ix_webhook_made_by", "webhook", ["made_by"])
    op.create_table(
        "webhook_secret",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("webhook_id", sa.Uuid, sa.ForeignKey("webhook.id"), nullable=False),
        sa.Column("value", sa.String(100), nullable=False),
        sa.Column("until", Instant),
    )
    op.create_index("ix_webhook_secret_webhook_id", "webhook_secret", ["webhook_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("webhook_id", sa.Uuid, sa.ForeignKey("webhook.id"), nullable=False),
        sa.Column("source", sa.String(125)),
        sa.Column("fact_id", sa.String(36)),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("told_at", Instant, nullable=False),
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
    )
    its = ["webhook_id", "state", "next_attempt_at", "seq"]
    op.create_index("webhook_delivery_due", "webhook_delivery", its)
    op.create_index(
        "webhook_delivery_listed", "webhook_delivery", ["webhook_id", "seq", "id", "state", "type"]
    )
    op.create_index("webhook_delivery_ended", "webhook_delivery", ["state", "ended_at"])


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook_secret", "webhook", "fact"):
        op.drop_table(table)
