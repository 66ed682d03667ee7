"""What things come to: their rows added up, for each figure by edition, day and part."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.keeping.among import FEW, among, places, size_for

from reporting.indicators.catalogue import INDICATORS
from reporting.indicators.indicator import Basis, Indicator, part_name
from reporting.scope import FOR_EVER
from reporting.store.counter import NOW, NOWHERE, Amounts, Part
from reporting.store.table import in_chunks

Things = dict[Basis, list[Any]]
"""What rows are about, for each basis."""

BASES = tuple(dict.fromkeys(one.of for one in INDICATORS.values()))
_FIGURES = {basis: [one for one in INDICATORS.values() if one.of is basis] for basis in BASES}


_PartOf = tuple[Basis, "sa.ColumnElement[Any]"]


class _Place(NamedTuple):
    """Where an answer has a figure: its amount, its number of rows behind it, and its part."""

    code: str
    amount: int
    part: int | None


class Sums(NamedTuple):
    """All that rows of some bases come to, in one query.

    A row of the answer has the place of its basis among them, the edition, the programme, from
    when, until when; then, where `figures` of its basis says, amounts, numbers of rows and parts.
    """

    query: "sa.CompoundSelect[Any] | sa.Select[Any]"
    figures: tuple[tuple[_Place, ...], ...]


_FIRST_SUM = 5
_ZERO: "sa.ColumnElement[int]" = sa.literal_column("0", sa.Integer)
_BELONGS: "dict[str, sa.ColumnElement[Any]]" = {
    "edition_id": sa.cast(sa.null(), sa.Uuid),
    "programme": sa.literal_column("''", sa.String),
}
"""Where a row belongs, and what stands there for rows that do not say it."""


@cache
def sums_of(bases: tuple[Basis, ...], size: int | None = None) -> Sums:
    """The sums of these bases: of all their rows, or of those about some things.

    Of those, the nth basis has `size` places, named « thing<n> ».
    """
    most = max(len(_FIGURES[basis]) for basis in bases)
    parts = [(basis, part) for basis in bases for part in _parts(basis)]
    selects = [
        _sum_of(basis, nth, most, parts).where(*_about(basis, nth, size))
        for nth, basis in enumerate(bases)
    ]
    query = selects[0] if len(selects) == 1 else sa.union_all(*selects)
    return Sums(query, tuple(tuple(_places(basis, parts, most)) for basis in bases))


def _sum_of(basis: Basis, nth: int, most: int, parts: "Sequence[_PartOf]") -> "sa.Select[Any]":
    """One of the sums, with as many amounts as the longest has, and the parts of all."""
    rows = basis.rows
    belongs = [rows.c.get(name, none) for name, none in _BELONGS.items()]
    sums = [sum for one in _FIGURES[basis] for sum in _amount_and_rows(one)]
    sums += [_ZERO] * (2 * most - len(sums))
    own = [part if of is basis else sa.cast(sa.null(), part.type) for of, part in parts]
    groups = [rows.c[name] for name in (*_BELONGS, "since", "until") if name in rows.c]
    select = sa.select(sa.literal_column(str(nth), sa.Integer), *belongs)
    select = select.add_columns(rows.c.since, rows.c.until, *sums, *own)
    return select.where(rows.c.since < rows.c.until).group_by(*groups, *_parts(basis))


def _about(basis: Basis, nth: int, size: int | None) -> "list[sa.ColumnElement[bool]]":
    if size is None:
        return []
    return [among(basis.rows.c[name], f"thing{nth}", size) for name in basis.thing]


def _parts(basis: Basis) -> "list[sa.ColumnElement[Any]]":
    parts = (one.part for one in _FIGURES[basis])
    return list({str(part.key): part for part in parts if part is not None}.values())


def _amount_and_rows(one: Indicator) -> "tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]":
    counts = sa.case((one.where, one.counts_for)) if one.where is not None else one.counts_for
    return sa.func.sum(counts), sa.func.count(counts)


def _places(basis: Basis, parts: "Sequence[_PartOf]", most: int) -> Iterator[_Place]:
    at = {
        str(part.key): _FIRST_SUM + 2 * most + nth
        for nth, (of, part) in enumerate(parts)
        if of is basis
    }
    for nth, one in enumerate(_FIGURES[basis]):
        part = None if one.part is None else at[str(one.part.key)]
        yield _Place(one.code, _FIRST_SUM + 2 * nth, part)


def amounts_of(db: sa.Connection, things: Things) -> Amounts:
    """What these things come to."""
    found: Amounts = {}
    for some in _together(db, things):
        size = max(size_for(db, about) for about in some.values())
        sums = sums_of(tuple(some), size)
        filled: dict[str, Any] = {}
        for nth, about in enumerate(some.values()):
            filled |= places(f"thing{nth}", about, size)
        add_up(found, sums, db.execute(sums.query, filled))
    return found


def _together(db: sa.Connection, things: Things) -> Iterator[Things]:
    """What one query asks about: where each place is sent, all of many would be too much."""
    if not things:
        return
    if db.dialect.name == "postgresql" or max(map(len, things.values())) <= FEW:
        yield things
        return
    for basis, about in things.items():
        for some in in_chunks(about):
            yield {basis: some}


def add_up(found: Amounts, sums: Sums, answer: Iterable[Any]) -> None:
    """Add each row on the day from which it counts, take it off on the day it ceases to."""
    for row in answer:
        edition_id = row[1]
        programme = "" if edition_id else row[2]
        days = _days(row[3], row[4])
        for one in sums.figures[row[0]]:
            amount, facts = row[one.amount], row[one.amount + 1]
            if not facts:
                continue
            name = "" if one.part is None else part_name(row[one.part])
            for day, sign in days:
                part = Part(edition_id or NOWHERE, programme, day, one.code, name)
                then = found.get(part, (0, 0))
                found[part] = (then[0] + sign * int(amount), then[1] + sign * facts)


def _days(since: datetime, until: datetime) -> tuple[tuple[date, int], ...]:
    """The days on which something is to be added, and taken off."""
    begins = since.astimezone(PARIS).date()
    if until >= FOR_EVER:
        return (begins, 1), (NOW, 1)
    return (begins, 1), (until.astimezone(PARIS).date(), -1)
