"""How the committee works: who reads what, pinned conflicts, rounds, comments, minutes, offers."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0012"
down_revision = "candidatures_0011"


def upgrade() -> None:
    _readers()
    _conflicts_and_rounds()
    _words_and_grace()
    _meetings_and_offers()


def _readers() -> None:
    op.create_table(
        "assignment",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("reader_id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("given_by", sa.Uuid),
        sa.Column("given_at", Instant, nullable=False),
    )
    op.create_index("assignment_by_reader", "assignment", ["call_id", "reader_id"])


def _conflicts_and_rounds() -> None:
    op.add_column("call", sa.Column("rounds", sa.JSON))
    op.add_column("call", sa.Column("round", sa.Integer, nullable=False, server_default="1"))
    op.add_column("call", sa.Column("quorum", sa.Integer))
    op.create_table(
        "conflict_pin",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("evaluator_id", sa.Uuid, primary_key=True),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.Column("pinned_by", sa.Uuid),
        sa.Column("pinned_at", Instant, nullable=False),
    )
    op.create_table(
        "kept_for_round",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("kept_by", sa.Uuid),
        sa.Column("kept_at", Instant, nullable=False),
    )


def _words_and_grace() -> None:
    op.create_table(
        "review_comment",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("evaluator_id", sa.Uuid, primary_key=True),
        sa.Column("criterion", sa.String(60), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("written_at", Instant, nullable=False),
    )
    for name in ("feedback", "applied_feedback"):
        op.add_column("decision", sa.Column(name, sa.Text))
    for name in ("due_at", "told_at", "undone_at"):
        op.add_column("decision_round", sa.Column(name, Instant))
    op.add_column("decision_round", sa.Column("undone_by", sa.Uuid))
    # Those of before were told as they were applied.
    op.execute(sa.text("UPDATE decision_round SET due_at = applied_at, told_at = applied_at"))


def _meetings_and_offers() -> None:
    op.create_table(
        "minutes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("place", sa.String(300)),
        sa.Column("present", sa.JSON, nullable=False),
        sa.Column("members", sa.Integer, nullable=False),
        sa.Column("quorum", sa.Integer),
        sa.Column("without_quorum_by", sa.Uuid),
        sa.Column("decided", sa.JSON, nullable=False),
        sa.Column("undecided", sa.Integer, nullable=False),
        sa.Column("away", sa.JSON, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", Instant, nullable=False),
    )
    op.create_index("ix_minutes_call_id", "minutes", ["call_id"])
    op.create_table(
        "place_offer",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("offered_at", Instant, nullable=False),
        sa.Column("answer_by", sa.Date, nullable=False),
        sa.Column("offered_by", sa.Uuid),
        sa.Column("accepted", sa.Boolean),
        sa.Column("answered_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("place_offer")
    op.drop_table("minutes")
    for name in ("undone_by", "undone_at", "told_at", "due_at"):
        op.drop_column("decision_round", name)
    for name in ("applied_feedback", "feedback"):
        op.drop_column("decision", name)
    for table in ("review_comment", "kept_for_round", "conflict_pin", "assignment"):
        op.drop_table(table)
    for column in ("quorum", "round", "rounds"):
        op.drop_column("call", column)
