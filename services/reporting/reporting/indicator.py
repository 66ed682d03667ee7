"""What a figure is: a sum over facts, so that the facts behind it are always at hand.

An indicator is one query that gives rows (fact, project, amount, part). Its value is the sum of
the amounts, its parts the same sum by part, its evidence the rows themselves: they cannot differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.keeping.database import Instant

_EDITION: sa.BindParameter[Any] = sa.bindparam("edition", type_=sa.Uuid)
_PROGRAMME: sa.BindParameter[Any] = sa.bindparam("programme", type_=sa.String)
_UNTIL: sa.BindParameter[Any] = sa.bindparam("until", type_=Instant)
_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Unit(StrEnum):
    """What an amount counts."""

    COUNT = "count"
    EUROS = "euros"
    MINUTES = "minutes"
    PERCENT = "percent"


class GroupedBy(StrEnum):
    """What the group of a row is when it is not one of a list of words."""

    ORGANISATION = "organisation"
    DAY = "day"
    DEPARTMENT = "department"
    SECTOR = "sector"
    SOURCE = "source"


@dataclass(frozen=True)
class Scope:
    """Which figures: of an edition, as known at the end of a day in Paris, or as known now."""

    edition_id: UUID
    programme: str
    as_of: date | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What fills the places of `known`, `heard` and `in_programme`."""
        return {"edition": self.edition_id, "programme": self.programme, "until": self.until}

    @property
    def until(self) -> datetime:
        """The first instant that no longer counts."""
        if self.as_of is None:
            return _FOR_EVER
        return datetime.combine(self.as_of + timedelta(days=1), time(), PARIS)


# Queries are made once, with places for the scope: making one takes longer than running it.
def heard(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What had been said, whatever the edition."""
    return table.c.at < _UNTIL


def known(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What had been said in the edition."""
    return sa.and_(table.c.edition_id == _EDITION, heard(table))


def of_edition(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What belongs to the edition, whenever it was said."""
    return table.c.edition_id == _EDITION


def in_programme(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What had been said in the programme, whatever the edition."""
    return sa.and_(table.c.programme == _PROGRAMME, heard(table))


@dataclass(frozen=True, eq=False)
class Indicator:
    """A figure of an edition.

    `label` and `formula` are French msgids. `rows` is a query with the columns `fact_id`, `seq`,
    `at`, `project_id`, `amount` and `part`, one row per thing counted; its places are a scope's.
    `parts` says what `part` is: a list of words (value -> msgid), or a kind of value; None when
    the figure has no parts. A `breakdown` repeats another figure: only its parts are of interest.
    """

    code: str
    label: str
    formula: str
    rows: "sa.Select[Any]"
    unit: Unit = Unit.COUNT
    parts: Mapping[str, str] | GroupedBy | None = None
    breakdown: bool = False


@dataclass(frozen=True, eq=False)
class Ratio:
    """A share of 1: one figure, or one part of it, over another one."""

    code: str
    label: str
    formula: str
    over: tuple[Indicator, str | None]
    under: tuple[Indicator, str | None]
    unit: Unit = Unit.PERCENT


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
    """Ask the database for one figure."""
    parts = {
        part_name(part): Part(int(amount), count)
        for part, amount, count in db.execute(_sums(indicator), scope.parameters)
    }
    return Figure(indicator, _ordered(indicator, parts))


@cache
def _sums(indicator: Indicator) -> "sa.Select[Any]":
    rows = indicator.rows.subquery()
    sums = sa.select(rows.c.part, sa.func.sum(rows.c.amount), sa.func.count())
    return sums.group_by(rows.c.part)


def share(over: int, under: int) -> float | None:
    """A share of 1; None when there is nothing to share."""
    return over / under if under else None


def part_name(part: Any) -> str:
    """A group as it stands in addresses and files; "" for what is not said."""
    return "" if part is None else str(part)


def evidence_of(indicator: Indicator, scope: Scope, part: str | None = None) -> "sa.Subquery":
    """The rows behind a figure, or behind one part of it.

    Raises:
        ValueError: `part` cannot be a group of this indicator.
    """
    rows = indicator.rows.params(**scope.parameters).subquery()
    if part is None:
        return rows
    wanted = rows.c.part.is_(None) if part == "" else rows.c.part == _part_value(rows, part)
    return sa.select(rows).where(wanted).subquery()


def counted(rows: sa.FromClause, part: Any = None, amount: Any = None) -> "sa.Select[Any]":
    """One row of evidence for each of these rows: counted as one, or by `amount`."""
    project_id = rows.c.project_id if "project_id" in rows.c else sa.null()
    return sa.select(
        rows.c.fact_id,
        rows.c.seq,
        rows.c.at,
        sa.type_coerce(project_id, sa.Uuid).label("project_id"),
        (sa.literal(1) if amount is None else amount).label("amount"),
        (sa.null() if part is None else part).label("part"),
    )


def latest(table: sa.Table, *of: "sa.Column[Any]") -> sa.Subquery:
    """The last row known of each thing that `of` names, by order of the stream."""
    return sa.select(table).where(known(table), is_last(table, *of)).subquery()


def is_last(table: sa.Table, *of: "sa.Column[Any]") -> sa.ColumnElement[bool]:
    """Whether nothing later had been said of the same thing, which `of` names.

    Asked row by row, with an index: sorting all rows, as a window does, takes several times longer.
    The edition is not asked again, or a database may look through all its rows for each one.
    """
    later = table.alias()
    same = (later.c[column.name] == column for column in of)
    return ~sa.exists().where(*same, later.c.seq > table.c.seq, heard(later))


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
