"""A database out of a snapshot into an archive, and out of an archive into a database.

SQLite is its file. PostgreSQL is its rows, as COPY writes them: our migrations know the tables, so
that no other program than ours is needed, and none whose version must fit the server's.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import sqlalchemy as sa

from essaim.backup.archive import Members
from essaim.keeping.database import Database

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_TABLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Unlike(Exception):
    """The rows of the archive do not fit the tables that are here."""


def kind_of(database: Database) -> str:
    return SQLITE if database.is_sqlite else POSTGRESQL


def save(snapshot: sa.Connection, members: Members, folder: str, beside: Path) -> None:
    """Add one database, as `folder`/… in the archive; `beside` has room for a copy of a file."""
    if snapshot.dialect.name == SQLITE:
        with TemporaryDirectory(prefix="backup-", dir=beside) as room:
            file = Path(room) / "database"
            _copy_file(snapshot, file)
            members.add_file(f"{folder}/{SQLITE}", file)
        return
    for table in _tables(snapshot):
        members.add_stream(f"{folder}/{table}", _rows(snapshot, table))
    members.add(f"{folder}/{_SEQUENCES}", _sequences(snapshot))


def _copy_file(snapshot: sa.Connection, file: Path) -> None:
    source: Any = snapshot.connection.driver_connection
    copy = sqlite3.connect(file, isolation_level=None)
    try:
        source.backup(copy)
        # What is erased stands in no free page either: `secure_delete` saw to that.
        copy.execute("pragma journal_mode=delete")
    finally:
        copy.close()


_SEQUENCES = "sequences.sql"


def drop_all(db: sa.Connection) -> None:
    """Leave no table in a PostgreSQL database: what comes back brings its own."""
    for table in reversed(_tables(db)):
        db.execute(sa.text(f'drop table "{table}" cascade'))


def _tables(db: sa.Connection) -> list[str]:
    """The tables of a database, those that others point to first."""
    ordered = sa.inspect(db).get_sorted_table_and_fkc_names()
    return [name for name, _ in ordered if name is not None]


def _rows(snapshot: sa.Connection, table: str) -> Iterator[bytes]:
    """The names of the columns in a line, then the rows as PostgreSQL writes them."""
    names = [column["name"] for column in sa.inspect(snapshot).get_columns(table)]
    yield (",".join(names) + "\n").encode()
    with _cursor(snapshot) as cursor, cursor.copy(_statement(table, names, "to stdout")) as out:
        for piece in out:
            yield bytes(piece)


def _sequences(snapshot: sa.Connection) -> bytes:
    """Where each count stands: a place in an outbox is given once, also if its row is gone."""
    query = sa.text(
        "select sequencename, coalesce(last_value, 0) from pg_sequences "
        "where schemaname = current_schema() order by 1"
    )
    return "".join(f"{name} {last}\n" for name, last in snapshot.execute(query)).encode()


class Filling:
    """One PostgreSQL database that is filled with rows, in one transaction of `db`."""

    def __init__(self, db: sa.Connection) -> None:
        self._db = db
        self._tables = set(_tables(db))
        self._table = ""
        self._copy: Any = None
        self._stack: list[Any] = []
        for table in self._tables:
            # Migrations may have put rows in, which are among the saved ones.
            db.execute(sa.text(f'truncate "{table}" cascade'))

    def take(self, table: str, pieces: Iterable[bytes]) -> None:
        """
        Raises:
            Unlike: there is no such table, or not with these columns.
        """
        if table == _SEQUENCES:
            self.finish()
            self._set_sequences(b"".join(pieces).decode())
            return
        if table != self._table:
            self.finish()
            pieces = self._begin(table, iter(pieces))
        for piece in pieces:
            self._copy.write(piece)

    def _begin(self, table: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
        if table not in self._tables or not _TABLE.fullmatch(table):
            raise Unlike(f"There is no table {table} here.")
        line, _, rest = next(pieces, b"").partition(b"\n")
        names = line.decode().split(",")
        there = {column["name"] for column in sa.inspect(self._db).get_columns(table)}
        if set(names) != there:
            differing = ", ".join(sorted(set(names) ^ there))
            raise Unlike(f"The table {table} has other columns here: {differing}.")
        cursor = _cursor(self._db)
        copy = cursor.copy(_statement(table, names, "from stdin"))
        self._stack = [cursor, copy]
        self._table, self._copy = table, copy.__enter__()
        yield rest
        yield from pieces

    def finish(self) -> None:
        """The rows of the table that was begun are all there."""
        if self._stack:
            cursor, copy = self._stack
            self._stack, self._table = [], ""
            copy.__exit__(None, None, None)
            cursor.close()

    def _set_sequences(self, lines: str) -> None:
        for line in lines.splitlines():
            name, last = line.split()
            if not _TABLE.fullmatch(name):
                raise Unlike(f"{name} is no name of a sequence.")
            self._db.execute(
                sa.text("select setval(:name, :last, :used)"),
                {"name": name, "last": max(1, int(last)), "used": int(last) > 0},
            )


def _cursor(db: sa.Connection) -> psycopg.Cursor[Any]:
    connection: Any = db.connection.driver_connection
    cursor: psycopg.Cursor[Any] = connection.cursor()
    return cursor


def _statement(table: str, names: Iterable[str], way: str) -> bytes:
    columns = ", ".join(f'"{name}"' for name in names)
    return f'copy "{table}" ({columns}) {way}'.encode()
