"""Sessions of every kind: planned, held, cancelled, still to come."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import SESSION_KINDS

from reporting.indicators.indicator import Basis, Feed, Indicator, Unit
from reporting.indicators.rows import earlier, first_said, heard, lasting, later, replaced
from reporting.store.session import session_cancelled, session_held, session_planned

SESSIONS_HELD = lasting(session_held, "session_id")
"""Each session held, as its sheet was last closed."""

SESSIONS_PLANNED = lasting(session_planned, "session_id")
"""Each session of the calendar, as last planned: it is planned again when its people change."""


def is_off(planned: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the session was cancelled, and not planned again since."""
    off = session_cancelled
    same = off.c.session_id == planned.c.session_id
    return sa.exists().where(same, off.c.seq > planned.c.seq, heard(off))


def _is_held(session_id: Any) -> Any:
    return first_said(session_held, session_held.c.session_id == session_id)


def _cancelled() -> sa.Subquery:
    """Each session cancelled, of the kind it was last planned as; of none if it never was."""
    off, planned = session_cancelled, session_planned
    columns = [column for column in off.c if column.name != "reason"]
    same = planned.c.session_id == off.c.session_id
    again = first_said(planned, same, planned.c.seq > off.c.seq)
    over = earlier(replaced(off, "session_id"), _is_held(off.c.session_id), again)
    known = sa.select(
        *columns,
        planned.c.kind,
        later(off.c.at, planned.c.at).label("since"),
        earlier(over, replaced(planned, "session_id")).label("until"),
    ).join(planned, sa.and_(same, planned.c.seq < off.c.seq))
    unknown = sa.select(
        *columns,
        sa.null().label("kind"),
        off.c.at.label("since"),
        earlier(over, first_said(planned, same)).label("until"),
    )
    return sa.union_all(known, unknown).subquery()


def _to_come() -> sa.Subquery:
    planned, off = session_planned, session_cancelled
    same = off.c.session_id == planned.c.session_id
    cancelled = first_said(off, same, off.c.seq > planned.c.seq)
    over = (replaced(planned, "session_id"), _is_held(planned.c.session_id), cancelled)
    since, until = planned.c.at.label("since"), earlier(*over).label("until")
    return sa.select(planned, since, until).subquery()


_CANCELLED = _cancelled()
_TO_COME = _to_come()

_OF_SESSION = ("session_id",)
_PLANNED, _OFF, _HELD = (
    Feed(table, "session_id") for table in (session_planned, session_cancelled, session_held)
)

SHEETS = Basis(SESSIONS_HELD, _OF_SESSION, (_HELD,))
_CALENDAR = Basis(SESSIONS_PLANNED, _OF_SESSION, (_PLANNED,))
_CANCELLATIONS = Basis(_CANCELLED, _OF_SESSION, (_PLANNED, _OFF, _HELD))
_COMING = Basis(_TO_COME, _OF_SESSION, (_PLANNED, _OFF, _HELD))

HELD = Indicator(
    code="sessions.held",
    label=N_("Séances tenues"),
    formula=N_("Séances dont la feuille a été close, chacune comptée une fois."),
    of=SHEETS,
    part=SESSIONS_HELD.c.kind,
    parts=SESSION_KINDS,
    drawn="bar",
)

MINUTES_HELD = Indicator(
    code="sessions.minutes",
    label=N_("Durée des séances tenues"),
    formula=N_("Somme des durées réelles des séances tenues, et non des durées prévues."),
    of=SHEETS,
    part=SESSIONS_HELD.c.kind,
    amount=SESSIONS_HELD.c.minutes,
    unit=Unit.MINUTES,
    parts=SESSION_KINDS,
)

HALF_DAYS_HELD = Indicator(
    code="sessions.half_days",
    label=N_("Demi-journées tenues"),
    formula=N_("Somme des demi-journées des séances tenues."),
    of=SHEETS,
    part=SESSIONS_HELD.c.kind,
    amount=SESSIONS_HELD.c.half_days,
    parts=SESSION_KINDS,
)

PLANNED = Indicator(
    code="sessions.planned",
    label=N_("Séances mises au calendrier"),
    formula=N_("Séances planifiées, y compris celles annulées ensuite."),
    of=_CALENDAR,
    part=SESSIONS_PLANNED.c.kind,
    parts=SESSION_KINDS,
)

CANCELLED = Indicator(
    code="sessions.cancelled",
    label=N_("Séances annulées"),
    formula=N_("Séances annulées et qui n’ont pas eu lieu ensuite."),
    of=_CANCELLATIONS,
    part=_CANCELLED.c.kind,
    parts=SESSION_KINDS,
)

TO_COME = Indicator(
    code="sessions.to_come",
    label=N_("Séances à venir ou à clore"),
    formula=N_("Séances planifiées, ni tenues ni annulées."),
    of=_COMING,
    part=_TO_COME.c.kind,
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
