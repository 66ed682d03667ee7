"""Puts a backup back: all of it, brought to the installed version, or nothing at all.

Whoever was erased since is erased again before a service can serve her.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import sqlalchemy as sa

from essaim.backup import copying, keys, places
from essaim.backup.again import make_ready
from essaim.backup.archive import PIECE, Broken, Hashing
from essaim.backup.checking import check_inside, check_outside
from essaim.backup.erased import Erased
from essaim.backup.manifest import Manifest, read_manifest
from essaim.backup.place import Place
from essaim.keeping.database import Database
from essaim.keeping.documents import Documents
from essaim.keeping.lease import is_held
from essaim.keeping.migration import migrate_in, unknown_heads
from essaim.keeping.texts import is_index_of_texts
from essaim.service import Service

_DOCUMENT = re.compile(r"[0-9a-f]{64}")
_OURS_ALONE = {"essaim_version", "service_version", "essaim_lease"}


class NotRestored(Exception):
    """What is here, or in the backup, forbids it; nothing was changed. Says what to do."""


@dataclass(frozen=True)
class Target:
    """Where a backup is put back; `room` is on the disk of the SQLite databases."""

    services: Mapping[str, Service]
    databases: Mapping[str, Database]
    documents: Mapping[str, Documents]
    keys: Path
    room: Path


def check_installed(note: Manifest, services: Mapping[str, Service]) -> None:
    """
    Raises:
        NotRestored
    """
    missing = ", ".join(sorted(note.services.keys() - services.keys()))
    if missing:
        raise NotRestored(f"The backup has {missing}, which is not installed here. Install it.")


def check_can_restore(note: Manifest, target: Target, *, over_data: bool) -> None:
    """
    Raises:
        NotRestored
    """
    for name, saved in note.services.items():
        database = target.databases[name]
        if saved.database != copying.kind_of(database):
            raise NotRestored(
                f"{name} was saved from {saved.database}, its database here is "
                f"{copying.kind_of(database)}. Restore it to the same kind."
            )
        unknown = unknown_heads(saved.heads, target.services[name])
        if unknown:
            raise NotRestored(
                f"The backup is of a later version: {name} had the migration {unknown[0]}, which "
                f"is not known here. It was made by Essaim {note.version}: install that, or later."
            )
        _check_free(name, database, over_data=over_data)


def _check_free(name: str, database: Database, *, over_data: bool) -> None:
    if database.is_sqlite and not Path(database.url.database or "").exists():
        return
    with database.read() as db:
        there = set(sa.inspect(db).get_table_names())
        if "essaim_lease" in there and is_held(db, name):
            raise NotRestored(f"{name} runs. Stop all services first, then restore.")
        if not over_data and (full := _full_tables(db, there)):
            raise NotRestored(
                f"The database of {name} holds data ({full[0]}). Restore into an empty place, or "
                "say --over-data, which removes for ever what is there now."
            )


def _full_tables(db: sa.Connection, names: set[str]) -> list[str]:
    def has_rows(name: str) -> bool:
        return (
            db.execute(sa.select(sa.text("1")).select_from(sa.table(name)).limit(1)).first()
            is not None
        )

    own = {name for name in names - _OURS_ALONE if not is_index_of_texts(name)}
    return [name for name in sorted(own) if has_rows(name)]


def restore(place: Place, note: Manifest, secret: str, target: Target, erased: Erased) -> Manifest:
    """Put back what `check_can_restore` let pass; whoever is `erased` does not come back.

    Raises:
        KeyRefused, Broken, NotOurs, PlaceRefused, OSError: the databases are as they were.
    """
    check_outside(place, note)
    with _unpacking(target, erased) as unpacking:
        whole = check_inside(place, note, secret, unpacking.take)
        unpacking.finish(whole)
    return whole


@contextmanager
def _unpacking(target: Target, erased: Erased) -> Iterator["_Unpacking"]:
    room = Path(mkdtemp(prefix="restoring-", dir=target.room))
    try:
        with ExitStack() as stack:
            yield _Unpacking(target, erased, room, stack)
    finally:
        shutil.rmtree(room)


@dataclass
class _Unpacking:
    """Takes the members of an archive, and puts databases and keys in their places at the end."""

    target: Target
    erased: Erased
    room: Path
    stack: ExitStack
    about: Manifest | None = None
    placed: places.Places = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    fillings: dict[str, tuple[sa.Connection, copying.Filling]] = field(default_factory=dict)

    def take(self, name: str, content: Hashing) -> None:
        room, _, rest = name.partition("/")
        if room == "databases":
            self._take_database(*_two(rest, name), content)
        elif room == "documents":
            service, sha256 = _two(rest, name)
            if service not in self.target.documents or not _DOCUMENT.fullmatch(sha256):
                raise Broken(f"{name} in the archive is no document.")
            self.target.documents[service].put_back(sha256, content)
        elif room == "keys":
            self.keys[rest] = content.read()
        elif name == "about.json":
            self.about = read_manifest(content.read())
        elif name == "places.json":
            self.placed = places.read(content.read())

    def _take_database(self, service: str, what: str, content: Hashing) -> None:
        if service not in self.target.databases:
            raise Broken(f"The archive holds a database of {service}, its note does not say so.")
        if what == copying.SQLITE:
            self.files[service] = self.room / f"{service}.db"
            with self.files[service].open("xb") as file:
                shutil.copyfileobj(content, file, PIECE)
            return
        _, filling = self._filling(service)
        filling.take(what.partition("/")[0], iter(lambda: content.read(PIECE), b""))

    def _filling(self, service: str) -> tuple[sa.Connection, copying.Filling]:
        if service not in self.fillings:
            if self.about is None or service not in self.about.services:
                raise Broken(f"The archive does not say which tables {service} had.")
            db = self.stack.enter_context(self.target.databases[service].write())
            db.execute(sa.text("set local idle_in_transaction_session_timeout = 0"))
            copying.drop_all(db)
            migrate_in(db, self.target.services[service], self.about.services[service].heads)
            self.fillings[service] = (db, copying.Filling(db))
        return self.fillings[service]

    def finish(self, whole: Manifest) -> None:
        """All is there and sound: make it ready, and let it be seen."""
        for service, file in self.files.items():
            self._ready_file(service, file)
        for service, (db, filling) in self.fillings.items():
            filling.finish()
            self._make_ready(service, db)
        self.stack.close()
        for service, file in self.files.items():
            _replace_file(file, Path(self.target.databases[service].url.database or ""))
        for name, content in self.keys.items():
            keys.put_back(self.target.keys, name, content)

    def _ready_file(self, service: str, file: Path) -> None:
        staged = Database(f"sqlite:///{file}")
        try:
            with staged.reshape() as db:
                self._make_ready(service, db)
        finally:
            staged.close()

    def _make_ready(self, service: str, db: sa.Connection) -> None:
        chosen = self.target.services[service]
        migrate_in(db, chosen)
        make_ready(db, chosen, self.placed.get(service, {}), self.erased)


def _two(rest: str, name: str) -> tuple[str, str]:
    service, _, what = rest.partition("/")
    if not what:
        raise Broken(f"{name} in the archive is nothing that Essaim saves.")
    return service, what


def _replace_file(file: Path, at: Path) -> None:
    at.parent.mkdir(parents=True, exist_ok=True)
    for left in (f"{at}-wal", f"{at}-shm"):
        Path(left).unlink(missing_ok=True)
    shutil.move(file, at)
