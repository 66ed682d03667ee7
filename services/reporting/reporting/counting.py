"""Keeps the counters as facts come: what the things they are about came to before, and after."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.hearing.projection import Derived, Rows
from essaim.keeping.database import insert_new
from sqlalchemy.dialects import sqlite

from reporting.indicators.catalogue import INDICATORS
from reporting.indicators.indicator import Basis, Indicator, Kept, part_name
from reporting.scope import FOR_EVER
from reporting.store.counter import (
    NOW,
    NOWHERE,
    Amounts,
    Part,
    add_to,
    counted_as,
    counter,
    heard_by,
    is_counted,
    note_heard,
)
from reporting.store.table import in_chunks
from reporting.store.timeline import timeline

Things = dict[Basis, list[Any]]
"""What rows are about, for each basis."""


@dataclass(frozen=True, eq=False)
class _Sum:
    """All that some things of a basis come to, in one query: each figure of it has two columns.

    A row of the answer has the edition, the programme, from when, until when, then the `parts`,
    then the amount and the number of rows of each figure.
    """

    basis: Basis
    figures: tuple[Indicator, ...]
    parts: tuple[str, ...]
    query: "sa.Select[Any]"


def _sum(basis: Basis) -> _Sum:
    figures = tuple(one for one in INDICATORS.values() if one.of is basis)
    parts = {str(one.part.key): one.part for one in figures if one.part is not None}
    rows = basis.rows
    places = [rows.c[name] for name in ("edition_id", "programme") if name in rows.c]
    groups = [*places, rows.c.since, rows.c.until, *parts.values()]
    amounts = [sum for one in figures for sum in _amount_and_rows(one)]
    query = sa.select(*groups, *amounts).where(rows.c.since < rows.c.until).group_by(*groups)
    return _Sum(basis, figures, tuple(parts), query)


def _amount_and_rows(one: Indicator) -> "Iterable[sa.ColumnElement[Any]]":
    counts = sa.case((one.where, one.counts_for)) if one.where is not None else one.counts_for
    return sa.func.sum(counts), sa.func.count(counts)


_BASES = tuple(dict.fromkeys(one.of for one in INDICATORS.values()))
_SUMS = tuple(_sum(basis) for basis in _BASES)
_KEPT = tuple(basis.kept for basis in _BASES if basis.kept is not None)


def _made_by() -> str:
    """A mark of all these queries: another version of them counts anew."""
    queries = [one.query for one in _SUMS] + [kept.rows(sa.true()) for kept in _KEPT]
    made = sha256(repr(tuple(INDICATORS)).encode())
    for query in queries:
        compiled = query.compile(dialect=sqlite.dialect())
        made.update(f"{compiled} {compiled.params}".encode())
    return made.hexdigest()


MADE_BY = _made_by()


def follow(db: sa.Connection, rows: Rows, write: Callable[[], None]) -> None:
    """Write new rows of facts, and move the counters of what they are about.

    Where the counters are of other indicators, or miss a fact that an older version heard, they
    are made anew.
    """
    if not rows:
        return
    if not is_counted(db, MADE_BY):
        write()
        count_anew(db)
        return
    things = _things(db, rows)
    before = _amounts(db, things)
    write()
    _keep(db, things)
    changes = _amounts(db, things)
    for part, (amount, facts) in before.items():
        now = changes.get(part, (0, 0))
        changes[part] = (now[0] - amount, now[1] - facts)
    add_to(db, changes)
    _note_heard(db, [row["fact_id"] for row in rows.get(timeline, ())])


def count_anew(db: sa.Connection) -> None:
    """Make all that is derived from the rows of facts."""
    for one in DERIVED:
        db.execute(sa.delete(one.table))
        one.fill(db, one.table)
    db.execute(sa.delete(counted_as))
    db.execute(sa.insert(counted_as).values(indicators=MADE_BY))


def _things(db: sa.Connection, rows: Rows) -> Things:
    """What new rows are about."""
    found: Things = {}
    for basis in _BASES:
        named: dict[Any, None] = {}
        for feed in basis.fed_by:
            values = dict.fromkeys(row[feed.column] for row in rows.get(feed.table, ()))
            if feed.through is None:
                named |= values
                continue
            for some in in_chunks(values):
                named |= dict.fromkeys(db.scalars(feed.through(some)))
        if named:
            found[basis] = list(named)
    return found


def _amounts(db: sa.Connection, things: Things) -> Amounts:
    """What these things come to."""
    found: Amounts = {}
    for one in _SUMS:
        for some in in_chunks(things.get(one.basis, ())):
            _add_up(found, one, db.execute(one.query.where(one.basis.about(some))))
    return found


def _add_up(found: Amounts, of: _Sum, answer: "sa.Result[Any]") -> None:
    """Add each row on the day from which it counts, take it off on the day it ceases to."""
    has_edition, has_programme = ("edition_id" in of.basis.rows.c, "programme" in of.basis.rows.c)
    first = has_edition + has_programme
    places = {part: first + 2 + nth for nth, part in enumerate(of.parts)}
    amounts = first + 2 + len(of.parts)
    for row in answer:
        edition_id = row[0] if has_edition else None
        programme = "" if edition_id else row[first - 1]
        days = _days(row[first], row[first + 1])
        for nth, one in enumerate(of.figures):
            amount, facts = row[amounts + 2 * nth], row[amounts + 2 * nth + 1]
            if not facts:
                continue
            name = "" if one.part is None else part_name(row[places[str(one.part.key)]])
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


def _last_by_day(heard: Iterable[tuple[datetime, int]]) -> dict[date, int]:
    last: dict[date, int] = {}
    for at, seq in heard:
        day = at.astimezone(PARIS).date()
        last[day] = max(seq, last.get(day, 0))
    return last


def _note_heard(db: sa.Connection, ids: Sequence[str]) -> None:
    """As they stand in the log: a fact told a second time stays in its first place."""
    for some in in_chunks(ids):
        query = sa.select(timeline.c.at, timeline.c.seq).where(timeline.c.fact_id.in_(some))
        note_heard(db, _last_by_day(tuple(row) for row in db.execute(query)))


def _keep(db: sa.Connection, things: Things) -> None:
    """Make again the rows that are kept of these things."""
    for basis, about in things.items():
        if basis.kept is not None:
            (name,) = basis.thing
            for some in in_chunks(about):
                db.execute(sa.delete(basis.kept.table).where(basis.kept.table.c[name].in_(some)))
                _copy(db, basis.kept, basis.kept.of.c[name].in_(some), basis.kept.table)


def _copy(
    db: sa.Connection, kept: Kept, condition: "sa.ColumnElement[bool]", into: sa.Table
) -> None:
    rows = kept.rows(condition)
    db.execute(sa.insert(into).from_select(list(rows.selected_columns.keys()), rows))


def _fill_kept(kept: Kept) -> Derived:
    return Derived(kept.table, lambda db, into: _copy(db, kept, sa.true(), into))


def _fill_counters(db: sa.Connection, into: sa.Table) -> None:
    found: Amounts = {}
    for one in _SUMS:
        _add_up(found, one, db.execute(one.query))
    rows: Sequence[dict[str, Any]] = [
        part._asdict() | {"amount": amount, "facts": facts}
        for part, (amount, facts) in found.items()
        if amount or facts
    ]
    if rows:
        insert_new(db, into, list(rows))


def _fill_heard(db: sa.Connection, into: sa.Table) -> None:
    last = _last_by_day(tuple(row) for row in db.execute(sa.select(timeline.c.at, timeline.c.seq)))
    if last:
        insert_new(db, into, [{"day": day, "last": seq} for day, seq in last.items()])


DERIVED = (
    *(_fill_kept(kept) for kept in _KEPT),
    Derived(counter, _fill_counters),
    Derived(heard_by, _fill_heard),
)
"""What is made of the rows of facts, in the order in which it is."""
