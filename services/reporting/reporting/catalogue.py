"""Every indicator, in the order of the edition page, and the figures they give."""

from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from essaim.refusal import Refusal
from essaim.web import N_

from reporting import (
    attendance,
    cohort,
    funnel,
    hours,
    jobs,
    messages,
    pairings,
    partners,
    published,
    sessions,
    trophies,
)
from reporting.indicator import Figure, Indicator, Ratio, Scope, figure_of, share


class Section(NamedTuple):
    """A part of the edition page. `code` is its anchor."""

    code: str
    title: str
    indicators: tuple[Indicator | Ratio, ...]


SECTIONS = (
    Section(
        "selection",
        N_("Candidatures et sélection"),
        (
            funnel.RECEIVED,
            funnel.STATES,
            funnel.SELECTION_RATE,
            funnel.BY_DAY,
            funnel.BY_SECTOR,
            funnel.BY_DEPARTMENT,
            funnel.BY_SOURCE,
        ),
    ),
    Section(
        "promotion",
        N_("Promotion et emplois"),
        (
            cohort.PROJECTS,
            jobs.EXPECTED_MIN,
            jobs.EXPECTED_MAX,
            cohort.BY_STATUS,
            cohort.BY_DEPARTMENT,
            cohort.DELIVERABLES,
            cohort.LATE_DELIVERABLES,
        ),
    ),
    Section(
        "seances",
        N_("Séances et présence"),
        (
            sessions.HELD,
            sessions.PLANNED,
            sessions.CANCELLED,
            sessions.TO_COME,
            sessions.MINUTES_HELD,
            sessions.HALF_DAYS_HELD,
            attendance.PARTICIPANTS,
            attendance.ATTENDANCES,
            attendance.PEOPLE,
            attendance.HALF_DAYS,
            attendance.PROJECTS_EXPECTED,
            attendance.PROJECTS_PRESENT,
            attendance.RATE,
        ),
    ),
    Section(
        "accompagnement",
        N_("Accompagnement individuel"),
        (
            hours.GRANTED,
            hours.USED,
            hours.LEFT,
            hours.OVER,
            hours.USED_BY_PARTNER,
            hours.APPOINTMENTS_BY_PARTNER,
            pairings.GODPARENTS,
            pairings.LASTING,
            pairings.BROKEN,
        ),
    ),
    Section(
        "trophees",
        N_("Trophées et dotations"),
        (
            trophies.AWARDED,
            trophies.PRIZES,
            trophies.PRIZES_VALUE,
            trophies.VALUE_BY_CONTRIBUTOR,
        ),
    ),
    Section(
        "partenaires",
        N_("Partenaires et échanges"),
        (
            partners.ORGANISATIONS,
            partners.COMMITMENTS_HELD,
            messages.SENT,
            messages.FAILED,
            published.BY_TYPE,
        ),
    ),
)

INDICATORS = {
    one.code: one
    for section in SECTIONS
    for one in section.indicators
    if isinstance(one, Indicator)
}


@dataclass(frozen=True)
class Figures:
    """Every figure of an edition. `stream_seq` is the last fact heard of what they rest on."""

    scope: Scope
    stream_seq: int
    by_code: dict[str, Figure]

    def __getitem__(self, indicator: Indicator) -> Figure:
        return self.by_code[indicator.code]

    def value(self, one: Indicator | Ratio) -> int | float | None:
        """A whole number; for a ratio, a share of 1, or None when there is nothing to share."""
        if isinstance(one, Indicator):
            return self[one].value
        over, under = (self[indicator].of(part) for indicator, part in (one.over, one.under))
        return share(over, under)


def figures_of(db: sa.Connection, scope: Scope) -> Figures:
    by_code = {code: figure_of(db, one, scope) for code, one in INDICATORS.items()}
    return Figures(scope, published.last_sequence(db, scope), by_code)


def find_indicator(code: str) -> Indicator:
    """
    Raises:
        Refusal: (404) there is none of this code.
    """
    if code not in INDICATORS:
        raise Refusal(
            "unknown_indicator",
            "L'indicateur « {indicator} » n'existe pas. "
            "Choisissez un chiffre sur la page de l'édition.",
            status=404,
            indicator=code,
        )
    return INDICATORS[code]
