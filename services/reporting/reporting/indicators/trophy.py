"""Trophies awarded, and the prizes that come with them."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import PRIZE_KINDS

from reporting.indicators.indicator import Basis, Feed, GroupedBy, Indicator, Unit
from reporting.indicators.rows import lasting
from reporting.store.table import is_same_fact
from reporting.store.trophy import prize, trophy_awarded

TROPHIES = lasting(trophy_awarded, "trophy_id")
"""Each trophy, as it was last awarded."""

GIVEN = (
    sa.select(prize, TROPHIES.c.trophy_id, TROPHIES.c.since, TROPHIES.c.until)
    .join(TROPHIES, is_same_fact(TROPHIES, prize))
    .subquery()
)
"""The prizes of the trophies as they were last awarded."""

_AWARD = (Feed(trophy_awarded, "trophy_id"),)
_TROPHIES = Basis(TROPHIES, ("trophy_id",), _AWARD)
_PRIZES = Basis(GIVEN, ("trophy_id",), _AWARD, beside=(prize,))

AWARDED = Indicator(
    code="trophies.awarded",
    label=N_("Trophées remis"),
    formula=N_("Trophées remis à un projet, chacun compté une fois."),
    of=_TROPHIES,
)

PRIZES = Indicator(
    code="trophies.prizes",
    label=N_("Dotations"),
    formula=N_("Dotations, en argent ou en nature, remises avec les trophées."),
    of=_PRIZES,
    part=GIVEN.c.kind,
    parts=PRIZE_KINDS,
)

PRIZES_VALUE = Indicator(
    code="trophies.prizes_value",
    label=N_("Valeur des dotations"),
    formula=N_("Somme des valeurs annoncées des dotations, en argent ou en nature."),
    of=_PRIZES,
    part=GIVEN.c.kind,
    amount=GIVEN.c.value_eur,
    unit=Unit.EUROS,
    parts=PRIZE_KINDS,
    drawn="pie",
)

VALUE_BY_CONTRIBUTOR = Indicator(
    code="trophies.by_contributor",
    label=N_("Dotations par contributeur"),
    formula=N_("Valeur des dotations, selon l’organisation qui les offre."),
    of=_PRIZES,
    part=GIVEN.c.contributor_id,
    amount=GIVEN.c.value_eur,
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
