"""Keeps the counters as facts come: what the things they are about came to before, and after."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.hearing.projection import Derived, Rows, Write
from essaim.keeping.among import among, places, size_for
from essaim.keeping.read_models import insert_new
from sqlalchemy.dialects import sqlite

from reporting.amounts import BASES, Things, add_up, amounts_of, sums_of
from reporting.indicators.catalogue import INDICATORS
from reporting.indicators.indicator import Basis, Kept, Through
from reporting.store.counter import (
    Amounts,
    add_to,
    counted_as,
    counter,
    heard_by,
    is_counted,
    note_heard,
)
from reporting.store.table import in_chunks
from reporting.store.timeline import timeline

_ALL = sums_of(BASES)
_KEPT = tuple(basis.kept for basis in BASES if basis.kept is not None)


def _made_by() -> str:
    """A mark of all these queries: another version of them counts anew."""
    made = sha256(repr(tuple(INDICATORS)).encode())
    for query in (_ALL.query, *(kept.rows(sa.true()) for kept in _KEPT)):
        compiled = query.compile(dialect=sqlite.dialect())
        made.update(f"{compiled} {compiled.params}".encode())
    return made.hexdigest()


MADE_BY = _made_by()


def follow(db: sa.Connection, rows: Rows, write: Write) -> None:
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
    before = amounts_of(db, things)
    new = write()
    _keep(db, things)
    changes = amounts_of(db, things)
    for part, (amount, facts) in before.items():
        now = changes.get(part, (0, 0))
        changes[part] = (now[0] - amount, now[1] - facts)
    add_to(db, changes)
    said = rows.get(timeline, ())
    if new.get(timeline, 0) == len(said):
        note_heard(db, _last_by_day((row["at"], row["seq"]) for row in said))
    else:
        _note_first_heard(db, [row["fact_id"] for row in said])


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
    for basis in BASES:
        named: dict[Any, None] = {}
        for feed in basis.fed_by:
            if feed.table not in rows:
                continue
            values = dict.fromkeys([row[feed.column] for row in rows[feed.table]])
            if feed.through is None:
                named |= values
                continue
            for some in in_chunks(values):
                size = size_for(db, some)
                query = _things_through(feed.through, size)
                named |= dict.fromkeys(db.scalars(query, places("value", some, size)))
        if named:
            found[basis] = list(named)
    return found


@cache
def _things_through(through: Through, size: int) -> "sa.Select[Any]":
    return through.things.where(among(through.by, "value", size))


def _last_by_day(heard: Iterable[tuple[datetime, int]]) -> dict[date, int]:
    last: dict[date, int] = {}
    for at, seq in heard:
        day = at.astimezone(PARIS).date()
        last[day] = max(seq, last.get(day, 0))
    return last


def _note_first_heard(db: sa.Connection, ids: Sequence[str]) -> None:
    """As they stand in the log: a fact told a second time stays in its first place."""
    for some in in_chunks(ids):
        size = size_for(db, some)
        found = db.execute(_said(size), places("id", some, size))
        note_heard(db, _last_by_day(tuple(row) for row in found))


@cache
def _said(size: int) -> "sa.Select[Any]":
    """When these facts were said, and their places in the stream."""
    query = sa.select(timeline.c.at, timeline.c.seq)
    return query.where(among(timeline.c.fact_id, "id", size))


def _keep(db: sa.Connection, things: Things) -> None:
    """Make again the rows that are kept of these things."""
    for basis, about in things.items():
        if basis.kept is not None:
            for some in in_chunks(about):
                size = size_for(db, some)
                for statement in _make_again(basis, basis.kept, size):
                    db.execute(statement, places("thing", some, size))


@cache
def _make_again(basis: Basis, kept: Kept, size: int) -> "tuple[sa.Delete, sa.Insert]":
    """What empties, then fills the places of some things."""
    (name,) = basis.thing
    emptied = sa.delete(kept.table).where(among(kept.table.c[name], "thing", size))
    return emptied, _copy(kept, among(kept.of.c[name], "thing", size), kept.table)


def _copy(kept: Kept, condition: "sa.ColumnElement[bool]", into: sa.Table) -> "sa.Insert":
    rows = kept.rows(condition)
    return sa.insert(into).from_select(list(rows.selected_columns.keys()), rows)


def _fill_kept(kept: Kept) -> Derived:
    def fill(db: sa.Connection, into: sa.Table) -> None:
        db.execute(_copy(kept, sa.true(), into))

    return Derived(kept.table, fill)


def _fill_counters(db: sa.Connection, into: sa.Table) -> None:
    found: Amounts = {}
    add_up(found, _ALL, db.execute(_ALL.query))
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
