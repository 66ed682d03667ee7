"""Processes that each project a share of the facts into the tables of a rebuild.

A fact goes to the same one whenever it stands in the stream, by its id: of its places the
first counts, as where one process does all. Rows that several facts make under one key have to be
the same row.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, cast

import sqlalchemy as sa

from essaim.hearing.message import Heard, Message, Unreadable, read_fact
from essaim.hearing.projection import Projection, Projector, renamed
from essaim.keeping.database import Database, insert, is_outage
from essaim.keeping.read_models import insert_new
from essaim.running.garbage import collect_rarely

SUFFIX = "_new"
PART = 2048
"""Messages that a process is given at once, and projects in one transaction."""
AHEAD = 2
"""Parts that wait for a process: more would fill the memory, less would let it wait."""
ROWS = 20_000
"""Rows that are brought together at once: the service that serves writes in between."""

_TRIES = 4
"""Of a part: on PostgreSQL two processes may wait for each other's rows, and one gives way."""

seen = sa.Table(
    f"essaim_seen{SUFFIX}", sa.MetaData(), sa.Column("identity", sa.String(200), primary_key=True)
)
"""The facts a rebuild has read: what stands twice in the stream counts once, as in the inbox."""

Given = tuple[tuple[int, str, Mapping[str, str], bytes], int]
"""A message on its way to a process: place, subject, headers, body, when it was taken."""


class ProcessLost(Exception):
    def __init__(self) -> None:
        super().__init__(
            "a process that projects facts was ended from outside, as a system short of memory "
            "does. Run it again, with less of them: --processes 1."
        )


def share_of(message: Message, count: int) -> int:
    """Whose of so many a message is: the same for all messages of one fact, which have one id."""
    return hash(message.id) % count


def readable(message: Message, said: Set[str] | None) -> Heard | None:
    """The fact in it; None where there is none, which is a dead letter of the inbox too."""
    try:
        return read_fact(message, said)
    except Unreadable:
        return None


def project_new(db: sa.Connection, projection: Projection, heard: list[Heard]) -> None:
    """Project the facts that were not seen before, into the tables of the rebuild."""
    found: dict[str, Heard] = {}
    for one in heard:
        found.setdefault(one.envelope.identity, one)
    mine = sa.select(seen.c.identity).where(seen.c.identity.in_(list(found)))
    for identity in db.scalars(mine).all():
        del found[identity]
    if found:
        insert_new(db, seen, [{"identity": identity} for identity in found])
        projection.fill(db, list(found.values()), SUFFIX)


class Shares:
    """So many processes. `put` messages, then `settle`, again and again; in the end `close`.

    On SQLite, where one alone can write, each has a file of its own beside the database's.
    """

    def __init__(
        self, database: Database, projection: Projection, said: Set[str] | None, count: int
    ) -> None:
        self._database = database
        self._tables = [renamed(table, SUFFIX) for table in projection.tables]
        self._files = _files_beside(database, count) if database.is_sqlite else []
        _remove(self._files)
        for file in self._files:
            _copy_tables([*self._tables, seen], file)
        urls = [f"sqlite:///{file}" for file in self._files] or [_url_of(database)] * count
        self._shares = [_Share(url, projection.project, said) for url in urls]

    async def put(self, messages: Sequence[Message]) -> None:
        """Give out messages in order; waits while a process has too much to do.

        Raises:
            ProcessLost: one has ended.
        """
        for one in messages:
            given = ((one.seq, one.subject, one.headers, one.body), one.taken_ns)
            await self._shares[share_of(one, len(self._shares))].put(given)

    async def settle(self) -> int:
        """Wait until all stands in the tables of the rebuild; answers how many facts there were.

        Raises:
            ProcessLost: one has ended.
        """
        for share in self._shares:
            await share.hand_over()
        done = sum([await share.settle() for share in self._shares])
        for file in self._files:
            await asyncio.to_thread(_bring_together, self._database, self._tables, file)
        return done

    async def close(self) -> None:
        for share in self._shares:
            await asyncio.to_thread(share.close)
        _remove(self._files)


