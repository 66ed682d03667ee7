"""The read model: one table per kind of fact, one row per fact, and the log of all of them.

Rows are only ever added: what a later fact changes is a row of its own. Figures as of a past day
are therefore the same queries over fewer rows. `at` is the instant the partner said the fact
(business time), `seq` its place in the stream.
"""

from typing import Any

import sqlalchemy as sa
from essaim.keeping.database import Instant

metadata = sa.MetaData()


def _text(name: str, length: int, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=nullable)


def _id(name: str, *, nullable: bool = False, index: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.Uuid, nullable=nullable, index=index)


def _count(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=nullable)


def _rows(name: str, *columns: "sa.Column[Any]", of: str | None = None) -> sa.Table:
    """A table with one row per fact of an edition, or one per part of it.

    `of` names the thing its rows are about: whether a later one says more is asked row by row, from
    an index that has all it needs.
    """
    return sa.Table(
        name,
        metadata,
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
        *columns,
        *([sa.Index(f"ix_{name}_{of}", of, "seq", "at")] if of else []),
    )


timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("fact_id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
    _text("type", 120),
    _text("programme", 60),
    _text("owner", 60),
    sa.Column("key", sa.Uuid, nullable=False),
    _id("edition_id", nullable=True),
    _text("actor", 36, nullable=True),
    _text("correlation", 200),
    _text("causation", 200, nullable=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_timeline_seq", "seq"),
    sa.Index("ix_timeline_key", "key", "edition_id"),
    sa.Index("ix_timeline_type", "type", "seq"),
    sa.Index("ix_timeline_edition", "edition_id", "programme", "type", "at"),
)
"""Every fact heard, whole: the envelope in columns and the payload as JSON text."""

timeline_project = sa.Table(
    "timeline_project",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("fact_id", sa.String(36), primary_key=True),
)
"""Which facts are about which projects."""

project_bearer = sa.Table(
    "project_bearer",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.Uuid, primary_key=True),
)
"""Who carries a project, by opaque ids: tells which messages belong to its time line."""

project_title = sa.Table(
    "project_title",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("title", 300),
)
"""The public title of a project, as each fact said it; the last one counts."""

call_opened = _rows(
    "call_opened",
    _id("call_id"),
    _text("programme", 60),
    _text("programme_name", 300, nullable=True),
    _count("edition_number"),
    _count("edition_year"),
    _text("title", 300),
    _text("kind", 30),
    _text("track_code", 60),
    _count("places", nullable=True),
    sa.Column("opens_at", Instant, nullable=False),
    sa.Column("closes_at", Instant, nullable=False),
)

application_received = _rows(
    "application_received",
    _id("application_id"),
    _id("project_id"),
    _text("number", 40),
    _text("applicant_kind", 30),
    _text("sector", 60, nullable=True),
    _text("department", 3, nullable=True),
    _text("heard_from", 60, nullable=True),
    sa.Column("received_on", sa.Date, nullable=False),
    of="application_id",
)

application_answered = _rows(
    "application_answered",
    _id("application_id"),
    _id("project_id"),
    _text("state", 30),
    _text("reason", 30),
    of="application_id",
)
"""What became of an application: withdrawn by its bearer, or decided by the committee."""

cohort_project = _rows(
    "cohort_project",
    sa.Column("project_id", sa.Uuid, primary_key=True),
    _id("cohort_id"),
    sa.Column("joined", sa.Boolean, nullable=False),
    _text("sector", 60, nullable=True),
    _text("department", 3, nullable=True),
    _count("jobs_min", nullable=True),
    _count("jobs_max", nullable=True),
    of="project_id",
)
"""A project that a fact put into a cohort, or took out of it."""

session_planned = _rows(
    "session_planned",
    _id("session_id"),
    _text("kind", 30),
    _text("title", 300),
    _text("mode", 20),
    _text("place", 300, nullable=True),
    sa.Column("starts_at", Instant, nullable=False),
    _count("half_days"),
    of="session_id",
)

session_moved = _rows(
    "session_moved",
    _id("session_id"),
    _text("mode", 20),
    _text("place", 300, nullable=True),
    sa.Column("starts_at", Instant, nullable=False),
    _count("half_days"),
    _text("reason", 30),
    of="session_id",
)

session_cancelled = _rows(
    "session_cancelled", _id("session_id"), _text("reason", 30), of="session_id"
)

session_held = _rows(
    "session_held",
    _id("session_id"),
    _text("kind", 30),
    sa.Column("held_on", sa.Date, nullable=False),
    _count("minutes"),
    _count("half_days"),
    _text("mode", 20),
    _id("provider_id", nullable=True),
    _count("participants"),
    _count("attendees"),
    _count("projects"),
    _count("projects_present"),
    of="session_id",
)
"""`attendees` are those known one by one; `projects_present` those expected who were there."""

attendance = _rows(
    "attendance",
    sa.Column("person_id", sa.Uuid, primary_key=True),
    _text("role", 30),
    _id("project_id", nullable=True),
    _id("organisation_id", nullable=True),
    _count("half_days"),
)
"""One person at one held session."""

hours = _rows(
    "hours",
    _id("package_id"),
    _id("project_id"),
    _text("kind", 30),
    _id("provider_id", nullable=True),
    _count("granted"),
    _count("used"),
    _count("over"),
)
"""Minutes of a package: granted by one fact, used by another. `used` holds `over`."""

pairing_made = _rows(
    "pairing_made",
    _id("pairing_id"),
    _id("project_id"),
    _text("kind", 30),
    _id("organisation_id"),
    _text("method", 30),
    of="pairing_id",
)

pairing_ended = _rows("pairing_ended", _id("pairing_id"), _text("reason", 30), of="pairing_id")

project_progressed = _rows(
    "project_progressed",
    _id("project_id"),
    _text("status", 40),
    _count("jobs_min", nullable=True),
    _count("jobs_max", nullable=True),
    sa.Column("reported_on", sa.Date, nullable=False),
    of="project_id",
)

deliverable_handed_in = _rows(
    "deliverable_handed_in",
    _id("deliverable_id"),
    _id("project_id"),
    _text("kind", 30),
    sa.Column("late", sa.Boolean, nullable=False),
    of="deliverable_id",
)

trophy_awarded = _rows(
    "trophy_awarded", _id("trophy_id"), _id("project_id"), _text("title", 300), of="trophy_id"
)

prize = _rows(
    "prize",
    sa.Column("prize_id", sa.Uuid, primary_key=True),
    _id("project_id"),
    _id("contributor_id"),
    _text("kind", 30),
    _text("title", 300),
    _count("value_eur"),
)
"""A prize of a trophy, by the fact that awarded it."""

partner_joined = sa.Table(
    "partner_joined",
    metadata,
    sa.Column("fact_id", sa.String(36), primary_key=True),
    sa.Column("commitment", sa.String(30), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
    _text("programme", 60),
    sa.Column("organisation_id", sa.Uuid, nullable=False, index=True),
    _text("name", 300, nullable=True),
    _text("legal_form", 60, nullable=True),
)
"""One commitment of an organisation, by the fact that said it. No name: a person who acts alone."""

message = sa.Table(
    "message",
    metadata,
    sa.Column("fact_id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
    _id("recipient_id"),
    _text("template", 60),
    _id("about_id", nullable=True),
    _text("cause", 36, nullable=True),
    _text("failure", 30, nullable=True),
)
"""A message that a mail server accepted, or one given up for the reason in `failure`."""

TABLES = tuple(metadata.tables.values())
