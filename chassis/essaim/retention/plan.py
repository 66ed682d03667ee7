"""What is kept, until when, and what is not to be kept any more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from essaim.retention.clocks import clocks_in
from essaim.retention.rule import NOTICE, Rule, end_of, is_suspended

Durations = Mapping[str, int]
"""Months by the code of a rule, where the consortium file says others than the rule does."""


@dataclass(frozen=True)
class Lot:
    """What ends together: things of one rule, one matter and one day, None for no day yet."""

    rule: Rule
    of: str
    programme: str
    ends_on: date | None
    is_suspended: bool

    def is_due(self, today: date) -> bool:
        return not self.is_suspended and self.ends_on is not None and self.ends_on <= today

    def is_near(self, today: date) -> bool:
        """Whether it is due, or is within the time of notice."""
        return self.is_due(today + NOTICE)


def plan(db: sa.Connection, rules: Iterable[Rule], durations: Durations) -> Counter[Lot]:
    """How many things there are in each lot; what ends first stands first."""
    counted = Counter(lot for _, lot in things(db, rules, durations))
    return Counter({lot: counted[lot] for lot in sorted(counted, key=_by_day)})


def things(
    db: sa.Connection, rules: Iterable[Rule], durations: Durations
) -> Iterator[tuple[UUID, Lot]]:
    """Everything that is kept by rules with an end, with the lot that it is in."""
    clocks = clocks_in(db)
    for rule in rules:
        months = rule.lasts(durations)
        if rule.kept is None or months is None:
            continue
        for one in rule.kept(db):
            ends_on, suspended = end_of(rule, months, one, clocks), is_suspended(one, clocks)
            yield one.id, Lot(rule, one.of, one.programme, ends_on, suspended)


def _by_day(lot: Lot) -> tuple[date, str, str]:
    return lot.ends_on or date.max, lot.rule.code, lot.of


@dataclass(frozen=True)
class Matter:
    """All that is kept of one matter by one rule, for a list that people read."""

    rule: Rule
    of: str
    kept: int
    due: int
    near: int
    """Due, or within the time of notice."""
    ends_first_on: date | None
    suspended: int


def matters(counted: Mapping[Lot, int], today: date) -> list[Matter]:
    """The same by rule and matter; where something is due or near stands first."""
    found: dict[tuple[Rule, str], list[Lot]] = {}
    for lot in counted:
        found.setdefault((lot.rule, lot.of), []).append(lot)
    listed = [_matter(rule, of, lots, counted, today) for (rule, of), lots in found.items()]
    return sorted(listed, key=lambda one: (one.near == 0, one.ends_first_on or date.max))


def _matter(
    rule: Rule, of: str, lots: Iterable[Lot], counted: Mapping[Lot, int], today: date
) -> Matter:
    def number(those: Iterable[Lot]) -> int:
        return sum(counted[lot] for lot in those)

    lots = list(lots)
    return Matter(
        rule=rule,
        of=of,
        kept=number(lots),
        due=number(lot for lot in lots if lot.is_due(today)),
        near=number(lot for lot in lots if lot.is_near(today)),
        ends_first_on=min((lot.ends_on for lot in lots if lot.ends_on), default=None),
        suspended=number(lot for lot in lots if lot.is_suspended),
    )
