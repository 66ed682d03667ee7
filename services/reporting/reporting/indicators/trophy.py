"""Trophies awarded, and the prizes that come with them."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import PRIZE_KINDS

from reporting.indicators.indicator import GroupedBy, Indicator, Unit
from reporting.indicators.rows import counted, latest
from reporting.store.table import is_same_fact
from reporting.store.trophy import prize, trophy_awarded

TROPHIES = latest(trophy_awarded, trophy_awarded.c.trophy_id)
"""Each trophy once, as it was last awarded."""

GIVEN = sa.select(prize).join(TROPHIES, is_same_fact(TROPHIES, prize)).subquery()
"""The prizes of the trophies as they were last awarded."""

AWARDED = Indicator(
    code="trophies.awarded",
    label=N_("Trophées remis"),
    formula=N_("Trophées remis à un projet, chacun compté une fois."),
    rows=counted(TROPHIES),
)

PRIZES = Indicator(
    code="trophies.prizes",
    label=N_("Dotations"),
    formula=N_("Dotations, en argent ou en nature, remises avec les trophées."),
    rows=counted(GIVEN, GIVEN.c.kind),
    parts=PRIZE_KINDS,
)

PRIZES_VALUE = Indicator(
    code="trophies.prizes_value",
    label=N_("Valeur des dotations"),
    formula=N_("Somme des valeurs annoncées des dotations, en argent ou en nature."),
    rows=counted(GIVEN, GIVEN.c.kind, GIVEN.c.value_eur),
    unit=Unit.EUROS,
    parts=PRIZE_KINDS,
    drawn="pie",
)

VALUE_BY_CONTRIBUTOR = Indicator(
    code="trophies.by_contributor",
    label=N_("Dotations par contributeur"),
    formula=N_("Valeur des dotations, selon l’organisation qui les offre."),
    rows=counted(GIVEN, GIVEN.c.contributor_id, GIVEN.c.value_eur),
    unit=Unit.EUROS,
    parts=GroupedBy.ORGANISATION,
    breakdown=True,
    drawn="bar",
)

SHOWN = (
    AWARDED,
    PRIZES,
    PRIZES_VALUE,
    VALUE_BY_CONTRIBUTOR,
)
