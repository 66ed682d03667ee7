"""Sessions of every kind: planned, held, cancelled, still to come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim.web import N_

from reporting.indicator import Indicator, Scope, Unit, counted, heard, latest
from reporting.store import session_cancelled, session_held, session_moved, session_planned
from reporting.words import SESSION_KINDS

ONE_TO_ONE = ("appointment", "mentoring")
"""Kinds of session that one project has with one partner; the others are for a group."""

SESSIONS_HELD = latest(session_held, session_held.c.session_id)
"""Each session held, as its sheet was last closed."""

SESSIONS_PLANNED = latest(session_planned, session_planned.c.session_id)
"""Each session of the calendar, as last planned: it is planned again when its people change."""


def _is_held(session_id: Any) -> sa.ColumnElement[bool]:
    held = session_held
    return sa.exists().where(held.c.session_id == session_id, heard(held))


def _is_off(planned: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the session was cancelled, and not planned again since."""
    off = session_cancelled
    same = off.c.session_id == planned.c.session_id
    return sa.exists().where(same, off.c.seq > planned.c.seq, heard(off))


def _cancelled() -> sa.Subquery:
    cancelled = latest(session_cancelled, session_cancelled.c.session_id)
    planned = session_planned
    same = sa.and_(planned.c.session_id == cancelled.c.session_id, heard(planned))
    last = sa.select(planned.c.kind).where(same).order_by(planned.c.seq.desc()).limit(1)
    again = sa.exists().where(same, planned.c.seq > cancelled.c.seq)
    kind = last.scalar_subquery().label("kind")
    held = _is_held(cancelled.c.session_id)
    return sa.select(cancelled, kind).where(~held, ~again).subquery()


_CANCELLED = _cancelled()

HELD = Indicator(
    code="sessions.held",
    label=N_("Séances tenues"),
    formula=N_("Séances dont la feuille a été close, chacune comptée une fois."),
    rows=counted(SESSIONS_HELD, SESSIONS_HELD.c.kind),
    parts=SESSION_KINDS,
)

MINUTES_HELD = Indicator(
    code="sessions.minutes",
    label=N_("Durée des séances tenues"),
    formula=N_("Somme des durées réelles des séances tenues, et non des durées prévues."),
    rows=counted(SESSIONS_HELD, SESSIONS_HELD.c.kind, SESSIONS_HELD.c.minutes),
    unit=Unit.MINUTES,
    parts=SESSION_KINDS,
)

HALF_DAYS_HELD = Indicator(
    code="sessions.half_days",
    label=N_("Demi-journées tenues"),
    formula=N_("Somme des demi-journées des séances tenues."),
    rows=counted(SESSIONS_HELD, SESSIONS_HELD.c.kind, SESSIONS_HELD.c.half_days),
    parts=SESSION_KINDS,
)

PLANNED = Indicator(
    code="sessions.planned",
    label=N_("Séances mises au calendrier"),
    formula=N_("Séances planifiées, y compris celles annulées ensuite."),
    rows=counted(SESSIONS_PLANNED, SESSIONS_PLANNED.c.kind),
    parts=SESSION_KINDS,
)

CANCELLED = Indicator(
    code="sessions.cancelled",
    label=N_("Séances annulées"),
    formula=N_("Séances annulées et qui n'ont pas eu lieu ensuite."),
    rows=counted(_CANCELLED, _CANCELLED.c.kind),
    parts=SESSION_KINDS,
)

TO_COME = Indicator(
    code="sessions.to_come",
    label=N_("Séances à venir ou à clore"),
    formula=N_("Séances planifiées, ni tenues ni annulées."),
    rows=counted(SESSIONS_PLANNED, SESSIONS_PLANNED.c.kind).where(
        ~_is_held(SESSIONS_PLANNED.c.session_id), ~_is_off(SESSIONS_PLANNED)
    ),
    parts=SESSION_KINDS,
)


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


def _calendar() -> "sa.Select[Any]":
    planned, held = SESSIONS_PLANNED, SESSIONS_HELD
    moved = latest(session_moved, session_moved.c.session_id)
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
            sa.case((is_held, "held"), (_is_off(planned), "cancelled"), else_="planned").label(
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
_GROUP_SESSIONS = _CALENDAR.where(SESSIONS_PLANNED.c.kind.not_in(ONE_TO_ONE))


def calendar(db: sa.Connection, scope: Scope) -> list[Session]:
    """Every session put on the calendar, in order of time."""
    return [Session(**row._mapping) for row in db.execute(_CALENDAR, scope.parameters)]


def group_sessions(db: sa.Connection, scope: Scope) -> list[Session]:
    """Those of the calendar that are for a group."""
    return [Session(**row._mapping) for row in db.execute(_GROUP_SESSIONS, scope.parameters)]
