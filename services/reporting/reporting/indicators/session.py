"""Sessions of every kind: planned, held, cancelled, still to come."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import SESSION_KINDS

from reporting.indicators.indicator import Indicator, Unit
from reporting.indicators.rows import counted, heard, latest
from reporting.store.session import session_cancelled, session_held, session_planned

SESSIONS_HELD = latest(session_held, session_held.c.session_id)
"""Each session held, as its sheet was last closed."""

SESSIONS_PLANNED = latest(session_planned, session_planned.c.session_id)
"""Each session of the calendar, as last planned: it is planned again when its people change."""


def _is_held(session_id: Any) -> sa.ColumnElement[bool]:
    held = session_held
    return sa.exists().where(held.c.session_id == session_id, heard(held))


def is_off(planned: sa.FromClause) -> sa.ColumnElement[bool]:
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
    drawn="bar",
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
    formula=N_("Séances annulées et qui n’ont pas eu lieu ensuite."),
    rows=counted(_CANCELLED, _CANCELLED.c.kind),
    parts=SESSION_KINDS,
)

TO_COME = Indicator(
    code="sessions.to_come",
    label=N_("Séances à venir ou à clore"),
    formula=N_("Séances planifiées, ni tenues ni annulées."),
    rows=counted(SESSIONS_PLANNED, SESSIONS_PLANNED.c.kind).where(
        ~_is_held(SESSIONS_PLANNED.c.session_id), ~is_off(SESSIONS_PLANNED)
    ),
    parts=SESSION_KINDS,
)

SHOWN = (
    HELD,
    PLANNED,
    CANCELLED,
    TO_COME,
    MINUTES_HELD,
    HALF_DAYS_HELD,
)
