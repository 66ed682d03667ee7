"""Everything this service keeps: names it learnt, sessions, messages, the mailbox."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "notifications_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.String(300), nullable=False),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("project_title", sa.String(300), nullable=False),
        sa.Column("call_title", sa.String(300), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True)),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("bearer_ids", sa.JSON, nullable=False),
    )
    op.create_table(
        "cohort",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("label", sa.String(300), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.String(300), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("place", sa.String(300)),
        sa.Column("host_id", sa.Uuid),
        sa.Column("project_ids", sa.JSON, nullable=False),
        sa.Column("participant_ids", sa.JSON, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("told_by", sa.String(36), nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.Column("correlation_id", sa.String(100), nullable=False),
        sa.Column("traceparent", sa.String(55), nullable=False),
        sa.Column("reminded", sa.String(60)),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("recipient_id", sa.Uuid),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("programme", sa.String(60)),
        sa.Column("about_id", sa.Uuid),
        sa.Column("cause", sa.String(36)),
        sa.Column("correlation_id", sa.String(100)),
        sa.Column("traceparent", sa.String(55)),
        sa.Column("language", sa.String(5)),
        sa.Column("subject", sa.Text),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("answer", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.Column("waiting_since", Instant, nullable=False),
        sa.Column("entered_at", Instant, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("next_attempt_at", Instant),
        sa.Column("give_up_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("link", sa.Text),
        sa.Column("to_name", sa.String(200)),
        sa.Column("to_address", sa.String(254)),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("body", sa.Text),
        sa.UniqueConstraint("cause", "recipient_id", "template", name="message_told_once"),
        sa.CheckConstraint("(link IS NULL) <> (programme IS NULL)", name="message_shown_or_secret"),
    )
    op.create_table(
        "mention",
        sa.Column("message_id", sa.Uuid, sa.ForeignKey("message.id"), primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
    )
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("recipient_id", sa.Uuid),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("ics", sa.Text),
    )
    op.create_table(
        "mail_server",
        sa.Column("name", sa.String(10), primary_key=True),
        sa.Column("trouble", sa.Text),
        sa.Column("since", Instant, nullable=False),
    )
    op.create_index("session_to_remind", "session", ["state", "starts_at"])
    op.create_index(
        "message_listed", "message", ["told_at", "id", "programme", "state", "template"]
    )
    op.create_index(
        "message_by_state", "message", ["state", "told_at", "id", "programme", "template"]
    )
    op.create_index("message_due", "message", ["state", "priority", "next_attempt_at", "id"])
    op.create_index("message_about", "message", ["about_id", "recipient_id"])
    op.create_index("message_recipient", "message", ["recipient_id"])
    op.create_index("ix_mention_person_id", "mention", ["person_id"])
    op.create_index("ix_mailbox_recipient_id", "mailbox", ["recipient_id"])
    op.create_index("mailbox_listed", "mailbox", ["received_at", "id", "template"])


def downgrade() -> None:
    for table in (
        "mail_server",
        "mailbox",
        "mention",
        "message",
        "session",
        "organisation",
        "cohort",
        "project",
        "application",
        "call",
    ):
        op.drop_table(table)
