"""The tables of scheduling; `store` has every statement on them."""

from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant

metadata = sa.MetaData()


def _code(name: str, *, optional: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(60), nullable=optional, primary_key=key)


def _id(name: str, *, optional: bool = False, key: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid, nullable=optional, primary_key=key)


track = sa.Table(
    "track",
    metadata,
    _code("code", key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(300), nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("imported_at", Instant, nullable=False),
)

organisation = sa.Table(
    "organisation",
    metadata,
    _code("programme", key=True),
    _id("id", key=True),
    sa.Column("name", sa.String(300)),
    _id("person_id", optional=True),
    sa.Column("commitments", sa.JSON, nullable=False),
)

cohort = sa.Table(
    "cohort",
    metadata,
    _id("id", key=True),
    _code("programme"),
    sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
    sa.Column("label", sa.String(300), nullable=False),
    sa.Column("track_code", sa.String(60), nullable=False, index=True),
    sa.Column("track_version", sa.Integer),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date),
)

project = sa.Table(
    "project",
    metadata,
    _id("cohort_id", key=True),
    _id("id", key=True),
    sa.Column("title", sa.String(300), nullable=False),
    _code("sector", optional=True),
    sa.Column("department", sa.String(3)),
    sa.Column("joined_on", sa.Date, nullable=False),
    sa.Column("left_on", sa.Date),
    sa.Index("ix_project_id", "id"),
)

bearer = sa.Table(
    "bearer",
    metadata,
    _id("cohort_id", key=True),
    _id("project_id", key=True),
    _id("person_id", key=True),
    sa.Index("bearer_person", "person_id"),
)

proposed_session = sa.Table(
    "proposed_session",
    metadata,
    _id("id", key=True),
    sa.Column("cohort_id", sa.Uuid, nullable=False, index=True),
    _id("project_id", optional=True),
    _code("kind"),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("half_days", sa.Integer),
    sa.Column("minutes_min", sa.Integer),
    sa.Column("minutes_max", sa.Integer),
    _code("mode", optional=True),
    _code("hour_kind", optional=True),
    sa.Column("topics", sa.JSON, nullable=False),
)

session = sa.Table(
    "session",
    metadata,
    _id("id", key=True),
    _code("programme"),
    sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
    sa.Column("cohort_id", sa.Uuid, index=True),
    sa.Column("proposed_id", sa.Uuid, index=True),
    _code("kind"),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("starts_at", Instant, nullable=False, index=True),
    sa.Column("ends_at", Instant, nullable=False),
    _code("mode"),
    sa.Column("place", sa.String(300)),
    _id("host_id", optional=True),
    _id("provider_id", optional=True),
    _code("hour_kind", optional=True),
    sa.Column("speaker_ids", sa.JSON, nullable=False),
    sa.Column("for_cohort", sa.Boolean, nullable=False),
    _code("state"),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("minutes_held", sa.Integer),
    sa.Column("participants", sa.Integer),
)

session_project = sa.Table(
    "session_project",
    metadata,
    _id("session_id", key=True),
    _id("project_id", key=True),
    sa.Index("session_project_project", "project_id"),
)

session_person = sa.Table(
    "session_person",
    metadata,
    _id("session_id", key=True),
    _id("person_id", key=True),
    sa.Index("session_person_person", "person_id"),
)

mark = sa.Table(
    "mark",
    metadata,
    _id("session_id", key=True),
    _id("person_id", key=True),
    sa.Column("day", sa.Date, primary_key=True),
    _code("part", key=True),
    _code("status"),
    _code("role"),
    _id("project_id", optional=True),
    _id("organisation_id", optional=True),
    _id("marked_by", optional=True),
    sa.Column("marked_at", Instant, nullable=False),
)

hour_package = sa.Table(
    "hour_package",
    metadata,
    _id("id", key=True),
    _code("programme"),
    _id("edition_id"),
    _id("cohort_id"),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    _code("kind"),
    sa.Column("minutes", sa.Integer, nullable=False),
    _code("reason"),
    sa.Column("granted_on", sa.Date, nullable=False),
    sa.Column("minutes_used", sa.Integer, nullable=False),
    sa.Column("minutes_over", sa.Integer, nullable=False),
    sa.CheckConstraint("minutes + minutes_over >= minutes_used", name="hour_package_never_below"),
)

hour_use = sa.Table(
    "hour_use",
    metadata,
    _id("id", key=True),
    sa.Column("package_id", sa.Uuid, nullable=False, index=True),
    _id("session_id"),
    _id("provider_id", optional=True),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("minutes_over", sa.Integer, nullable=False),
    _id("override_by", optional=True),
    sa.Column("used_on", sa.Date, nullable=False),
)

pairing = sa.Table(
    "pairing",
    metadata,
    _id("id", key=True),
    _code("programme"),
    _id("edition_id"),
    sa.Column("cohort_id", sa.Uuid, nullable=False, index=True),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    _code("kind"),
    sa.Column("organisation_id", sa.Uuid, nullable=False, index=True),
    _id("person_id", optional=True),
    _code("method"),
    sa.Column("score", sa.Float),
    sa.Column("reasons", sa.JSON, nullable=False),
    _code("state"),
    sa.Column("made_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    _code("end_reason", optional=True),
)

offer = sa.Table(
    "offer",
    metadata,
    _code("programme", key=True),
    _id("organisation_id", key=True),
    _code("kind", key=True),
    _code("sector", optional=True),
    sa.Column("department", sa.String(3)),
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
)

wish = sa.Table(
    "wish",
    metadata,
    _id("project_id", key=True),
    sa.Column("topics", sa.JSON, nullable=False),
)

progress = sa.Table(
    "progress",
    metadata,
    _id("id", key=True),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    _id("cohort_id"),
    _code("status"),
    _code("legal_form", optional=True),
    sa.Column("expected_on", sa.Date),
    sa.Column("jobs_min", sa.Integer),
    sa.Column("jobs_max", sa.Integer),
    sa.Column("reported_on", sa.Date, nullable=False),
    _id("reported_by", optional=True),
)

trophy = sa.Table(
    "trophy",
    metadata,
    _id("id", key=True),
    sa.Column("cohort_id", sa.Uuid, nullable=False, index=True),
    _id("project_id"),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("awarded_on", sa.Date, nullable=False),
)

feed = sa.Table(
    "feed",
    metadata,
    _id("id", key=True),
    sa.Column("owner_id", sa.Uuid, nullable=False, index=True),
    _id("cohort_id", optional=True),
    sa.Column("created_at", Instant, nullable=False),
)
