"""The figures of an edition: the value of every indicator, its parts, and the rows behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from reporting.counting import MADE_BY
from reporting.indicators.catalogue import INDICATORS
from reporting.indicators.indicator import GroupedBy, Indicator, Ratio, part_name
from reporting.scope import Scope
from reporting.store.counter import NOW, is_counted, last_heard, load_amounts

NOT_SAID = "-"
"""Stands in addresses for the part of what was not said."""


@dataclass(frozen=True)
class Part:
    """The amount of one group, and how many rows of evidence make it."""

    value: int
    rows: int


@dataclass(frozen=True)
class Figure:
    """The value of an indicator and its parts, by group; "" is the group of what is not said."""

    indicator: Indicator
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def value(self) -> int:
        return sum(part.value for part in self.parts.values())

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts.values())

    def of(self, part: str | None) -> int:
        """The amount of one part, or the whole value for None."""
        if part is None:
            return self.value
        found = self.parts.get(part)
        return found.value if found else 0


def figure_of(db: sa.Connection, indicator: Indicator, scope: Scope) -> Figure:
    """One figure."""
    return _load(db, scope, {indicator.code: indicator})[indicator.code]


def _load(db: sa.Connection, scope: Scope, asked: Mapping[str, Indicator]) -> dict[str, Figure]:
    if not is_counted(db, MADE_BY):
        return {code: recounted(db, one, scope) for code, one in asked.items()}
    found: dict[str, dict[str, Part]] = {code: {} for code in asked}
    code = next(iter(asked)) if len(asked) == 1 else None
    amounts = load_amounts(db, scope.edition_id, scope.programme, scope.as_of, code)
    for indicator, part, amount, rows in amounts:
        found[indicator][part] = Part(amount, rows)
    return {code: Figure(one, _ordered(one, found[code])) for code, one in asked.items()}


def recounted(db: sa.Connection, indicator: Indicator, scope: Scope) -> Figure:
    """The same from the rows behind it: slowly, until the counters hold all that was heard."""
    parts = {
        part_name(part): Part(int(amount), count)
        for part, amount, count in db.execute(_sums(indicator), scope.parameters)
    }
    return Figure(indicator, _ordered(indicator, parts))


@cache
def _sums(indicator: Indicator) -> "sa.Select[Any]":
    rows = indicator.counted.subquery()
    sums = sa.select(rows.c.part, sa.func.sum(rows.c.amount), sa.func.count())
    return sums.group_by(rows.c.part)


def share(over: int, under: int) -> float | None:
    """A share of 1; None when there is nothing to share."""
    return over / under if under else None


def evidence_of(indicator: Indicator, scope: Scope, part: str | None = None) -> "sa.Subquery":
    """The rows behind a figure, or behind one part of it.

    Raises:
        ValueError: `part` cannot be a group of this indicator.
    """
    rows = indicator.counted.params(**scope.parameters).subquery()
    if part is None:
        return rows
    wanted = rows.c.part.is_(None) if part == "" else rows.c.part == _part_value(rows, part)
    return sa.select(rows).where(wanted).subquery()


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
    """Every figure of an edition."""
    return Figures(scope, last_sequence(db, scope), _load(db, scope, INDICATORS))


def last_sequence(db: sa.Connection, scope: Scope) -> int:
    """The place in the stream of the last fact that the figures rest on; 0 when there is none."""
    return last_heard(db, scope.as_of or NOW)


def _ordered(indicator: Indicator, parts: dict[str, Part]) -> dict[str, Part]:
    """Words in their own order, days and codes by name, organisations by what they count."""
    if isinstance(indicator.parts, Mapping):
        order = {name: place for place, name in enumerate(indicator.parts)}
        return dict(sorted(parts.items(), key=lambda item: (order.get(item[0], 999), item[0])))
    if indicator.parts is GroupedBy.DAY:
        return dict(sorted(parts.items()))
    return dict(sorted(parts.items(), key=lambda item: (-item[1].value, item[0])))


def _part_value(rows: "sa.Subquery", part: str) -> Any:
    match rows.c.part.type:
        case sa.Uuid():
            return UUID(part)
        case sa.Date():
            return date.fromisoformat(part)
    return part
