"""Makes a backup: one instant of all databases, then documents and keys, into one archive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from essaim.backup import archive, copying, keys, places
from essaim.backup.checking import check_outside
from essaim.backup.cut import cut
from essaim.backup.erased import erased_in, note_at, together
from essaim.backup.manifest import FORMAT, Manifest, Saved, name_at, to_json
from essaim.backup.place import Folder, Place, put
from essaim.keeping.database import Database
from essaim.keeping.documents import Documents
from essaim.keeping.last_backup import LastBackup, note_backup
from essaim.keeping.migration import heads_of
from essaim.keeping.tables import outbox, position
from essaim.service import Service

FindPlaces = Callable[[Mapping[str, sa.Connection]], places.Places | None]
"""Asks the stream where facts are that were on their way; None when it does not answer."""


@dataclass(frozen=True)
class Source:
    """What is saved: databases and documents by service, and the folder with the keys.

    `consortium` is the file, spelt out. `room` has room for a copy of the largest SQLite file.
    """

    services: Mapping[str, Service]
    databases: Mapping[str, Database]
    documents: Mapping[str, Documents]
    keys: Path
    room: Path
    consortium: str
    version: str


def create(place: Place, source: Source, recipient: str, find_places: FindPlaces) -> Manifest:
    """Make a backup, read it back, and only then give it the note that makes it one.

    Each database notes that it was saved: services say how long ago.

    Raises:
        KeyRefused, NoCut, PlaceRefused, OSError: there is no new backup, and no part of one.
        Broken: it could not be read back as it was written.
    """
    with cut(source.databases) as snapshots:
        placed = find_places(snapshots)
        erased = together(erased_in(db) for db in snapshots.values())
        now = datetime.now(UTC)
        about = Manifest(
            format=FORMAT,
            name=name_at(now),
            created_at=now,
            version=source.version,
            recipient=recipient,
            services={one: _saved(source, one, db) for one, db in snapshots.items()},
            placed=placed is not None,
            erased=len(erased),
        )
        with place.writing(f"{about.name}.age") as file:
            out = archive.HashingOut(file)
            fill = partial(_fill, source, snapshots, about, placed or {}, place)
            archive.write(out, recipient, fill)
    note = about.beside(out.size, out.sha256)
    check_outside(place, note)
    note_at(place, erased)
    put(place, f"{note.name}.json", to_json(note))
    taken = LastBackup(note.name, note.created_at, out.size)
    for database in source.databases.values():
        with database.write() as db:
            note_backup(db, taken)
    return note


def _fill(
    source: Source,
    snapshots: Mapping[str, sa.Connection],
    about: Manifest,
    placed: places.Places,
    place: Place,
    members: archive.Members,
) -> None:
    """What tells whether it can be restored at all comes first, the checksums last."""
    members.add("about.json", to_json(about))
    members.add("places.json", places.to_json(placed))
    members.add("consortium.yaml", source.consortium.encode())
    besides = place.path if isinstance(place, Folder) else None
    for key, path in keys.files_in(source.keys, besides):
        members.add(f"keys/{key}", path.read_bytes())
    for service, db in snapshots.items():
        copying.save(db, members, f"databases/{service}", source.room)
    for service, documents in source.documents.items():
        _save_documents(members, service, documents)
    members.add(archive.MANIFEST, to_json(replace(about, members=tuple(members.added))))


def _saved(source: Source, service: str, db: sa.Connection) -> Saved:
    told, said = db.execute(
        sa.select(sa.func.max(outbox.c.position), sa.func.max(outbox.c.stream_seq))
    ).one()
    return Saved(
        database=copying.kind_of(source.databases[service]),
        heads=heads_of(db, source.services[service]),
        told=told or 0,
        said=said or 0,
        handled=db.scalar(sa.select(sa.func.max(position.c.stream_seq))) or 0,
        documents=sum(1 for _ in source.documents[service].older_than(0)),
    )


def _save_documents(members: archive.Members, service: str, documents: Documents) -> None:
    """After the databases: what they name was stored before, and has gone only if it was erased."""
    for sha256 in sorted(documents.older_than(0)):
        try:
            members.add_file(f"documents/{service}/{sha256}", documents.path_of(sha256))
        except FileNotFoundError:
            continue
