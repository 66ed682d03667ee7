"""An application handed over, corrected when asked, and what is written about it."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0015"
down_revision = "candidatures_0014"


def upgrade() -> None:
    _handovers()
    _corrections()
    _letters()


def _letters() -> None:
    op.create_table(
        "draft_reminder",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("reminded_at", Instant, nullable=False),
    )
    op.create_table(
        "call_watch",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("proved_at", Instant),
    )
    op.create_index("ix_call_watch_programme", "call_watch", ["programme"])


def _handovers() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("to_call_id", sa.Uuid),
        sa.Column("receiver_name", sa.String(300)),
        sa.Column("receiver_email", sa.String(254)),
        sa.Column("receiver_language", sa.String(5)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("answer_by", sa.Date, nullable=False),
        sa.Column("proposed_by", sa.Uuid),
        sa.Column("proposed_at", Instant, nullable=False),
        sa.Column("agreed_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("ended_by", sa.String(20)),
        sa.Column("reason", sa.Text),
        sa.Column("to_application_id", sa.Uuid),
    )
    op.create_index("ix_handover_application_id", "handover", ["application_id"])
    op.create_index("handover_to", "handover", ["to_call_id", "state"])
    op.create_index("ix_handover_to_application_id", "handover", ["to_application_id"])
    op.create_table(
        "handover_link",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("handover_id", sa.Uuid, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
    )
    op.create_index("ix_handover_link_handover_id", "handover_link", ["handover_id"])


def _corrections() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("words", sa.Text),
        sa.Column("open_until", sa.Date, nullable=False),
        sa.Column("asked_by", sa.Uuid),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("reminded_at", Instant),
        sa.Column("done_at", Instant),
        sa.Column("taken_back_at", Instant),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
    )
    op.create_index("ix_correction_application_id", "correction", ["application_id"])
    op.create_table(
        "correction_document",
        sa.Column("correction_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.String(60), primary_key=True),
        sa.Column("former", sa.Boolean, primary_key=True),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_index("ix_correction_document_sha256", "correction_document", ["sha256"])
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("by_bearer", sa.Boolean, nullable=False),
        sa.Column("author_id", sa.Uuid),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("left_at", Instant, nullable=False),
        sa.Column("read_at", Instant),
    )
    op.create_index("ix_note_application_id", "note", ["application_id"])


def downgrade() -> None:
    for table in (
        "call_watch",
        "draft_reminder",
        "note",
        "correction_document",
        "correction",
        "handover_link",
        "handover",
    ):
        op.drop_table(table)
