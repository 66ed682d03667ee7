"""Every indicator, in the order of the edition page: each file says what it shows, in `SHOWN`."""

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
    Section("selection", N_("Candidatures et sélection"), application.SHOWN),
    Section(
        "promotion",
        N_("Promotion et emplois"),
        (*cohort.SHOWN, *employment.SHOWN, *deliverable.SHOWN),
    ),
    Section("seances", N_("Séances et présence"), (*session.SHOWN, *attendance.SHOWN)),
    Section("accompagnement", N_("Accompagnement individuel"), (*hours.SHOWN, *pairing.SHOWN)),
    Section("trophees", N_("Trophées et dotations"), trophy.SHOWN),
    Section(
        "partenaires", N_("Partenaires et échanges"), (*partner.SHOWN, *message.SHOWN, *fact.SHOWN)
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
