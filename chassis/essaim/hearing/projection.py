"""A read model made of facts by a pure function, written a chunk at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope

from essaim.hearing.message import Heard
from essaim.hearing.router import WorkFor
from essaim.keeping.read_models import insert_new


class Row(NamedTuple):
    """A row of a read model; `values` has every column. Its primary key holds the fact's id."""

    table: sa.Table
    values: dict[str, Any]


Projector = Callable[[Fact, Envelope, int], Iterable[Row]]

Rows = Mapping[sa.Table, Sequence[dict[str, Any]]]
"""The rows of some facts, by table."""

Write = Callable[[], Mapping[sa.Table, int]]
"""Writes the rows of a chunk; gives how many were new, for each of their tables."""

Follow = Callable[[sa.Connection, Rows, Write], None]
"""What is called for each chunk: it calls the function it is given, which writes these rows."""


class Derived(NamedTuple):
    """A table made of the rows of facts; `fill(db, table)` makes all of it in an empty one."""

    table: sa.Table
    fill: Callable[[sa.Connection, sa.Table], None]


def _write(db: sa.Connection, rows: Rows, write: Write) -> None:
    write()


class Projection:
    """A read model made by a pure function: fact, envelope and place in the stream -> rows.

    The rows of a chunk are grouped by table and each table is written with one statement. A
    projector therefore never reads, and its rows do not depend on each other: what a later fact
    changes is a row of its own. A row that exists is kept, so a fact that stands twice in the
    stream counts once, by its first place. That is also what makes a rebuild equal.

    What is `derived` from the rows, sums for instance, `follow` keeps up with each chunk, in the
    same transaction. It may read, so a rebuild makes it of the whole rows, in the order given.
    """

    repeatable = True
    watch = None
    types = None
    """It hears every fact."""

    def __init__(
        self,
        project: Projector,
        tables: tuple[sa.Table, ...],
        derived: tuple[Derived, ...] = (),
        follow: Follow = _write,
    ) -> None:
        self.project = project
        self.tables = tables
        self.derived = derived
        self._follow = follow

    def knows(self, type: str) -> bool:
        return True

    def handle(self, heard: list[Heard], work_for: WorkFor) -> None:
        if heard:
            with work_for(heard[0]) as work:
                self.write(work.db, heard)

    def write(self, db: sa.Connection, heard: list[Heard]) -> None:
        """Project and save, and keep up what is derived."""
        rows = self._rows(heard)
        self._follow(db, rows, lambda: _insert(db, rows))

    def fill(self, db: sa.Connection, heard: list[Heard], suffix: str) -> None:
        """Project into another set of the same tables, that of a rebuild."""
        _insert(db, {renamed(table, suffix): rows for table, rows in self._rows(heard).items()})

    def _rows(self, heard: list[Heard]) -> Rows:
        rows: dict[sa.Table, list[dict[str, Any]]] = defaultdict(list)
        for one in heard:
            for row in self.project(one.fact, one.envelope, one.seq):
                rows[row.table].append(row.values)
        return rows


def _insert(db: sa.Connection, rows: Rows) -> dict[sa.Table, int]:
    return {table: insert_new(db, table, list(values)) for table, values in rows.items()}


_RENAMED: dict[tuple[sa.Table, str], sa.Table] = {}


def renamed(table: sa.Table, suffix: str) -> sa.Table:
    """The same table under another name, without its indexes: their names are taken."""
    key = (table, suffix)
    if key not in _RENAMED:
        copy = table.to_metadata(sa.MetaData(), name=table.name + suffix)
        copy.indexes.clear()
        _RENAMED[key] = copy
    return _RENAMED[key]
