"""Calls opened, and the editions that figures can be asked of: known once one of its calls is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim_contracts.candidatures import CallOpened

from reporting.store.table import count, edition_table, text, uuid
from reporting.store.timeline import timeline

call_opened = edition_table(
    "call_opened",
    uuid("call_id"),
    text("programme", 60),
    text("programme_name", 300, nullable=True),
    count("edition_number"),
    count("edition_year"),
    text("title", 300),
    text("kind", 30),
    text("track_code", 60),
    count("places", nullable=True),
    sa.Column("opens_at", Instant, nullable=False),
    sa.Column("closes_at", Instant, nullable=False),
)

call_extended = edition_table(
    "call_extended",
    uuid("call_id"),
    sa.Column("closes_at", Instant, nullable=False),
    of=("call_id",),
)


@dataclass(frozen=True)
class Edition:
    """One yearly run of a programme, with the last of its calls."""

    id: UUID
    programme: str
    programme_name: str | None
    number: int
    year: int
    call_title: str
    places: int | None
    opens_at: datetime
    closes_at: datetime


def _editions() -> "sa.Select[Any]":
    last = sa.func.max(call_opened.c.seq).over(partition_by=call_opened.c.edition_id)
    calls = sa.select(call_opened, last.label("last")).subquery()
    # A call only ever closes later.
    later = sa.select(sa.func.max(call_extended.c.closes_at)).where(
        call_extended.c.call_id == calls.c.call_id
    )
    return (
        sa.select(
            calls.c.edition_id.label("id"),
            calls.c.programme,
            calls.c.programme_name,
            calls.c.edition_number.label("number"),
            calls.c.edition_year.label("year"),
            calls.c.title.label("call_title"),
            calls.c.places,
            calls.c.opens_at,
            sa.func.coalesce(later.scalar_subquery(), calls.c.closes_at, type_=Instant).label(
                "closes_at"
            ),
        )
        .where(calls.c.seq == calls.c.last)
        .order_by(calls.c.edition_year.desc(), calls.c.programme, calls.c.edition_number.desc())
    )


_EDITIONS = _editions()


def load_editions(db: sa.Connection) -> list[Edition]:
    """Every edition heard of, the latest first."""
    return [Edition(**row._mapping) for row in db.execute(_EDITIONS)]


def load_calls(db: sa.Connection, programme: str) -> Iterator[CallOpened]:
    """The calls of a programme as they were opened, in the order of the stream."""
    opened = (
        sa.select(timeline.c.body)
        .where(timeline.c.type == CallOpened.type, timeline.c.programme == programme)
        .order_by(timeline.c.seq)
    )
    return map(CallOpened.read, db.scalars(opened))
