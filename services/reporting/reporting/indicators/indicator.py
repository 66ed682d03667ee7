"""What a figure is: a sum over facts, so that the facts behind it are always at hand.

An indicator adds up rows of its basis. The counters keep that sum, its parts the same sum by part,
and its evidence is the rows themselves: all three are made of what stands here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from reporting.indicators.rows import alive, of_edition, of_programme
from reporting.labels import Labels


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


Drawn = Literal["bar", "pie", "days"]
"""How parts are drawn; `days` is a bar for every day from the first to the last."""

Scoped = Literal["edition", "programme", "either"]
"""What rows belong to. `either` are those of an edition, and those of its programme alone."""


def part_name(part: Any) -> str:
    """A group as it stands in addresses and files; "" for what is not said."""
    return "" if part is None else str(part)


@dataclass(frozen=True, eq=False)
class Through:
    """A query for things, by the values of another column."""

    things: "sa.Select[Any]"
    by: "sa.ColumnElement[Any]"


@dataclass(frozen=True, eq=False)
class Feed:
    """Which things of a basis new rows of a table are about.

    They name them in `column`, or name there what `through` finds the things by.
    """

    table: sa.Table
    column: str
    through: "Through | None" = None


@dataclass(frozen=True, eq=False)
class Kept:
    """Rows of a basis that stand in a table, where asking for them again would take long.

    `rows` is the query that makes those which a condition on `of` lets through.
    """

    table: sa.Table
    of: sa.FromClause
    rows: "Callable[[sa.ColumnElement[bool]], sa.Select[Any]]"


@dataclass(frozen=True, eq=False)
class Basis:
    """Rows that figures add up, each for as long as it counts.

    `rows` has the columns `fact_id`, `source`, `seq`, `at`, `since`, `until`, those that say where
    it belongs, and one or more that all name the `thing` a row is about. What is said of one thing
    changes the rows of that thing only: `fed_by` says of which things a new row of the tables read
    is about. Rows of a table `beside` come with the fact of one of these.

    Raises:
        ValueError: a table that `rows` reads is in neither: the counters would not follow it.
    """

    rows: sa.Subquery
    thing: tuple[str, ...]
    fed_by: tuple[Feed, ...]
    beside: tuple[sa.Table, ...] = ()
    scoped: Scoped = "edition"
    kept: Kept | None = None

    def __post_init__(self) -> None:
        made = self.rows if self.kept is None else self.kept.rows(sa.true())
        read = {one for one in visitors.iterate(made) if isinstance(one, sa.Table)}
        missing = read - {feed.table for feed in self.fed_by} - set(self.beside)
        if missing:
            names = ", ".join(sorted(table.name for table in missing))
            raise ValueError(f"Rows read {names}: say in `fed_by` which things its rows are about.")

    @property
    def in_scope(self) -> "tuple[sa.ColumnElement[bool], ...]":
        """Conditions on the rows that a scope counts, as its day ended; none meets two of them."""
        belongs = []
        if self.scoped != "programme":
            belongs.append(of_edition(self.rows))
        if self.scoped != "edition":
            belongs.append(of_programme(self.rows))
        if self.scoped == "either":
            belongs[1] = sa.and_(belongs[1], self.rows.c.edition_id.is_(None))
        return tuple(sa.and_(one, alive(self.rows)) for one in belongs)


@dataclass(frozen=True, eq=False)
class Indicator:
    """A figure of an edition: the rows of `of` that `where` lets through.

    `label` and `formula` are French msgids. A row counts as one, or by `amount`, in the group that
    `part` gives. `parts` says what that is: a table of words, or a kind of value; None when the
    figure has no parts. A `breakdown` repeats another figure: only its parts are of interest.
    `drawn` is how its parts are drawn beside their table, None for not at all.
    """

    code: str
    label: str
    formula: str
    of: Basis
    part: "sa.ColumnElement[Any] | None" = None
    amount: "sa.ColumnElement[Any] | None" = None
    where: "sa.ColumnElement[bool] | None" = None
    unit: Unit = Unit.COUNT
    parts: Labels | GroupedBy | None = None
    breakdown: bool = False
    drawn: Drawn | None = None

    @property
    def counts_for(self) -> "sa.ColumnElement[Any]":
        """What a row counts for."""
        return sa.literal(1) if self.amount is None else self.amount

    @property
    def counts_in(self) -> "sa.ColumnElement[Any]":
        """The part a row counts in."""
        return sa.null() if self.part is None else self.part

    @property
    def alike(self) -> frozenset[str]:
        """Which of `project`, `part` and `amount` are the same for all its rows."""
        told = {
            "project": "project_id" in self.of.rows.c,
            "part": self.part is not None,
            "amount": self.amount is not None,
        }
        return frozenset(name for name, varies in told.items() if not varies)

    @property
    def counted(self) -> "sa.Select[Any] | sa.CompoundSelect[Any]":
        """The rows behind it in a scope: fact, project, amount and part, one for each thing."""
        rows = self.of.rows
        project_id = rows.c.get("project_id", sa.cast(sa.null(), sa.Uuid))
        counted = sa.select(
            rows.c.fact_id,
            rows.c.source,
            rows.c.seq,
            rows.c.at,
            project_id.label("project_id"),
            self.counts_for.label("amount"),
            self.counts_in.label("part"),
        )
        if self.where is not None:
            counted = counted.where(self.where)
        # One query for each: with « or », databases sort all rows to show the first.
        first, *others = (counted.where(one) for one in self.of.in_scope)
        return sa.union_all(first, *others) if others else first


@dataclass(frozen=True, eq=False)
class Ratio:
    """A share of 1: one figure, or one part of it, over another one."""

    code: str
    label: str
    formula: str
    over: tuple[Indicator, str | None]
    under: tuple[Indicator, str | None]
    unit: Unit = Unit.PERCENT
