"""Every indicator, in the order of the edition page."""

from typing import NamedTuple

from essaim.refusal import Refusal
from essaim.text.languages import N_

from reporting.indicators import (
    application,
    attendance,
    cohort,
    deliverable,
    employment,
    fact,
    hours,
    message,
    pairing,
    partner,
    session,
    trophy,
)
from reporting.indicators.indicator import Indicator, Ratio


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
            application.RECEIVED,
            application.STATES,
            application.SELECTION_RATE,
            application.BY_DAY,
            application.BY_SECTOR,
            application.BY_DEPARTMENT,
            application.BY_SOURCE,
        ),
    ),
    Section(
        "promotion",
        N_("Promotion et emplois"),
        (
            cohort.PROJECTS,
            employment.EXPECTED_MIN,
            employment.EXPECTED_MAX,
            cohort.BY_STATUS,
            cohort.BY_DEPARTMENT,
            deliverable.HANDED_IN,
            deliverable.LATE,
        ),
    ),
    Section(
        "seances",
        N_("Séances et présence"),
        (
            session.HELD,
            session.PLANNED,
            session.CANCELLED,
            session.TO_COME,
            session.MINUTES_HELD,
            session.HALF_DAYS_HELD,
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
            pairing.GODPARENTS,
            pairing.LASTING,
            pairing.BROKEN,
        ),
    ),
    Section(
        "trophees",
        N_("Trophées et dotations"),
        (
            trophy.AWARDED,
            trophy.PRIZES,
            trophy.PRIZES_VALUE,
            trophy.VALUE_BY_CONTRIBUTOR,
        ),
    ),
    Section(
        "partenaires",
        N_("Partenaires et échanges"),
        (
            partner.ORGANISATIONS,
            partner.COMMITMENTS_HELD,
            message.SENT,
            message.FAILED,
            fact.BY_TYPE,
        ),
    ),
)

INDICATORS = {
    one.code: one
    for section in SECTIONS
    for one in section.indicators
    if isinstance(one, Indicator)
}


def find_indicator(code: str) -> Indicator:
    """
    Raises:
        Refusal: (404) there is none of this code.
    """
    if code not in INDICATORS:
        raise unknown_indicator(code)
    return INDICATORS[code]


def unknown_indicator(code: str) -> Refusal:
    return Refusal(
        "unknown_indicator",
        "L’indicateur « {indicator} » n’existe pas. "
        "Choisissez un chiffre sur la page de l’édition.",
        status=404,
        indicator=code,
    )
