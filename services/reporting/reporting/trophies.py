"""Trophies awarded, and the prizes that come with them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.web import N_

from reporting import store
from reporting.indicator import GroupedBy, Indicator, Scope, Unit, counted, latest
from reporting.words import PRIZE_KINDS

TROPHIES = latest(store.trophy_awarded, store.trophy_awarded.c.trophy_id)
"""Each trophy once, as it was last awarded."""

GIVEN = (
    sa.select(store.prize).join(TROPHIES, TROPHIES.c.fact_id == store.prize.c.fact_id).subquery()
)
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
)

VALUE_BY_CONTRIBUTOR = Indicator(
    code="trophies.by_contributor",
    label=N_("Dotations par contributeur"),
    formula=N_("Valeur des dotations, selon l'organisation qui les offre."),
    rows=counted(GIVEN, GIVEN.c.contributor_id, GIVEN.c.value_eur),
    unit=Unit.EUROS,
    parts=GroupedBy.ORGANISATION,
    breakdown=True,
)


@dataclass(frozen=True)
class Prize:
    """One prize of a trophy."""

    title: str
    kind: str
    contributor_id: UUID
    value_eur: int


@dataclass(frozen=True)
class Trophy:
    """A trophy with its prizes, the dearest first."""

    title: str
    project_id: UUID
    prizes: tuple[Prize, ...]

    @property
    def value_eur(self) -> int:
        return sum(prize.value_eur for prize in self.prizes)


_GIVEN = sa.select(GIVEN).order_by(GIVEN.c.value_eur.desc(), GIVEN.c.title)
_TROPHIES = sa.select(TROPHIES).order_by(TROPHIES.c.seq)


def awarded_trophies(db: sa.Connection, scope: Scope) -> list[Trophy]:
    """The trophies in the order they were awarded."""
    given = db.execute(_GIVEN, scope.parameters).all()
    trophies = db.execute(_TROPHIES, scope.parameters)
    return [Trophy(row.title, row.project_id, _prizes(row, given)) for row in trophies]


def _prizes(trophy: Any, given: Any) -> tuple[Prize, ...]:
    return tuple(
        Prize(prize.title, prize.kind, prize.contributor_id, prize.value_eur)
        for prize in given
        if prize.fact_id == trophy.fact_id
    )
