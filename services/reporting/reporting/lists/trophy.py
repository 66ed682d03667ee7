"""The trophies of an edition, with their prizes."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from essaim.text.collation import order_key

from reporting.indicators.rows import alive, in_edition, of_edition
from reporting.indicators.trophy import GIVEN, TROPHIES
from reporting.scope import Scope
from reporting.store.project import load_titles


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
    project: str | None
    prizes: tuple[Prize, ...]

    @property
    def value_eur(self) -> int:
        return sum(prize.value_eur for prize in self.prizes)


_GIVEN = sa.select(in_edition(GIVEN))
_TROPHIES = (
    sa.select(TROPHIES).where(of_edition(TROPHIES), alive(TROPHIES)).order_by(TROPHIES.c.seq)
)


def list_trophies(db: sa.Connection, scope: Scope) -> list[Trophy]:
    """The trophies in the order they were awarded."""
    prizes: dict[tuple[str, str], list[Prize]] = defaultdict(list)
    for row in db.execute(_GIVEN, scope.parameters):
        given = Prize(row.title, row.kind, row.contributor_id, row.value_eur)
        prizes[row.fact_id, row.source].append(given)
    for those in prizes.values():
        those.sort(key=lambda prize: (-prize.value_eur, order_key(prize.title)))
    trophies = db.execute(_TROPHIES, scope.parameters).all()
    titles = load_titles(db, (row.project_id for row in trophies))
    return [
        Trophy(
            row.title,
            row.project_id,
            titles.get(row.project_id),
            tuple(prizes[row.fact_id, row.source]),
        )
        for row in trophies
    ]
