"""What a reader of facts must not forget: those it handled, and those it put aside.

A file of SQLite, held by one program at a time. To do what was put aside after all, read it back:

    for subject, headers, body, reason in sqlite3.connect("press.db").execute(
        "select subject, headers, body, reason from aside"
    ):
        envelope, payload = from_message(json.loads(headers), body)
"""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

_TABLES = """
begin immediate;
create table if not exists heard (identity text primary key) without rowid;
create table if not exists aside (
  at text not null default current_timestamp,
  subject text not null,
  headers text not null,
  body blob not null,
  reason text not null
);
commit;
"""


class MemoryInUse(Exception):
    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be held: {reason}. One program at a time hears the facts of a "
            "consumer, since two would each get half of them: end the other one first."
        )


class Memory:
    """The identities of the facts handled, and the messages put aside, in the file `path`."""

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None

    def open(self) -> sqlite3.Connection:
        """Hold the file until `close`; the other methods do so by themselves.

        Raises:
            MemoryInUse: another program holds it.
        """
        if self._db is None:
            db = sqlite3.connect(
                self.path, timeout=1, isolation_level=None, check_same_thread=False
            )
            db.execute("pragma locking_mode = exclusive")
            try:
                db.executescript(_TABLES)
            except sqlite3.OperationalError as error:
                db.close()
                raise MemoryInUse(self.path, str(error)) from error
            self._db = db
        return self._db

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def has_seen(self, identity: str) -> bool:
        found = self.open().execute("select 1 from heard where identity = ?", (identity,))
        return found.fetchone() is not None

    def add_seen(self, identity: str) -> None:
        self.open().execute("insert or ignore into heard values (?)", (identity,))

    def put_aside(
        self, subject: str, headers: Mapping[str, str], body: bytes, reason: Exception
    ) -> None:
        """Keep a message as it came."""
        self.open().execute(
            "insert into aside (subject, headers, body, reason) values (?, ?, ?, ?)",
            (subject, json.dumps(dict(headers)), body, repr(reason)),
        )
