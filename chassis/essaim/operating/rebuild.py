"""Makes a read model again from the first fact of the stream, compares it, and swaps it in.

The new tables are filled beside the old ones, which keep serving; the swap is one transaction.
"""

import asyncio
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from essaim.broker.api import ask_jetstream
from essaim.broker.connection import Broker
from essaim.broker.topology import FACTS, rebuilder
from essaim.hearing.message import Message
from essaim.hearing.projection import Projection, renamed
from essaim.hearing.pull import EXPIRES, Missed, Pull, PullLost
from essaim.keeping.database import Database
from essaim.keeping.tables import position
from essaim.loops import rest
from essaim.operating.shares import SUFFIX, Shares, project_new, readable, seen
from essaim.threads import in_thread

CHUNK = 2048
WORTH_PROCESSES = 100_000
"""Facts below which one process is quicker: others take seconds to begin."""
_MOST_LOST = 3


class RebuildFailed(Exception):
    """The stream cannot be read as far as the served model was made."""


@dataclass(frozen=True)
class TableDifference:
    """How one table differs: rows of the served model and of the rebuilt one, by count."""

    table: str
    served: int
    rebuilt: int
    differing: int


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild read, and what it found."""

    facts: int
    last_seq: int
    differences: tuple[TableDifference, ...]

    @property
    def equal(self) -> bool:
        return not self.differences


async def rebuild(
    database: Database,
    broker: Broker,
    service: str,
    projection: Projection,
    *,
    swap: bool,
    said: Set[str] | None = None,
    processes: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rebuilt:
    """Project the whole stream into fresh tables; compare, then swap in, when asked, what differs.

    `said` are the types that the partners' entries allow, where that is known. Of many facts, so
    many `processes` each project a share. `progress` is called with the facts read and the facts
    there are.

    Raises:
        RebuildFailed: nothing was changed.
        ProcessLost: the same.
        PullLost: the same; the broker is gone, or brings not all.
    """
    made = (*projection.tables, *(one.table for one in projection.derived))
    new = [seen, *(renamed(table, SUFFIX) for table in made)]
    try:
        # Whoever is told to end waits for what a thread does to these tables, then drops them.
        await in_thread(_create, database, new)
        many = await in_thread(served_position, database, service)
        hands = _hands(database, projection, said, processes if many >= WORTH_PROCESSES else 1)
        return await _refill(database, broker, service, projection, hands, swap, progress)
    finally:
        await in_thread(_drop, database, new)


async def _refill(
    database: Database,
    broker: Broker,
    service: str,
    projection: Projection,
    hands: "_Hands",
    swap: bool,
    progress: Callable[[int, int], None],
) -> Rebuilt:
    pull = Pull(broker.connection, FACTS, rebuilder(service), ahead=8192)
    filler = _Filler(hands)
    try:
        await _start(pull)
        while True:
            target = await in_thread(served_position, database, service)
            await _check_reach(broker, service, target)
            await filler.fill(pull, target, progress)
            finished = await in_thread(
                _finish, database, service, projection, filler.position, swap
            )
            # While we compared, the service may have handled more: catch up and look again.
            if finished is not None:
                return Rebuilt(filler.facts, filler.position, finished)
    finally:
        await pull.stop()
        await hands.close()


class _Hands(Protocol):
    """What projects messages: it is given them in order, and may work while others are read."""

    async def put(self, messages: Sequence[Message]) -> None: ...

    async def settle(self) -> int:
        """Wait until all is projected; answers how many facts there were."""
        ...

    async def close(self) -> None: ...


def _hands(
    database: Database, projection: Projection, said: Set[str] | None, processes: int
) -> _Hands:
    if processes > 1:
        return Shares(database, projection, said, processes)
    return _OwnHands(database, projection, said)


class _OwnHands:
    """A thread of this process, which projects a chunk while the next one is read."""

    def __init__(self, database: Database, projection: Projection, said: Set[str] | None) -> None:
        self._said = said
        self._database = database
        self._projection = projection
        self._under_way: asyncio.Future[int] | None = None
        self._done = 0

    async def put(self, messages: Sequence[Message]) -> None:
        await self._wait()
        self._under_way = asyncio.ensure_future(asyncio.to_thread(self._project, messages))

    async def settle(self) -> int:
        await self._wait()
        done, self._done = self._done, 0
        return done

    async def close(self) -> None:
        if self._under_way is not None:
            await asyncio.wait({self._under_way})

    async def _wait(self) -> None:
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            self._done += await under_way

    def _project(self, messages: Sequence[Message]) -> int:
        heard = [fact for message in messages if (fact := readable(message, self._said))]
        with self._database.write_fleeting() as db:
            project_new(db, self._projection, heard)
        return len(heard)


class _Filler:
    """Reads up to a place of the stream, and has projected what it read."""

    def __init__(self, hands: _Hands) -> None:
        self._hands = hands
        self._left: list[Message] = []
        self._read = 0
        self._lost = 0
        self.facts = 0
        self.position = 0

    async def fill(self, pull: Pull, target: int, progress: Callable[[int, int], None]) -> None:
        while self.position < target:
            messages = self._left or await self._next_chunk(pull)
            here = [message for message in messages if message.seq <= target]
            self._left = messages[len(here) :]
            if not here:
                if self._left:
                    self.position = target
                continue
            await self._hands.put(here)
            self.position = here[-1].seq
            self._read += len(here)
            progress(self._read, self._read + here[-1].pending)
        self.facts += await self._hands.settle()

    async def _next_chunk(self, pull: Pull) -> list[Message]:
        """What comes next. What went to a request that is nobody's any more is asked for again.

        Raises:
            Missed: it went elsewhere again and again.
        """
        try:
            messages = await pull.next_chunk(CHUNK, 1.0)
        except Missed:
            self._lost += 1
            if self._lost > _MOST_LOST:
                raise
            await pull.stop()
            await rest(EXPIRES)
            await pull.start(self.position + 1)
            return []
        self._lost = 0 if messages else self._lost
        return messages


def served_position(database: Database, service: str) -> int:
    """The place in the stream up to which the served read model is made."""
    query = sa.select(position.c.stream_seq).where(position.c.consumer == service)
    with database.read() as db:
        return db.execute(query).scalar_one_or_none() or 0


async def _start(pull: Pull) -> None:
    try:
        await pull.start(1)
    except PullLost as lost:
        raise RebuildFailed(str(lost)) from lost


async def _check_reach(broker: Broker, service: str, target: int) -> None:
    found = await ask_jetstream(broker.connection, f"STREAM.INFO.{FACTS}")
    last = found["state"]["last_seq"]
    if last < target:
        raise RebuildFailed(
            f"The stream ends at {last}, {service} was made up to {target}: it lost facts. "
            "Publish them again with `essaim stream restore`, then rebuild."
        )


def _create(database: Database, new: list[sa.Table]) -> None:
    with database.write() as db:
        for table in new:
            table.drop(db, checkfirst=True)
            table.create(db)


def _drop(database: Database, new: list[sa.Table]) -> None:
    with database.write() as db:
        for table in new:
            table.drop(db, checkfirst=True)


def _finish(
    database: Database, service: str, projection: Projection, reached: int, swap: bool
) -> tuple[TableDifference, ...] | None:
    """Compare at one place, and swap what differs; None when the served model went further."""
    with database.write() as db:
        query = sa.select(position.c.stream_seq).where(position.c.consumer == service)
        if db.dialect.name == "postgresql":
            query = query.with_for_update()
        if (db.execute(query).scalar_one_or_none() or 0) != reached:
            return None
        differences = [_settle(db, table, swap) for table in projection.tables]
        # What is derived is made of the tables that serve: they have the right rows by now, unless
        # nothing is to be swapped; then what differs was said already.
        for one in projection.derived:
            one.fill(db, renamed(one.table, SUFFIX))
            differences.append(_settle(db, one.table, swap))
        return tuple(one for one in differences if one is not None)


def _settle(db: sa.Connection, table: sa.Table, swap: bool) -> TableDifference | None:
    """How a table differs from its rebuilt one; swapped in, when asked."""
    difference = _compare(db, table)
    if difference is not None and swap:
        _swap(db, table)
    return difference


def _compare(db: sa.Connection, table: sa.Table) -> TableDifference | None:
    fresh = renamed(table, SUFFIX)
    same_row = sa.and_(
        *(
            _comparable(table.c[key.name]) == _comparable(fresh.c[key.name])
            for key in table.primary_key
        ),
        *(
            _comparable(column).is_not_distinct_from(_comparable(fresh.c[column.name]))
            for column in table.c
            if not column.primary_key
        ),
    )
    served, rebuilt, same = (
        db.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one()
        for rows in (table, fresh, table.join(fresh, same_row))
    )
    if served == rebuilt == same:
        return None
    return TableDifference(table.name, served, rebuilt, served + rebuilt - 2 * same)


def _comparable(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    # JSON has no equality in PostgreSQL; as text it does, and both were written by one program.
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def _swap(db: sa.Connection, table: sa.Table) -> None:
    """The rebuilt rows take the place of the served ones; indexes and names stay as migrated."""
    fresh = renamed(table, SUFFIX)
    db.execute(sa.delete(table))
    names = [column.name for column in table.c]
    db.execute(sa.insert(table).from_select(names, sa.select(*(fresh.c[name] for name in names))))
