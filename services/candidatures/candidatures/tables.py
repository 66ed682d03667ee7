"""The tables of candidatures."""

import sqlalchemy as sa
from essaim.keeping.database import Instant

metadata = sa.MetaData()

programme = sa.Table(
    "programme",
    metadata,
    sa.Column("slug", sa.String(60), primary_key=True),
    sa.Column("name", sa.String(300), nullable=False),
    sa.Column("steward_id", sa.Uuid, nullable=False),
    sa.Column("sectors", sa.JSON, nullable=False),
    sa.Column("heard_from", sa.JSON, nullable=False),
    sa.Column("tracks", sa.JSON, nullable=False),
    sa.Column("departments", sa.JSON, nullable=False),
    sa.Column("invented", sa.Boolean, nullable=False),
)

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False, index=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("name", sa.String(300)),
    sa.Column("person_id", sa.Uuid),
    sa.Column("legal_form", sa.String(60)),
    sa.Column("department", sa.String(3)),
    sa.Column("commitments", sa.JSON, nullable=False),
    sa.Column("joined_on", sa.Date, nullable=False),
    sa.Column("invented", sa.Boolean, nullable=False),
)

# Which person of the directory a programme file means by a code, and what it said of her last.
programme_person = sa.Table(
    "programme_person",
    metadata,
    sa.Column("programme", sa.String(60), primary_key=True),
    sa.Column("code", sa.String(60), primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False),
    sa.Column("entry", sa.JSON, nullable=False),
)

erasure = sa.Table(
    "erasure",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("service", sa.String(40), primary_key=True),
    sa.Column("erased_at", Instant, nullable=False),
    sa.Column("confirmed_at", Instant),
)
"""One row for each person erased and each partner that has to confirm it."""

edition = sa.Table(
    "edition",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
)

call = sa.Table(
    "call",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
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

deliverable = sa.Table(
    "deliverable",
    metadata,
    sa.Column("edition_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("label", sa.JSON, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
)

project = sa.Table(
    "project",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("sector", sa.String(60)),
    sa.Column("department", sa.String(3)),
    sa.Column("jobs_min", sa.Integer),
    sa.Column("jobs_max", sa.Integer),
    sa.Column("bearer_ids", sa.JSON, nullable=False),
)

application = sa.Table(
    "application",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("saved_by_form", sa.String(64)),
    sa.Column("token_digest", sa.String(64), nullable=False, unique=True),
    sa.Column("link_sent_to", sa.String(254)),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
    sa.Column("bearer_id", sa.Uuid, index=True),
    sa.Column("number", sa.String(40), unique=True),
    sa.Column("applicant_kind", sa.String(20)),
    sa.Column("heard_from", sa.String(60)),
    sa.Column("received_at", Instant),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawal_reason", sa.String(40)),
    sa.Column("mean", sa.Float),
    # Last: SQLite reads through a long text to reach what stands behind it.
    sa.Column("content", sa.JSON, nullable=False),
    # Lists are of one call, by number, without drafts: counted and put in order from here alone.
    sa.Index("application_in_order", "call_id", "number", "id", "state"),
)

document = sa.Table(
    "document",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.String(60), primary_key=True),
    sa.Column("filename", sa.String(200), nullable=False),
    sa.Column("media_type", sa.String(120), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("uploaded_at", Instant, nullable=False),
)

# Files that lost a row which named them: removed from the disk once no other row does.
removed_document = sa.Table(
    "removed_document",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
)

score = sa.Table(
    "score",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("evaluator_id", sa.Uuid, primary_key=True),
    sa.Column("criterion", sa.String(60), primary_key=True),
    sa.Column("points", sa.Integer),
    sa.Column("given_at", Instant, nullable=False),
)

conflict = sa.Table(
    "conflict_of_interest",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("evaluator_id", sa.Uuid, primary_key=True),
    sa.Column("declared_at", Instant, nullable=False),
)

# The prepared decision, and what was last applied of it. The note never leaves this table.
decision = sa.Table(
    "decision",
    metadata,
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

# Each time decisions were applied together, by whom, and who allowed more projects than places.
decision_round = sa.Table(
    "decision_round",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False, index=True),
    sa.Column("decided_on", sa.Date, nullable=False),
    sa.Column("applied_at", Instant, nullable=False),
    sa.Column("applied_by", sa.Uuid),
    sa.Column("over_places_by", sa.Uuid),
    sa.Column("changed", sa.Integer, nullable=False),
)

cohort = sa.Table(
    "cohort",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
    sa.Column("label", sa.String(300), nullable=False),
    sa.Column("track_code", sa.String(60), nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
)

cohort_project = sa.Table(
    "cohort_project",
    metadata,
    sa.Column("cohort_id", sa.Uuid, primary_key=True),
    sa.Column("project_id", sa.Uuid, primary_key=True, index=True),
    sa.Column("joined_on", sa.Date, nullable=False),
    sa.Column("left_on", sa.Date),
)

handed_in = sa.Table(
    "handed_in",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("edition_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("filename", sa.String(200), nullable=False),
    sa.Column("media_type", sa.String(120), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("handed_in_at", Instant, nullable=False),
    sa.Column("handed_in_by", sa.Uuid),
)

prize = sa.Table(
    "prize",
    metadata,
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

trophy = sa.Table(
    "trophy",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("cohort_id", sa.Uuid, nullable=False, index=True),
    sa.Column("project_id", sa.Uuid, nullable=False),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("awarded_on", sa.Date, nullable=False),
    sa.Column("jury_ids", sa.JSON, nullable=False),
)

# What scheduling says of our projects, for their page.
progress = sa.Table(
    "project_progress",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("status", sa.String(40), nullable=False),
    sa.Column("legal_form", sa.String(60)),
    sa.Column("expected_on", sa.Date),
    sa.Column("jobs_min", sa.Integer),
    sa.Column("jobs_max", sa.Integer),
    sa.Column("reported_on", sa.Date, nullable=False),
)

held_session = sa.Table(
    "held_session",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
)
