"""The calendar of an edition: every session as it was last said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant

from reporting.indicators.rows import in_edition, lasting
from reporting.indicators.session import SESSIONS_HELD, SESSIONS_PLANNED, is_off
from reporting.scope import Scope
from reporting.store.session import session_moved

ONE_TO_ONE = ("appointment", "mentoring")
"""Kinds of session that one project has with one partner; the others are for a group."""


@dataclass(frozen=True)
class Session:
    """A session of the calendar, as it was last said. `state` is held, cancelled or planned."""

    id: UUID
    kind: str
    title: str
    starts_at: datetime
    mode: str
    place: str | None
    half_days: int
    state: str
    participants: int | None
    minutes: int | None


_PLANNED = in_edition(SESSIONS_PLANNED)


def _calendar() -> "sa.Select[Any]":
    planned, held = _PLANNED, in_edition(SESSIONS_HELD)
    moved = in_edition(lasting(session_moved, "session_id"))
    moved_since = sa.and_(moved.c.session_id == planned.c.session_id, moved.c.seq > planned.c.seq)
    is_moved = moved.c.session_id.is_not(None)
    is_held = held.c.session_id.is_not(None)
    starts_at = sa.case((is_moved, moved.c.starts_at), else_=planned.c.starts_at)
    mode = sa.func.coalesce(held.c.mode, moved.c.mode, planned.c.mode)
    half_days = sa.func.coalesce(held.c.half_days, moved.c.half_days, planned.c.half_days)
    return (
        sa.select(
            planned.c.session_id.label("id"),
            planned.c.kind,
            planned.c.title,
            sa.type_coerce(starts_at, Instant).label("starts_at"),
            mode.label("mode"),
            # A move says the whole place again: none means that there is none any more.
            sa.case((is_moved, moved.c.place), else_=planned.c.place).label("place"),
            half_days.label("half_days"),
            sa.case((is_held, "held"), (is_off(planned), "cancelled"), else_="planned").label(
                "state"
            ),
            held.c.participants,
            held.c.minutes,
        )
        .select_from(planned)
        .outerjoin(moved, moved_since)
        .outerjoin(held, held.c.session_id == planned.c.session_id)
        .order_by("starts_at", planned.c.seq)
    )


_CALENDAR = _calendar()
_GROUP_SESSIONS = _CALENDAR.where(_PLANNED.c.kind.not_in(ONE_TO_ONE))


def list_sessions(db: sa.Connection, scope: Scope) -> list[Session]:
    """Every session put on the calendar, in order of time."""
    return [Session(**row._mapping) for row in db.execute(_CALENDAR, scope.parameters)]


def list_group_sessions(db: sa.Connection, scope: Scope) -> list[Session]:
    """Those of the calendar that are for a group."""
    return [Session(**row._mapping) for row in db.execute(_GROUP_SESSIONS, scope.parameters)]
