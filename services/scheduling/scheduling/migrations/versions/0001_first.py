"""The first tables of scheduling."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "scheduling_0001"
down_revision = None


def upgrade() -> None:
    _create_tracks_and_cohorts()
    _create_sessions()
    _create_hours()
    _create_pairings()
    _create_the_rest()


def downgrade() -> None:
    for table in (
        "feed",
        "trophy",
        "progress",
        "wish",
        "offer",
        "pairing",
        "hour_use",
        "hour_package",
        "mark",
        "session_person",
        "session_project",
        "session",
        "proposed_session",
        "bearer",
        "project",
        "cohort",
        "organisation",
        "track",
    ):
        op.drop_table(table)


def _create_tracks_and_cohorts() -> None:
    op.create_table(
        "track",
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("imported_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("code", "version"),
    )
    op.create_table(
        "organisation",
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(300)),
        sa.Column("person_id", sa.Uuid),
        sa.Column("commitments", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("programme", "id"),
    )
    op.create_table(
        "cohort",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("label", sa.String(300), nullable=False),
        sa.Column("track_code", sa.String(60), nullable=False),
        sa.Column("track_version", sa.Integer),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_cohort_edition_id", "cohort", ["edition_id"])
    op.create_index("ix_cohort_track_code", "cohort", ["track_code"])
    op.create_table(
        "project",
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("sector", sa.String(60)),
        sa.Column("department", sa.String(3)),
        sa.Column("joined_on", sa.Date, nullable=False),
        sa.Column("left_on", sa.Date),
        sa.PrimaryKeyConstraint("cohort_id", "id"),
    )
    op.create_index("ix_project_id", "project", ["id"])
    op.create_table(
        "bearer",
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("cohort_id", "project_id", "person_id"),
    )
    op.create_index("bearer_person", "bearer", ["person_id"])


def _create_sessions() -> None:
    op.create_table(
        "proposed_session",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("half_days", sa.Integer),
        sa.Column("minutes_min", sa.Integer),
        sa.Column("minutes_max", sa.Integer),
        sa.Column("mode", sa.String(60)),
        sa.Column("hour_kind", sa.String(60)),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_proposed_session_cohort_id", "proposed_session", ["cohort_id"])
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid),
        sa.Column("proposed_id", sa.Uuid),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("mode", sa.String(60), nullable=False),
        sa.Column("place", sa.String(300)),
        sa.Column("host_id", sa.Uuid),
        sa.Column("provider_id", sa.Uuid),
        sa.Column("hour_kind", sa.String(60)),
        sa.Column("speaker_ids", sa.JSON, nullable=False),
        sa.Column("for_cohort", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(60), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("minutes_held", sa.Integer),
        sa.Column("participants", sa.Integer),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_session_cohort_id", "session", ["cohort_id"])
    op.create_index("ix_session_edition_id", "session", ["edition_id"])
    op.create_index("ix_session_proposed_id", "session", ["proposed_id"])
    op.create_index("ix_session_starts_at", "session", ["starts_at"])
    op.create_table(
        "session_project",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "project_id"),
    )
    op.create_index("session_project_project", "session_project", ["project_id"])
    op.create_table(
        "session_person",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "person_id"),
    )
    op.create_index("session_person_person", "session_person", ["person_id"])
    op.create_table(
        "mark",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("part", sa.String(60), nullable=False),
        sa.Column("status", sa.String(60), nullable=False),
        sa.Column("role", sa.String(60), nullable=False),
        sa.Column("project_id", sa.Uuid),
        sa.Column("organisation_id", sa.Uuid),
        sa.Column("marked_by", sa.Uuid),
        sa.Column("marked_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "person_id", "day", "part"),
    )


def _create_hours() -> None:
    op.create_table(
        "hour_package",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("granted_on", sa.Date, nullable=False),
        sa.Column("minutes_used", sa.Integer, nullable=False),
        sa.Column("minutes_over", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(
            "minutes + minutes_over >= minutes_used", name="hour_package_never_below"
        ),
    )
    op.create_index("ix_hour_package_project_id", "hour_package", ["project_id"])
    op.create_table(
        "hour_use",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("package_id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("provider_id", sa.Uuid),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("minutes_over", sa.Integer, nullable=False),
        sa.Column("override_by", sa.Uuid),
        sa.Column("used_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hour_use_package_id", "hour_use", ["package_id"])


def _create_pairings() -> None:
    op.create_table(
        "pairing",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("method", sa.String(60), nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("state", sa.String(60), nullable=False),
        sa.Column("made_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("end_reason", sa.String(60)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pairing_cohort_id", "pairing", ["cohort_id"])
    op.create_index("ix_pairing_organisation_id", "pairing", ["organisation_id"])
    op.create_index("ix_pairing_project_id", "pairing", ["project_id"])
    op.create_table(
        "offer",
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("sector", sa.String(60)),
        sa.Column("department", sa.String(3)),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("programme", "organisation_id", "kind"),
    )
    op.create_table(
        "wish",
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
    )


def _create_the_rest() -> None:
    op.create_table(
        "progress",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.String(60), nullable=False),
        sa.Column("legal_form", sa.String(60)),
        sa.Column("expected_on", sa.Date),
        sa.Column("jobs_min", sa.Integer),
        sa.Column("jobs_max", sa.Integer),
        sa.Column("reported_on", sa.Date, nullable=False),
        sa.Column("reported_by", sa.Uuid),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_progress_project_id", "progress", ["project_id"])
    op.create_table(
        "trophy",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("awarded_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_trophy_cohort_id", "trophy", ["cohort_id"])
    op.create_table(
        "feed",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_feed_owner_id", "feed", ["owner_id"])
