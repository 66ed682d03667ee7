"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("slug", sa.String(60), primary_key=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("steward_id", sa.Uuid, nullable=False),
        sa.Column("sectors", sa.JSON, nullable=False),
        sa.Column("heard_from", sa.JSON, nullable=False),
        sa.Column("tracks", sa.JSON, nullable=False),
        sa.Column("departments", sa.JSON, nullable=False),
        sa.Column("invented", sa.Boolean, nullable=False),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(300)),
        sa.Column("person_id", sa.Uuid),
        sa.Column("legal_form", sa.String(60)),
        sa.Column("department", sa.String(3)),
        sa.Column("commitments", sa.JSON, nullable=False),
        sa.Column("joined_on", sa.Date, nullable=False),
        sa.Column("invented", sa.Boolean, nullable=False),
    )
    op.create_index("ix_organisation_programme", "organisation", ["programme"])
    op.create_table(
        "programme_person",
        sa.Column("programme", sa.String(60), primary_key=True),
        sa.Column("code", sa.String(60), primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("entry", sa.JSON, nullable=False),
    )
    op.create_table(
        "erasure",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("service", sa.String(40), primary_key=True),
        sa.Column("erased_at", Instant, nullable=False),
        sa.Column("confirmed_at", Instant),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
    )
    op.create_index("ix_edition_programme", "edition", ["programme"])
    op.create_table(
        "call",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("slug", sa.String(60), nullable=False, unique=True),
        sa.Column("receipt_prefix", sa.String(30), nullable=False, unique=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.JSON, nullable=False),
        sa.Column("summary", sa.JSON),
        sa.Column("track_code", sa.String(60), nullable=False),
        sa.Column("places", sa.Integer),
        sa.Column("opens_at", Instant, nullable=False),
        sa.Column("closes_at", Instant, nullable=False),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("documents", sa.JSON, nullable=False),
        sa.Column("criteria", sa.JSON, nullable=False),
        sa.Column("invented", sa.Boolean, nullable=False),
        sa.Column("opened_at", Instant),
        sa.Column("closed_at", Instant),
        sa.Column("received", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("ix_call_edition_id", "call", ["edition_id"])
    op.create_table(
        "deliverable",
        sa.Column("edition_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("label", sa.JSON, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("sector", sa.String(60)),
        sa.Column("department", sa.String(3)),
        sa.Column("jobs_min", sa.Integer),
        sa.Column("jobs_max", sa.Integer),
        sa.Column("bearer_ids", sa.JSON, nullable=False),
    )
    op.create_index("ix_project_edition_id", "project", ["edition_id"])
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("saved_by_form", sa.String(64)),
        sa.Column("token_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("link_sent_to", sa.String(254)),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.Column("bearer_id", sa.Uuid),
        sa.Column("number", sa.String(40), unique=True),
        sa.Column("applicant_kind", sa.String(20)),
        sa.Column("heard_from", sa.String(60)),
        sa.Column("received_at", Instant),
        sa.Column("withdrawn_at", Instant),
        sa.Column("withdrawal_reason", sa.String(40)),
        sa.Column("mean", sa.Float),
        sa.Column("content", sa.JSON, nullable=False),
    )
    op.create_index("application_in_order", "application", ["call_id", "number", "id", "state"])
    op.create_index("ix_application_project_id", "application", ["project_id"])
    op.create_index("ix_application_bearer_id", "application", ["bearer_id"])
    op.create_table(
        "document",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.String(60), primary_key=True),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("uploaded_at", Instant, nullable=False),
    )
    op.create_index("ix_document_sha256", "document", ["sha256"])
    op.create_table(
        "removed_document",
        sa.Column("sha256", sa.String(64), primary_key=True),
    )
    op.create_table(
        "score",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("evaluator_id", sa.Uuid, primary_key=True),
        sa.Column("criterion", sa.String(60), primary_key=True),
        sa.Column("points", sa.Integer),
        sa.Column("given_at", Instant, nullable=False),
    )
    op.create_table(
        "conflict_of_interest",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("evaluator_id", sa.Uuid, primary_key=True),
        sa.Column("declared_at", Instant, nullable=False),
    )
    op.create_table(
        "decision",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("rank", sa.Integer),
        sa.Column("track_code", sa.String(60)),
        sa.Column("note", sa.Text),
        sa.Column("prepared_by", sa.Uuid),
        sa.Column("prepared_at", Instant, nullable=False),
        sa.Column("applied_decision", sa.String(20)),
        sa.Column("applied_reason", sa.String(40)),
        sa.Column("applied_rank", sa.Integer),
        sa.Column("applied_track_code", sa.String(60)),
        sa.Column("applied_score", sa.Float),
        sa.Column("decided_on", sa.Date),
    )
    op.create_table(
        "decision_round",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("applied_at", Instant, nullable=False),
        sa.Column("applied_by", sa.Uuid),
        sa.Column("over_places_by", sa.Uuid),
        sa.Column("changed", sa.Integer, nullable=False),
    )
    op.create_index("ix_decision_round_call_id", "decision_round", ["call_id"])
    op.create_table(
        "cohort",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("label", sa.String(300), nullable=False),
        sa.Column("track_code", sa.String(60), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
    )
    op.create_index("ix_cohort_edition_id", "cohort", ["edition_id"])
    op.create_table(
        "cohort_project",
        sa.Column("cohort_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("joined_on", sa.Date, nullable=False),
        sa.Column("left_on", sa.Date),
    )
    op.create_index("ix_cohort_project_project_id", "cohort_project", ["project_id"])
    op.create_table(
        "handed_in",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("edition_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("handed_in_at", Instant, nullable=False),
        sa.Column("handed_in_by", sa.Uuid),
    )
    op.create_index("ix_handed_in_sha256", "handed_in", ["sha256"])
    op.create_table(
        "prize",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("contributor_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("value_eur", sa.Integer, nullable=False),
        sa.Column("invented", sa.Boolean, nullable=False),
        sa.Column("trophy_id", sa.Uuid),
        sa.UniqueConstraint("edition_id", "code", name="prize_code"),
    )
    op.create_table(
        "trophy",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("awarded_on", sa.Date, nullable=False),
        sa.Column("jury_ids", sa.JSON, nullable=False),
    )
    op.create_index("ix_trophy_cohort_id", "trophy", ["cohort_id"])
    op.create_table(
        "project_progress",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("legal_form", sa.String(60)),
        sa.Column("expected_on", sa.Date),
        sa.Column("jobs_min", sa.Integer),
        sa.Column("jobs_max", sa.Integer),
        sa.Column("reported_on", sa.Date, nullable=False),
    )
    op.create_table(
        "held_session",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "programme",
        "organisation",
        "programme_person",
        "erasure",
        "edition",
        "call",
        "deliverable",
        "project",
        "application",
        "document",
        "removed_document",
        "score",
        "conflict_of_interest",
        "decision",
        "decision_round",
        "cohort",
        "cohort_project",
        "handed_in",
        "prize",
        "trophy",
        "project_progress",
        "held_session",
    ):
        op.drop_table(table)
