"""Who came: headcount in the room, people known one by one, half-days signed."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import ATTENDEES, SESSION_KINDS

from reporting.indicators.indicator import Indicator, Ratio
from reporting.indicators.rows import counted
from reporting.indicators.session import SESSIONS_HELD
from reporting.store.session import attendance
from reporting.store.table import is_same_fact

SIGNED = (
    sa.select(attendance).join(SESSIONS_HELD, is_same_fact(SESSIONS_HELD, attendance)).subquery()
)
"""Each person at each session held, by the sheet last closed."""


def _first_attendances() -> sa.Subquery:
    order = (SIGNED.c.seq, SIGNED.c.fact_id)
    rank = sa.func.row_number().over(partition_by=SIGNED.c.person_id, order_by=order)
    ranked = sa.select(SIGNED, rank.label("rank")).subquery()
    return sa.select(ranked).where(ranked.c.rank == 1).subquery()


_FIRST = _first_attendances()


def _sheets(amount: Any) -> "sa.Select[Any]":
    # A mere headcount does not say which projects came: only sheets that name somebody count.
    named = SESSIONS_HELD.c.attendees > 0
    return counted(SESSIONS_HELD, SESSIONS_HELD.c.kind, amount).where(named)


PARTICIPANTS = Indicator(
    code="attendance.participants",
    label=N_("Participations"),
    formula=N_(
        "Somme des personnes présentes à chaque séance tenue, comptées dans la salle : une "
        "personne venue à deux séances compte deux fois."
    ),
    rows=counted(SESSIONS_HELD, SESSIONS_HELD.c.kind, SESSIONS_HELD.c.participants),
    parts=SESSION_KINDS,
    drawn="bar",
)

ATTENDANCES = Indicator(
    code="attendance.signed",
    label=N_("Émargements"),
    formula=N_("Personnes connues une à une sur les feuilles closes, une fois par séance."),
    rows=counted(SIGNED, SIGNED.c.role),
    parts=ATTENDEES,
)

PEOPLE = Indicator(
    code="attendance.people",
    label=N_("Personnes différentes"),
    formula=N_(
        "Personnes connues une à une, chacune comptée une fois, dans le rôle qu’elle avait à sa "
        "première séance."
    ),
    rows=counted(_FIRST, _FIRST.c.role),
    parts=ATTENDEES,
)

HALF_DAYS = Indicator(
    code="attendance.half_days",
    label=N_("Demi-journées émargées"),
    formula=N_("Somme des demi-journées signées sur les feuilles closes."),
    rows=counted(SIGNED, SIGNED.c.role, SIGNED.c.half_days),
    parts=ATTENDEES,
)

PROJECTS_EXPECTED = Indicator(
    code="attendance.projects_expected",
    label=N_("Présences attendues des projets"),
    formula=N_("Projets attendus à chaque séance tenue dont la feuille nomme les présents."),
    rows=_sheets(SESSIONS_HELD.c.projects),
    parts=SESSION_KINDS,
)

PROJECTS_PRESENT = Indicator(
    code="attendance.projects_present",
    label=N_("Présences des projets"),
    formula=N_(
        "Projets attendus dont une personne au moins a signé une demi-journée, à chaque séance "
        "tenue dont la feuille nomme les présents."
    ),
    rows=_sheets(SESSIONS_HELD.c.projects_present),
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
