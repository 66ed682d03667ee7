"""One database per service: SQLite or PostgreSQL, spoken to synchronously, in threads."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from math import inf
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

from essaim.keeping.listed import with_keys
from essaim.keeping.texts import merge_erased


class _SqliteInstant(sqlite.DATETIME):
    """The text that SQLAlchemy writes, in half the time: every row has an instant."""

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], str | None]:
        return _utc_text


def _utc_text(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(" ", "microseconds").removesuffix("+00:00")


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC: timestamptz on PostgreSQL, text that sorts on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return _SqliteInstant()  # type: ignore[no-untyped-call]
        return self.impl_instance

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; an instant needs one.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DanglingRows(Exception):
    def __init__(self, found: list[tuple[str, str]]) -> None:
        """`found` are the tables of each row and of what it refers to."""
        some = ", ".join(sorted({f"{table} to {other}" for table, other in found}))
        super().__init__(f"{len(found)} rows refer to others that are not there: {some}.")


class Database:
    """Transactions on one engine.

    On SQLite a writing transaction begins IMMEDIATE and writers of this process queue for it, so
    nobody meets "database is locked"; readers never wait.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.engine = _engine(self.url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = threading.Lock()
        # Whoever had the database before may have stopped between an erasure and what follows it.
        self._holds_erased = self.is_sqlite
        self.on_commit: list[Callable[[], None]] = []
        """Called after each committed write, in the thread that wrote: wakes who waits for rows.

        On SQLite one that changed nothing wakes nobody: timers look by writing.
        """

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction: committed at the end, rolled back when the block raises."""
        with self._transaction() as connection:
            before = _changes(connection)
            yield connection
            if erases := connection.info.pop(_ERASES, False):
                merge_erased(connection)
            changed = before is None or _changes(connection) != before
        if self.is_sqlite and (erases or self._holds_erased):
            self._holds_erased = not _empty_log(self.engine)
        for wake in self.on_commit if changed else ():
            wake()

    @contextmanager
    def reshape(self) -> Iterator[sa.Connection]:
        """One transaction in which tables may be made anew, with who refers to them as they were.

        On SQLite a table that changes is copied and dropped, and dropping it deletes its rows: what
        refers to them would be deleted too, or would forbid it. So references are checked at the
        end, all of them.

        Raises:
            DanglingRows: a row refers to one that is not there; nothing was changed.
        """
        if not self.is_sqlite:
            with self.write() as connection:
                yield connection
            return
        with self._turn(), self._writing_connection(bound=False) as connection, connection.begin():
            yield connection
            if dangling := connection.exec_driver_sql("pragma foreign_key_check").all():
                raise DanglingRows([(row[0], row[2]) for row in dangling])

    @contextmanager
    def write_fleeting(self) -> Iterator[sa.Connection]:
        """The same for what a crash may forget: it waits for no disk, and wakes nobody."""
        with self._transaction(durable=False) as connection:
            yield connection
        if self._holds_erased:
            self._holds_erased = not _empty_log(self.engine)

    @contextmanager
    def _transaction(self, durable: bool = True) -> Iterator[sa.Connection]:
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                if not durable:
                    connection.exec_driver_sql("set local synchronous_commit = off")
                yield connection
            return
        with self._turn(), self._writing_connection(durable) as connection, connection.begin():
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Be the one writer. Who holds it up may never end; the others must be told."""
        if not self._writers.acquire(timeout=_PATIENCE):
            raise sa.exc.TimeoutError(
                f"another transaction of this service has held the database for {_PATIENCE} s"
            )
        try:
            yield
        finally:
            self._writers.release()

    def _writing_connection(self, durable: bool = True, bound: bool = True) -> sa.Connection:
        connection = self.engine.connect()
        return connection.execution_options(
            essaim_write=True, essaim_durable=durable, essaim_bound=bound
        )

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """The present, as one statement sees it or, on SQLite, all of them; changes nothing."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                # Each statement sees what is committed in either case; this spares two round trips.
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    @property
    def connections_used(self) -> int:
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, sa.QueuePool) else 0

    @property
    def connections_most(self) -> int:
        """How many there may be at once; who asks for one more waits."""
        pool = self.engine.pool
        return pool.size() + pool._max_overflow if isinstance(pool, sa.QueuePool) else 0

    def close(self) -> None:
        self.engine.dispose()


def _changes(db: sa.Connection) -> int | None:
    """How many rows this connection has changed, where that is known without asking."""
    driver = db.connection.driver_connection
    return driver.total_changes if isinstance(driver, sqlite3.Connection) else None


def note_erasure(db: sa.Connection) -> None:
    """This transaction erases what is to be on no disk any more, its file's log included."""
    db.info[_ERASES] = True


def insert(db: sa.Connection, table: sa.Table) -> Any:
    """An INSERT of this connection's dialect, with `on_conflict_do_update` and `…_do_nothing`."""
    return insert_of(db.dialect.name, table)


def insert_of(dialect: str, table: sa.Table) -> Any:
    """The same for statements that are made once: making one takes longer than running it."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def upsert(db: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows, or replace what they name for those whose primary key exists. One statement."""
    if not rows:
        return
    db.execute(_upsert(db.dialect.name, table, tuple(with_keys(table, rows[0]))), rows)


@cache
def _upsert(dialect: str, table: sa.Table, written: tuple[str, ...]) -> Any:
    keys = [column.name for column in table.primary_key]
    statement = insert_of(dialect, table)
    changed = {name: statement.excluded[name] for name in written if name not in keys}
    if changed:
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return statement.on_conflict_do_nothing(index_elements=keys)


def _empty_log(engine: sa.Engine) -> bool:
    """Empty SQLite's write-ahead log, where pages stand as they were before they were erased.

    While somebody reads them it cannot be, and the next write tries again: leases see to it that
    there is one every few seconds. What was committed is so in any case.
    """
    try:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("pragma busy_timeout=0")
            cursor.execute("pragma wal_checkpoint(truncate)")
            row = cursor.fetchone()
            cursor.execute(f"pragma busy_timeout={_SQLITE_PATIENCE}")
        finally:
            connection.close()
    except (sqlite3.Error, sa.exc.SQLAlchemyError):
        return False
    return row is not None and row[0] == 0


def in_words(error: BaseException) -> str:
    """What an error says, in one line: the drivers' go on with hints, statements and addresses."""
    first, *_ = str(error).strip().splitlines() or [""]
    return first or type(error).__name__


_SQLITE_OUTAGES = {
    "SQLITE_FULL", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN",
    "SQLITE_READONLY", "SQLITE_NOMEM", "SQLITE_PROTOCOL",
}  # fmt: skip
_POSTGRES_OUTAGES = ("08", "53", "55", "57", "40", "25006")


def is_outage(error: BaseException) -> bool:
    """Whether the database failed us (down, full, locked), rather than what we asked of it."""
    if isinstance(error, sa.exc.TimeoutError):
        return True
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    original = error.orig
    if isinstance(original, sqlite3.Error):
        name = getattr(original, "sqlite_errorname", "") or ""
        return any(name == known or name.startswith(f"{known}_") for known in _SQLITE_OUTAGES)
    if isinstance(original, psycopg.OperationalError):
        return original.sqlstate is None or original.sqlstate.startswith(_POSTGRES_OUTAGES)
    return False


_ERASES, _DURABLE, _BOUND = "essaim_erases", "essaim_durable", "essaim_bound"
_SQLITE_PATIENCE = 10_000  # milliseconds to wait for other processes
_UNUSED = 1.0  # seconds after which a connection may have gone without our knowing
_PATIENCE = 10  # seconds to wait for one's turn to write, or for a connection
_POSTGRES_PATIENCE = {
    # A process that was stopped, or a host that vanished, must not hold its locks for ever.
    "options": "-c idle_in_transaction_session_timeout=60000",
    # Nor must we wait for ever for a server that vanished: the system would for two hours.
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(
            url, connect_args={"timeout": 10, "check_same_thread": False}, hide_parameters=True
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(
        url,
        connect_args=_POSTGRES_PATIENCE,
        hide_parameters=True,  # they are about people, and errors are logged
        # Four services on one server stay under the hundred connections it allows by default.
        pool_size=10,
        max_overflow=10,
        pool_timeout=_PATIENCE,
    )
    sa.event.listen(engine, "checkin", _note_use)
    sa.event.listen(engine, "checkout", _check_unused)
    return engine


def _note_use(_: object, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _check_unused(connection: psycopg.Connection[Any], record: Any, _: object) -> None:
    """See whether a connection that nobody used for a while still stands.

    Each time, as the pool does by itself, would be a round trip more for every transaction.
    """
    if time.monotonic() - record.info.get("used_at", inf) < _UNUSED:
        return
    connection.autocommit = True
    try:
        connection.execute("SELECT 1")
    except psycopg.Error as error:
        raise sa.exc.DisconnectionError from error
    connection.autocommit = False


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # The driver must not open transactions by itself: we choose BEGIN or BEGIN IMMEDIATE.
    connection.isolation_level = None
    # What is erased about a person is overwritten in the file, not only unlinked from it.
    for pragma in (
        "journal_mode=wal", "synchronous=full", "foreign_keys=on",
        f"busy_timeout={_SQLITE_PATIENCE}", "secure_delete=on",
    ):  # fmt: skip
        try:
            connection.execute(f"pragma {pragma}")
        except sqlite3.Error as error:
            # SQLAlchemy lets pass as it is what a listener throws.
            raise sa.exc.OperationalError(f"pragma {pragma}", None, error) from error


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    write = options.get("essaim_write", False)
    durable = options.get("essaim_durable", True)
    if write and durable is not connection.info.get(_DURABLE, True):
        connection.exec_driver_sql(f"pragma synchronous={'full' if durable else 'normal'}")
        connection.info[_DURABLE] = durable
    bound = options.get("essaim_bound", True)
    if bound is not connection.info.get(_BOUND, True):
        # Only outside of a transaction does it do anything.
        connection.exec_driver_sql(f"pragma foreign_keys={'on' if bound else 'off'}")
        connection.info[_BOUND] = bound
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
