"""The log: every fact heard, whole, and the projects it is about."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from reporting.store.table import in_chunks, metadata, of_fact, place, text, uuid

timeline = sa.Table(
    "timeline",
    metadata,
    *place(),
    text("type", 120),
    text("programme", 60),
    text("owner", 60),
    uuid("key"),
    uuid("edition_id", nullable=True),
    text("actor", 36, nullable=True),
    text("correlation", 200),
    text("causation", 200, nullable=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_timeline_seq", "seq"),
    # A message looks up the fact it tells: by the edition alone, SQLite would read all of it again.
    sa.Index("ix_timeline_fact", "fact_id", "edition_id"),
    sa.Index("ix_timeline_key", "key", "edition_id"),
    sa.Index("ix_timeline_type", "type", "seq"),
    sa.Index("ix_timeline_edition", "edition_id", "seq"),
    sa.Index("ix_timeline_at", "edition_id", "at"),
    sa.Index("ix_timeline_edition_type", "edition_id", "type", "seq"),
)
"""The envelope in columns and the payload as JSON text."""

timeline_project = sa.Table(
    "timeline_project",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    *of_fact(),
)
"""Which facts are about which projects."""


class Entry(NamedTuple):
    """A row of the log, column by column."""

    fact_id: str
    source: str
    seq: int
    at: datetime
    type: str
    programme: str
    owner: str
    key: UUID
    edition_id: UUID | None
    actor: str | None
    correlation: str
    causation: str | None
    body: str


def entry_of(row: "sa.Row[Any]") -> Entry:
    """A whole row of the log that a list has read."""
    return Entry._make(row)


def load_entries(db: sa.Connection, ids: Iterable[str]) -> dict[tuple[str, str], Entry]:
    """The facts of these ids, by id and source."""
    found = {}
    for some in in_chunks(ids):
        for row in db.execute(sa.select(timeline).where(timeline.c.fact_id.in_(some))):
            found[row.fact_id, row.source] = entry_of(row)
    return found
