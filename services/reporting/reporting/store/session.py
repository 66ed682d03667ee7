"""Sessions planned, moved, cancelled and held, and who came."""

from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant

from reporting.store.table import count, edition_table, metadata, place, text, uuid

session_planned = edition_table(
    "session_planned",
    uuid("session_id"),
    text("kind", 30),
    text("title", 300),
    text("mode", 20),
    text("place", 300, nullable=True),
    sa.Column("starts_at", Instant, nullable=False),
    count("half_days"),
    of=("session_id",),
)

session_moved = edition_table(
    "session_moved",
    uuid("session_id"),
    text("mode", 20),
    text("place", 300, nullable=True),
    sa.Column("starts_at", Instant, nullable=False),
    count("half_days"),
    text("reason", 30),
    of=("session_id",),
)

session_cancelled = edition_table(
    "session_cancelled", uuid("session_id"), text("reason", 30), of=("session_id",)
)

session_held = edition_table(
    "session_held",
    uuid("session_id"),
    text("kind", 30),
    sa.Column("held_on", sa.Date, nullable=False),
    count("minutes"),
    count("half_days"),
    text("mode", 20),
    uuid("provider_id", nullable=True),
    count("participants"),
    count("attendees"),
    count("projects"),
    count("projects_present"),
    of=("session_id",),
)
"""`attendees` are those known one by one; `projects_present` those expected who were there."""

attendance = edition_table(
    "attendance",
    sa.Column("person_id", sa.Uuid, primary_key=True, index=True),
    text("role", 30),
    uuid("project_id", nullable=True),
    uuid("organisation_id", nullable=True),
    count("half_days"),
)
"""One person at one held session."""

first_attendance = sa.Table(
    "first_attendance",
    metadata,
    *place(),
    sa.Column("person_id", sa.Uuid, primary_key=True),
    text("role", 30),
    uuid("project_id", nullable=True),
    uuid("edition_id"),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("until", Instant, nullable=False),
    sa.Index("ix_first_attendance_person_id", "person_id"),
    sa.Index("ix_first_attendance_seq", "edition_id", "seq"),
    info={"derived": True},
)
"""The first sheet that names each person of an edition, for as long as it is; from `attendance`."""


def load_session_titles(db: sa.Connection, edition_id: UUID) -> dict[UUID, str]:
    """The title of each session of the edition."""
    planned = session_planned
    query = sa.select(planned.c.session_id, planned.c.title).order_by(planned.c.seq)
    rows = db.execute(query.where(planned.c.edition_id == edition_id))
    return {row.session_id: row.title for row in rows}
