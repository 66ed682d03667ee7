"""Godparents, mentors and referents: who accompanies which project."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import PAIRING_KINDS

from reporting.indicators.indicator import Basis, Feed, Indicator, Kept, Through
from reporting.indicators.rows import earlier, first_of_each, first_said, lasting, later
from reporting.store.pairing import first_bond, pairing_ended, pairing_made

_TO_THE_END = "programme_ended"


_MADE = lasting(pairing_made, "pairing_id")
_COLUMNS = [column for column in _MADE.c if column.name not in ("since", "until")]
_BROKEN = first_said(
    pairing_ended,
    pairing_ended.c.pairing_id == _MADE.c.pairing_id,
    pairing_ended.c.reason != _TO_THE_END,
)
_LASTING = sa.select(
    *_COLUMNS,
    sa.literal(True).label("lasting"),
    _MADE.c.since,
    earlier(_MADE.c.until, _BROKEN).label("until"),
)
_INTERRUPTED = sa.select(
    *_COLUMNS,
    sa.literal(False).label("lasting"),
    later(_MADE.c.since, _BROKEN).label("since"),
    _MADE.c.until,
)

BONDS = sa.union_all(_LASTING, _INTERRUPTED).subquery()
"""Each bond; `lasting` when it lasts, or lasted until the programme ended."""

_PAIRINGS = Basis(
    BONDS,
    ("pairing_id",),
    (Feed(pairing_made, "pairing_id"), Feed(pairing_ended, "pairing_id")),
)


_FIRST_BONDS = sa.select(first_bond).subquery()


def _first_bonds(condition: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    godparents = _LASTING.where(_MADE.c.kind == "godparent", condition).subquery()
    return first_of_each(godparents, "organisation_id", "project_id")


_WHO_WAS_PAIRED = Through(sa.select(pairing_made.c.organisation_id), by=pairing_made.c.pairing_id)

_GODPARENTS = Basis(
    _FIRST_BONDS,
    ("organisation_id",),
    (
        Feed(pairing_made, "organisation_id"),
        Feed(pairing_made, "pairing_id", _WHO_WAS_PAIRED),
        Feed(pairing_ended, "pairing_id", _WHO_WAS_PAIRED),
    ),
    kept=Kept(first_bond, _MADE, _first_bonds),
)

LASTING = Indicator(
    code="pairings.lasting",
    label=N_("Binômes"),
    formula=N_(
        "Liens entre une organisation et un projet, en cours ou menés jusqu’à la fin du programme."
    ),
    of=_PAIRINGS,
    part=BONDS.c.kind,
    where=BONDS.c.lasting,
    parts=PAIRING_KINDS,
)

BROKEN = Indicator(
    code="pairings.broken",
    label=N_("Binômes interrompus"),
    formula=N_("Liens qui ont pris fin avant la fin du programme."),
    of=_PAIRINGS,
    part=BONDS.c.kind,
    where=~BONDS.c.lasting,
    parts=PAIRING_KINDS,
)

GODPARENTS = Indicator(
    code="pairings.godparents",
    label=N_("Parrains et marraines"),
    formula=N_(
        "Organisations différentes qui parrainent au moins un projet, ou l’ont fait jusqu’à la "
        "fin du programme."
    ),
    of=_GODPARENTS,
)

SHOWN = (
    GODPARENTS,
    LASTING,
    BROKEN,
)
