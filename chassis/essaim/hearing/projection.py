"""A read model made of facts by a pure function, written a chunk at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope

from essaim.hearing.message import Heard
from essaim.hearing.router import WorkFor
from essaim.keeping.database import insert_new


class Row(NamedTuple):
    """A row of a read model; `values` has every column. Its primary key holds the fact's id."""

    table: sa.Table
    values: dict[str, Any]


Projector = Callable[[Fact, Envelope, int], Iterable[Row]]


class Projection:
    """A read model made by a pure function: fact, envelope and place in the stream -> rows.

    The rows of a chunk are grouped by table and each table is written with one statement. A
    projector therefore never reads, and its rows do not depend on each other: what a later fact
    changes is a row of its own. A row that exists is kept, so a fact that stands twice in the
    stream counts once, by its first place. That is also what makes a rebuild equal.
    """

    repeatable = True
    watch = None
    types = None
    """It hears every fact."""

    def __init__(self, project: Projector, tables: tuple[sa.Table, ...]) -> None:
        self.project = project
        self.tables = tables

    def knows(self, type: str) -> bool:
        return True

    def handle(self, heard: list[Heard], work_for: WorkFor) -> None:
        if heard:
            with work_for(heard[0]) as work:
                self.write(work.db, heard)

    def write(self, db: sa.Connection, heard: list[Heard], suffix: str = "") -> None:
        """Project and save; `suffix` names another set of the same tables (a rebuild's)."""
        rows: dict[sa.Table, list[dict[str, Any]]] = defaultdict(list)
        for one in heard:
            for row in self.project(one.fact, one.envelope, one.seq):
                rows[row.table].append(row.values)
        for table, values in rows.items():
            target = renamed(table, suffix) if suffix else table
            insert_new(db, target, values)


_RENAMED: dict[tuple[sa.Table, str], sa.Table] = {}


def renamed(table: sa.Table, suffix: str) -> sa.Table:
    """The same table under another name, without its indexes: their names are taken."""
    key = (table, suffix)
    if key not in _RENAMED:
        copy = table.to_metadata(sa.MetaData(), name=table.name + suffix)
        copy.indexes.clear()
        _RENAMED[key] = copy
    return _RENAMED[key]
