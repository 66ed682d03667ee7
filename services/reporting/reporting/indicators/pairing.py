"""Godparents, mentors and referents: who accompanies which project."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import PAIRING_KINDS

from reporting.indicators.indicator import Indicator
from reporting.indicators.rows import counted, heard, latest
from reporting.store.pairing import pairing_ended, pairing_made

_TO_THE_END = "programme_ended"


def _bonds() -> sa.Subquery:
    made = latest(pairing_made, pairing_made.c.pairing_id)
    is_broken = sa.exists().where(
        pairing_ended.c.pairing_id == made.c.pairing_id,
        pairing_ended.c.reason != _TO_THE_END,
        heard(pairing_ended),
    )
    return sa.select(made, sa.type_coerce(~is_broken, sa.Boolean).label("lasting")).subquery()


BONDS = _bonds()
"""Each bond once; `lasting` when it lasts, or lasted until the programme ended."""


def _first_bonds_of_godparents() -> sa.Subquery:
    rank = sa.func.row_number().over(partition_by=BONDS.c.organisation_id, order_by=BONDS.c.seq)
    godparents = sa.and_(BONDS.c.kind == "godparent", BONDS.c.lasting)
    ranked = sa.select(BONDS, rank.label("rank")).where(godparents).subquery()
    return sa.select(ranked).where(ranked.c.rank == 1).subquery()


LASTING = Indicator(
    code="pairings.lasting",
    label=N_("Binômes"),
    formula=N_(
        "Liens entre une organisation et un projet, en cours ou menés jusqu’à la fin du programme."
    ),
    rows=counted(BONDS, BONDS.c.kind).where(BONDS.c.lasting),
    parts=PAIRING_KINDS,
)

BROKEN = Indicator(
    code="pairings.broken",
    label=N_("Binômes interrompus"),
    formula=N_("Liens qui ont pris fin avant la fin du programme."),
    rows=counted(BONDS, BONDS.c.kind).where(~BONDS.c.lasting),
    parts=PAIRING_KINDS,
)

GODPARENTS = Indicator(
    code="pairings.godparents",
    label=N_("Parrains et marraines"),
    formula=N_(
        "Organisations différentes qui parrainent au moins un projet, ou l’ont fait jusqu’à la "
        "fin du programme."
    ),
    rows=counted(_first_bonds_of_godparents()),
)

SHOWN = (
    GODPARENTS,
    LASTING,
    BROKEN,
)
