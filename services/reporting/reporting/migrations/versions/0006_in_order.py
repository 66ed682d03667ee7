"""Lists of an edition in the order of the stream, projects by their id, how applications end."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "reporting_0006"
down_revision = "reporting_0005"

EDITION_TABLES = (
    "application_answered",
    "application_received",
    "attendance",
    "call_opened",
    "cohort_project",
    "deliverable_handed_in",
    "hours",
    "pairing_ended",
    "pairing_made",
    "prize",
    "project_progressed",
    "session_cancelled",
    "session_held",
    "session_moved",
    "session_planned",
    "trophy_awarded",
)
PROJECT_TABLES = ("application_received", "hours", "pairing_made", "trophy_awarded")


def upgrade() -> None:
    _order_by_edition()
    _keep_ends()
    op.create_index("ix_message_of_edition_at", "message_of_edition", ["edition_id", "at"])


def _order_by_edition() -> None:
    """Lists of an edition in the order of the stream, and what a project is found by."""
    for table in EDITION_TABLES:
        op.drop_index(f"ix_{table}_edition_id", table)
        op.create_index(f"ix_{table}_edition", table, ["edition_id", "seq"])
    for table in PROJECT_TABLES:
        op.create_index(f"ix_{table}_project_id", table, ["project_id"])
    for table in ("cohort_project", "project_progressed"):
        op.drop_index(f"ix_{table}_project_id", table)
        columns = ["project_id", "edition_id", "seq", "at"]
        op.create_index(f"ix_{table}_project_id", table, columns)
    op.create_index("ix_application_received_at", "application_received", ["edition_id", "at"])
    op.drop_index("ix_timeline_edition", "timeline")
    op.create_index("ix_timeline_edition", "timeline", ["edition_id", "seq"])
    op.create_index("ix_timeline_at", "timeline", ["edition_id", "at"])
    op.create_index("ix_timeline_edition_type", "timeline", ["edition_id", "type", "seq"])


def _keep_ends() -> None:
    op.create_table(
        "application_end",
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("source", sa.String(122), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
    )
    for name, *columns in (
        ("edition", "edition_id", "seq"),
        ("state", "edition_id", "state", "seq"),
        ("application_id", "application_id"),
        ("project_id", "project_id"),
    ):
        op.create_index(f"ix_application_end_{name}", "application_end", columns)


def downgrade() -> None:
    op.drop_index("ix_message_of_edition_at", "message_of_edition")
    op.drop_table("application_end")
    for name in ("ix_timeline_edition_type", "ix_timeline_at", "ix_timeline_edition"):
        op.drop_index(name, "timeline")
    op.create_index("ix_timeline_edition", "timeline", ["edition_id", "programme", "type", "at"])
    op.drop_index("ix_application_received_at", "application_received")
    for table in ("cohort_project", "project_progressed"):
        op.drop_index(f"ix_{table}_project_id", table)
        op.create_index(f"ix_{table}_project_id", table, ["project_id", "seq", "at"])
    for table in PROJECT_TABLES:
        op.drop_index(f"ix_{table}_project_id", table)
    for table in EDITION_TABLES:
        op.drop_index(f"ix_{table}_edition", table)
        op.create_index(f"ix_{table}_edition_id", table, ["edition_id"])
