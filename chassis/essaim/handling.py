"""How a service says which facts it hears, and what it does with a chunk of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import sqlalchemy as sa
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope

from essaim.database import insert_new
from essaim.work import Work

F = TypeVar("F", bound=Fact)
Handler = Callable[[Any, Work], None]


@dataclass(frozen=True)
class Heard:
    """A fact as it arrived: `seq` is its place in the stream."""

    fact: Fact
    envelope: Envelope
    seq: int


class Hearing(Protocol):
    """What the inbox calls with the new facts of a chunk, inside its transaction."""

    repeatable: bool
    """Whether handling a fact a second time changes nothing."""

    def knows(self, type: str) -> bool:
        """Whether this service does something with facts of this type."""
        ...

    def handle(self, heard: list[Heard], work_for: Callable[[Heard], Work]) -> None: ...


class Handlers:
    """One function per fact heard, called in order; effects through its Work only.

    hears = Handlers()

    @hears(CohortFormed)
    def grant_hour_packages(formed: CohortFormed, work: Work) -> None: ...
    """

    repeatable = False

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = defaultdict(list)

    def __call__(
        self, *facts: type[F]
    ) -> Callable[[Callable[[F, Work], None]], Callable[[F, Work], None]]:
        def register(handler: Callable[[F, Work], None]) -> Callable[[F, Work], None]:
            for fact in facts:
                self._handlers[fact.type].append(handler)
            return handler

        return register

    def knows(self, type: str) -> bool:
        return type in self._handlers

    @property
    def types(self) -> set[str]:
        return set(self._handlers)

    def handle(self, heard: list[Heard], work_for: Callable[[Heard], Work]) -> None:
        for one in heard:
            work = work_for(one)
            for handler in self._handlers[one.envelope.type]:
                handler(one.fact, work)


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

    def __init__(self, project: Projector, tables: tuple[sa.Table, ...]) -> None:
        self.project = project
        self.tables = tables

    def knows(self, type: str) -> bool:
        return True

    def handle(self, heard: list[Heard], work_for: Callable[[Heard], Work]) -> None:
        if heard:
            self.write(work_for(heard[0]).db, heard)

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
