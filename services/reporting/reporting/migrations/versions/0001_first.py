"""The first read model: the log of facts, and one table per kind of fact."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "reporting_0001"
down_revision = None


def upgrade() -> None:
    _create_log()
    _create_applications()
    _create_cohorts()
    _create_sessions()
    _create_support()
    _create_trophies_partners_and_messages()


def downgrade() -> None:
    for table in (
        "message",
        "partner_joined",
        "prize",
        "trophy_awarded",
        "pairing_ended",
        "pairing_made",
        "hours",
        "attendance",
        "session_held",
        "session_cancelled",
        "session_moved",
        "session_planned",
        "deliverable_handed_in",
        "project_progressed",
        "cohort_project",
        "application_answered",
        "application_received",
        "call_opened",
        "project_title",
        "project_bearer",
        "timeline_project",
        "timeline",
    ):
        op.drop_table(table)


def _create_log() -> None:
    op.create_table(
        "timeline",
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("owner", sa.String(60), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("edition_id", sa.Uuid),
        sa.Column("actor", sa.String(36)),
        sa.Column("correlation", sa.String(200), nullable=False),
        sa.Column("causation", sa.String(200)),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("ix_timeline_edition", "timeline", ["edition_id", "programme", "type", "at"])
    op.create_index("ix_timeline_key", "timeline", ["key", "edition_id"])
    op.create_index("ix_timeline_seq", "timeline", ["seq"])
    op.create_index("ix_timeline_type", "timeline", ["type", "seq"])
    op.create_table(
        "timeline_project",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("fact_id", sa.String(36), primary_key=True),
    )
    op.create_table(
        "project_bearer",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
    )
    op.create_table(
        "project_title",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("title", sa.String(300), nullable=False),
    )


def _create_applications() -> None:
    op.create_table(
        "call_opened",
        *_of_an_edition(),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("programme_name", sa.String(300)),
        sa.Column("edition_number", sa.Integer, nullable=False),
        sa.Column("edition_year", sa.Integer, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("track_code", sa.String(60), nullable=False),
        sa.Column("places", sa.Integer),
        sa.Column("opens_at", Instant, nullable=False),
        sa.Column("closes_at", Instant, nullable=False),
    )
    op.create_index("ix_call_opened_edition_id", "call_opened", ["edition_id"])
    op.create_table(
        "application_received",
        *_of_an_edition(),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("applicant_kind", sa.String(30), nullable=False),
        sa.Column("sector", sa.String(60)),
        sa.Column("department", sa.String(3)),
        sa.Column("heard_from", sa.String(60)),
        sa.Column("received_on", sa.Date, nullable=False),
    )
    op.create_index(
        "ix_application_received_application_id",
        "application_received",
        ["application_id", "seq", "at"],
    )
    op.create_index("ix_application_received_edition_id", "application_received", ["edition_id"])
    op.create_table(
        "application_answered",
        *_of_an_edition(),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
    )
    op.create_index(
        "ix_application_answered_application_id",
        "application_answered",
        ["application_id", "seq", "at"],
    )
    op.create_index("ix_application_answered_edition_id", "application_answered", ["edition_id"])


def _create_cohorts() -> None:
    op.create_table(
        "cohort_project",
        *_of_an_edition(),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("joined", sa.Boolean, nullable=False),
        sa.Column("sector", sa.String(60)),
        sa.Column("department", sa.String(3)),
        sa.Column("jobs_min", sa.Integer),
        sa.Column("jobs_max", sa.Integer),
    )
    op.create_index("ix_cohort_project_edition_id", "cohort_project", ["edition_id"])
    op.create_index("ix_cohort_project_project_id", "cohort_project", ["project_id", "seq", "at"])
    op.create_table(
        "project_progressed",
        *_of_an_edition(),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("jobs_min", sa.Integer),
        sa.Column("jobs_max", sa.Integer),
        sa.Column("reported_on", sa.Date, nullable=False),
    )
    op.create_index("ix_project_progressed_edition_id", "project_progressed", ["edition_id"])
    op.create_index(
        "ix_project_progressed_project_id", "project_progressed", ["project_id", "seq", "at"]
    )
    op.create_table(
        "deliverable_handed_in",
        *_of_an_edition(),
        sa.Column("deliverable_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
    )
    op.create_index(
        "ix_deliverable_handed_in_deliverable_id",
        "deliverable_handed_in",
        ["deliverable_id", "seq", "at"],
    )
    op.create_index("ix_deliverable_handed_in_edition_id", "deliverable_handed_in", ["edition_id"])


def _create_sessions() -> None:
    op.create_table(
        "session_planned",
        *_of_an_edition(),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("place", sa.String(300)),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("half_days", sa.Integer, nullable=False),
    )
    op.create_index("ix_session_planned_edition_id", "session_planned", ["edition_id"])
    op.create_index("ix_session_planned_session_id", "session_planned", ["session_id", "seq", "at"])
    op.create_table(
        "session_moved",
        *_of_an_edition(),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("place", sa.String(300)),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("half_days", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
    )
    op.create_index("ix_session_moved_edition_id", "session_moved", ["edition_id"])
    op.create_index("ix_session_moved_session_id", "session_moved", ["session_id", "seq", "at"])
    op.create_table(
        "session_cancelled",
        *_of_an_edition(),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
    )
    op.create_index("ix_session_cancelled_edition_id", "session_cancelled", ["edition_id"])
    op.create_index(
        "ix_session_cancelled_session_id", "session_cancelled", ["session_id", "seq", "at"]
    )
    op.create_table(
        "session_held",
        *_of_an_edition(),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("half_days", sa.Integer, nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("provider_id", sa.Uuid),
        sa.Column("participants", sa.Integer, nullable=False),
        sa.Column("attendees", sa.Integer, nullable=False),
        sa.Column("projects", sa.Integer, nullable=False),
        sa.Column("projects_present", sa.Integer, nullable=False),
    )
    op.create_index("ix_session_held_edition_id", "session_held", ["edition_id"])
    op.create_index("ix_session_held_session_id", "session_held", ["session_id", "seq", "at"])
    op.create_table(
        "attendance",
        *_of_an_edition(),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.String(30), nullable=False),
        sa.Column("project_id", sa.Uuid),
        sa.Column("organisation_id", sa.Uuid),
        sa.Column("half_days", sa.Integer, nullable=False),
    )
    op.create_index("ix_attendance_edition_id", "attendance", ["edition_id"])


def _create_support() -> None:
    op.create_table(
        "hours",
        *_of_an_edition(),
        sa.Column("package_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("provider_id", sa.Uuid),
        sa.Column("granted", sa.Integer, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("over", sa.Integer, nullable=False),
    )
    op.create_index("ix_hours_edition_id", "hours", ["edition_id"])
    op.create_table(
        "pairing_made",
        *_of_an_edition(),
        sa.Column("pairing_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("method", sa.String(30), nullable=False),
    )
    op.create_index("ix_pairing_made_edition_id", "pairing_made", ["edition_id"])
    op.create_index("ix_pairing_made_pairing_id", "pairing_made", ["pairing_id", "seq", "at"])
    op.create_table(
        "pairing_ended",
        *_of_an_edition(),
        sa.Column("pairing_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
    )
    op.create_index("ix_pairing_ended_edition_id", "pairing_ended", ["edition_id"])
    op.create_index("ix_pairing_ended_pairing_id", "pairing_ended", ["pairing_id", "seq", "at"])


def _create_trophies_partners_and_messages() -> None:
    op.create_table(
        "trophy_awarded",
        *_of_an_edition(),
        sa.Column("trophy_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
    )
    op.create_index("ix_trophy_awarded_edition_id", "trophy_awarded", ["edition_id"])
    op.create_index("ix_trophy_awarded_trophy_id", "trophy_awarded", ["trophy_id", "seq", "at"])
    op.create_table(
        "prize",
        *_of_an_edition(),
        sa.Column("prize_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("contributor_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("value_eur", sa.Integer, nullable=False),
    )
    op.create_index("ix_prize_edition_id", "prize", ["edition_id"])
    op.create_table(
        "partner_joined",
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("commitment", sa.String(30), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(300)),
        sa.Column("legal_form", sa.String(60)),
    )
    op.create_index("ix_partner_joined_organisation_id", "partner_joined", ["organisation_id"])
    op.create_table(
        "message",
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("recipient_id", sa.Uuid, nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("about_id", sa.Uuid),
        sa.Column("cause", sa.String(36)),
        sa.Column("failure", sa.String(30)),
    )


def _of_an_edition() -> tuple["sa.Column[Any]", ...]:
    return (
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("edition_id", sa.Uuid, nullable=False),
    )
