"""Who came: headcount in the room, people known one by one, half-days signed."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import ATTENDEES, SESSION_KINDS

from reporting.indicators.indicator import Basis, Feed, Indicator, Kept, Ratio, Through
from reporting.indicators.rows import first_of_each
from reporting.indicators.session import SESSIONS_HELD, SHEETS
from reporting.store.session import attendance, first_attendance, session_held
from reporting.store.table import is_same_fact

SIGNED = (
    sa.select(
        attendance,
        SESSIONS_HELD.c.session_id,
        SESSIONS_HELD.c.since,
        SESSIONS_HELD.c.until,
    )
    .join(SESSIONS_HELD, is_same_fact(SESSIONS_HELD, attendance))
    .subquery()
)
"""Each person at each session held, by the sheet last closed."""

_FIRST = sa.select(first_attendance).subquery()


def _first(condition: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    signed = sa.select(SIGNED).where(condition).subquery()
    return first_of_each(signed, "person_id", "role", "project_id")


_SIGNATURES = Basis(
    SIGNED, ("session_id",), (Feed(session_held, "session_id"),), beside=(attendance,)
)


_WHO_CAME = Through(
    sa.select(attendance.c.person_id).join(session_held, is_same_fact(session_held, attendance)),
    by=session_held.c.session_id,
)

_PEOPLE = Basis(
    _FIRST,
    ("person_id",),
    (Feed(attendance, "person_id"), Feed(session_held, "session_id", _WHO_CAME)),
    kept=Kept(first_attendance, SIGNED, _first),
)

# A mere headcount does not say which projects came: only sheets that name somebody count.
_NAMED = SESSIONS_HELD.c.attendees > 0

PARTICIPANTS = Indicator(
    code="attendance.participants",
    label=N_("Participations"),
    formula=N_(
        "Somme des personnes présentes à chaque séance tenue, comptées dans la salle : une "
        "personne venue à deux séances compte deux fois."
    ),
    of=SHEETS,
    part=SESSIONS_HELD.c.kind,
    amount=SESSIONS_HELD.c.participants,
    parts=SESSION_KINDS,
    drawn="bar",
)

ATTENDANCES = Indicator(
    code="attendance.signed",
    label=N_("Émargements"),
    formula=N_("Personnes connues une à une sur les feuilles closes, une fois par séance."),
    of=_SIGNATURES,
    part=SIGNED.c.role,
    parts=ATTENDEES,
)

PEOPLE = Indicator(
    code="attendance.people",
    label=N_("Personnes différentes"),
    formula=N_(
        "Personnes connues une à une, chacune comptée une fois, dans le rôle qu’elle avait à sa "
        "première séance."
    ),
    of=_PEOPLE,
    part=_FIRST.c.role,
    parts=ATTENDEES,
)

HALF_DAYS = Indicator(
    code="attendance.half_days",
    label=N_("Demi-journées émargées"),
    formula=N_("Somme des demi-journées signées sur les feuilles closes."),
    of=_SIGNATURES,
    part=SIGNED.c.role,
    amount=SIGNED.c.half_days,
    parts=ATTENDEES,
)

PROJECTS_EXPECTED = Indicator(
    code="attendance.projects_expected",
    label=N_("Présences attendues des projets"),
    formula=N_("Projets attendus à chaque séance tenue dont la feuille nomme les présents."),
    of=SHEETS,
    part=SESSIONS_HELD.c.kind,
    amount=SESSIONS_HELD.c.projects,
    where=_NAMED,
    parts=SESSION_KINDS,
)

PROJECTS_PRESENT = Indicator(
    code="attendance.projects_present",
    label=N_("Présences des projets"),
    formula=N_(
        "Projets attendus dont une personne au moins a signé une demi-journée, à chaque séance "
        "tenue dont la feuille nomme les présents."
    ),
    of=SHEETS,
    part=SESSIONS_HELD.c.kind,
    amount=SESSIONS_HELD.c.projects_present,
    where=_NAMED,
    parts=SESSION_KINDS,
)

RATE = Ratio(
    code="attendance.rate",
    label=N_("Taux de présence des projets"),
    formula=N_("Présences des projets divisées par les présences attendues."),
    over=(PROJECTS_PRESENT, None),
    under=(PROJECTS_EXPECTED, None),
)

SHOWN = (
    PARTICIPANTS,
    ATTENDANCES,
    PEOPLE,
    HALF_DAYS,
    PROJECTS_EXPECTED,
    PROJECTS_PRESENT,
    RATE,
)
