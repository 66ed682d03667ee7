"""What a figure is: a sum over facts, so that the facts behind it are always at hand.

An indicator is one query that gives rows (fact, project, amount, part). Its value is the sum of
the amounts, its parts the same sum by part, its evidence the rows themselves: they cannot differ.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import sqlalchemy as sa

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


@dataclass(frozen=True, eq=False)
class Indicator:
    """A figure of an edition.

    `label` and `formula` are French msgids. `rows` is a query with the columns `fact_id`,
    `source`, `seq`, `at`, `project_id`, `amount` and `part`, one row per thing counted; its places
    are a scope's. `parts` says what `part` is: a table of words, or a kind of value; None when the
    figure has no parts. A `breakdown` repeats another figure: only its parts are of interest.
    `drawn` is how its parts are drawn beside their table, None for not at all.
    """

    code: str
    label: str
    formula: str
    rows: "sa.Select[Any]"
    unit: Unit = Unit.COUNT
    parts: Labels | GroupedBy | None = None
    breakdown: bool = False
    drawn: Drawn | None = None


@dataclass(frozen=True, eq=False)
class Ratio:
    """A share of 1: one figure, or one part of it, over another one."""

    code: str
    label: str
    formula: str
    over: tuple[Indicator, str | None]
    under: tuple[Indicator, str | None]
    unit: Unit = Unit.PERCENT