class _Share:
    """One process, and what it was given and has not done."""

    def __init__(self, url: str, project: Projector, said: Set[str] | None) -> None:
        # No fork: this process has threads, and what they hold a copy would hold for ever.
        self._pool = ProcessPoolExecutor(1, get_context("spawn"), _begin, (url, project, said))
        self._under_way: deque[Future[int]] = deque()
        self._part: list[Given] = []
        self._done = 0

    async def put(self, given: Given) -> None:
        self._part.append(given)
        if len(self._part) == PART:
            await self.hand_over()

    async def hand_over(self) -> None:
        part, self._part = self._part, []
        if not part:
            return
        while len(self._under_way) >= AHEAD:
            await self._oldest()
        try:
            self._under_way.append(self._pool.submit(_project, part))
        except BrokenProcessPool as error:
            raise ProcessLost from error

    async def settle(self) -> int:
        while self._under_way:
            await self._oldest()
        done, self._done = self._done, 0
        return done

    async def _oldest(self) -> None:
        try:
            self._done += await asyncio.wrap_future(self._under_way.popleft())
        except BrokenProcessPool as error:
            raise ProcessLost from error

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


# ---- in the process


class _Here(NamedTuple):
    database: Database
    projection: Projection
    said: Set[str] | None


_here: list[_Here] = []


def _begin(url: str, project: Projector, said: Set[str] | None) -> None:
    collect_rarely()
    _here[:] = [_Here(Database(url), Projection(project, ()), said)]


def _project(part: list[Given]) -> int:
    (here,) = _here
    messages = (Message(*given, taken_ns=taken) for given, taken in part)
    heard = [fact for message in messages if (fact := readable(message, here.said))]
    for left in reversed(range(_TRIES)):
        try:
            with here.database.write_fleeting() as db:
                project_new(db, here.projection, heard)
            break
        except sa.exc.DBAPIError as error:
            if not (left and is_outage(error)):
                raise
    return len(heard)


# ---- the files of SQLite


def _files_beside(database: Database, count: int) -> list[Path]:
    return [Path(f"{database.url.database}-rebuild-{number}") for number in range(1, count + 1)]


def _remove(files: list[Path]) -> None:
    for file in files:
        for one in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            one.unlink(missing_ok=True)


def _url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def _copy_tables(tables: list[sa.Table], file: Path) -> None:
    """Make these tables, empty, in another file."""
    part = Database(f"sqlite:///{file}")
    with part.write() as db:
        for table in tables:
            table.create(db)
    part.close()


def _bring_together(database: Database, tables: list[sa.Table], file: Path) -> None:
    """Move the rows of a share into the tables of the rebuild."""
    plain = {"essaim_write": True, "essaim_durable": False}
    with database.engine.connect().execution_options(**plain) as db:
        driver = cast(sqlite3.Connection, db.connection.driver_connection)
        driver.execute("ATTACH DATABASE ? AS share", (str(file),))
        # The file is removed in the end: what was moved out of it need not be overwritten.
        driver.execute("pragma share.secure_delete=off")
        try:
            for table in tables:
                _move(db, table, table.to_metadata(sa.MetaData(), schema="share"))
        finally:
            driver.execute("DETACH DATABASE share")


def _move(db: sa.Connection, table: sa.Table, share: sa.Table) -> None:
    row = sa.literal_column("rowid", sa.Integer)
    names = [column.name for column in table.columns]
    with db.begin():
        last = db.execute(sa.select(sa.func.max(row)).select_from(share)).scalar_one() or 0
    for first in range(0, last, ROWS):
        some = sa.select(share).where(row > first, row <= first + ROWS)
        with db.begin():
            db.execute(insert(db, table).from_select(names, some).on_conflict_do_nothing())
    with db.begin():
        db.execute(sa.delete(share))
