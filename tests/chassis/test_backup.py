"""A backup of one service, on SQLite and on PostgreSQL: made, checked, refused, put back."""

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from essaim.backup import archive, checking, creating, restoring
from essaim.backup.erased import Erased, erased_in, listed_at, note_at
from essaim.backup.manifest import Manifest
from essaim.backup.place import Folder, PlaceRefused, place_of
from essaim.clock import SystemClock
from essaim.ids import new_id
from essaim.keeping import lease
from essaim.keeping.database import Database
from essaim.keeping.documents import Documents
from essaim.keeping.migration import migrate
from essaim.keeping.tables import outbox
from essaim.people import sign_ins
from essaim.person import Person, Role, RoleHeld
from essaim.service import Service, installed_services
from essaim.work import Work, open_work
from essaim_contracts.candidatures import PersonErased

DORA = Person(
    id=new_id(),
    name="Dora (fictive)",
    email="dora@example.org",
    phone=None,
    language="fr",
    roles=(RoleHeld(Role.OPERATOR, "network"),),
)
GASPARD = replace(DORA, id=new_id(), name="Gaspard (fictif)", email="gaspard@example.org")


@pytest.fixture
def service() -> Service:
    return installed_services()["candidatures"]


@dataclass
class Host:
    """One service on a machine, and a folder for backups elsewhere."""

    service: Service
    database: Database
    folder: Path
    place: Folder
    secret: str
    recipient: str

    @property
    def documents(self) -> Documents:
        return Documents(self.folder / "documents")

    def work(self) -> AbstractContextManager[Work]:
        return open_work(self.database, SystemClock())

    def create(self, **other: Any) -> Manifest:
        source = creating.Source(
            services={"candidatures": self.service},
            databases={"candidatures": self.database},
            documents={"candidatures": self.documents},
            keys=self.folder / "keys",
            room=self.folder,
            consortium="format: essaim-consortium/1\n",
            version="0.1.0",
        )
        place = other.pop("place", self.place)
        return creating.create(place, source, self.recipient, lambda _: None)

    def restore(
        self, note: Manifest, *, over_data: bool = True, erased: Erased | None = None
    ) -> Manifest:
        target = restoring.Target(
            services={"candidatures": self.service},
            databases={"candidatures": self.database},
            documents={"candidatures": self.documents},
            keys=self.folder / "keys",
            room=self.folder,
        )
        restoring.check_can_restore(note, target, over_data=over_data)
        try:
            return restoring.restore(self.place, note, self.secret, target, erased or {})
        finally:
            # A file that was replaced is another one than that which is open.
            self.database.close()

    def rows(self) -> dict[str, list[Any]]:
        """All that the database holds, by table, but the lease."""
        metadata = sa.MetaData()
        with self.database.read() as db:
            metadata.reflect(db, resolve_fks=False)
            return {
                name: sorted(map(tuple, db.execute(sa.select(table))), key=repr)
                for name, table in metadata.tables.items()
                if name != "essaim_lease"
            }


@pytest.fixture
def host(service: Service, database: Database, tmp_path: Path) -> Host:
    keys = tmp_path / "keys" / "secrets"
    keys.mkdir(parents=True)
    (keys / "candidatures").write_text("what feeds are signed with")
    secret, recipient = archive.new_secret()
    place = Folder(tmp_path / "backups")
    host = Host(service, database, tmp_path, place, secret, recipient)
    with host.work() as work:
        work.share(DORA)
        work.share(GASPARD)
        work.tell(PersonErased(person_id=new_id(), erased_at=work.now), programme="network")
    host.documents.keep(io.BytesIO(b"a letter"), 100)
    return host


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_rows_documents_and_keys_come_back_as_they_were_saved(host: Host) -> None:
    before = host.rows()
    (document,) = host.documents.older_than(0)
    note = host.create()
    with host.work() as work:
        work.forget(DORA.id)
    host.documents.remove(document, 0)
    (host.folder / "keys/secrets/candidatures").write_text("another")

    host.restore(note)

    assert host.rows() == before
    assert host.documents.path_of(document).read_bytes() == b"a letter"
    assert (host.folder / "keys/secrets/candidatures").read_text() == "what feeds are signed with"


def test_a_place_in_the_outbox_is_never_given_twice(host: Host) -> None:
    note = host.create()
    host.restore(note)
    with host.work() as work:
        work.tell(PersonErased(person_id=new_id(), erased_at=work.now), programme="network")
    with host.database.read() as db:
        assert db.scalar(sa.select(sa.func.max(outbox.c.position))) == 2


def test_who_was_erased_since_is_erased_again_and_the_partners_are_told_once_more(
    host: Host,
) -> None:
    note = host.create()
    at = datetime.now(UTC)

    host.restore(note, erased={DORA.id: at})

    assert b"Dora" not in repr(host.rows()).encode()
    with host.database.read() as db:
        assert erased_in(db) == {DORA.id: at}
        last = sa.select(outbox.c.subject, outbox.c.body).order_by(outbox.c.position.desc())
        subject, body = db.execute(last).first() or ("", b"")
    assert subject == f"essaim.network.candidatures.person.erased.v1.{DORA.id}"
    assert PersonErased.model_validate_json(body).erased_at == at


def test_sign_ins_that_may_have_been_ended_since_are_ended(host: Host) -> None:
    with host.work() as work:
        sign_ins.begin_browser(work.db, DORA.id, "her telephone")
    host.restore(host.create())
    with host.database.read() as db:
        assert sign_ins.of_person(db, DORA.id) == []


def test_a_backup_opens_with_its_secret_and_no_other(host: Host) -> None:
    note = host.create()
    whole = checking.check_inside(host.place, note, host.secret)
    assert "keys/secrets/candidatures" in {one.name for one in whole.members}
    other, _ = archive.new_secret()
    with pytest.raises(archive.Broken, match="does not open with this secret"):
        checking.check_inside(host.place, note, other)
    with pytest.raises(archive.KeyRefused, match="AGE-SECRET-KEY-1"):
        checking.check_inside(host.place, note, host.recipient)


def test_nothing_of_a_backup_can_be_read_without_the_secret(host: Host) -> None:
    host.create()
    written = b"".join(file.read_bytes() for file in host.place.path.iterdir())
    assert not [word for word in (b"Dora", b"dora@", b"feeds", b"a letter") if word in written]


@pytest.mark.parametrize("at", [0.01, 0.5, 0.99])
def test_one_byte_that_changed_is_found_from_outside_and_from_inside(host: Host, at: float) -> None:
    note = host.create()
    file = host.place.path / f"{note.name}.age"
    content = bytearray(file.read_bytes())
    content[int(len(content) * at)] ^= 1
    file.write_bytes(content)

    with pytest.raises(archive.Broken, match="is not what was written"):
        checking.check_outside(host.place, note)
    with pytest.raises(archive.Broken):
        checking.check_inside(host.place, note, host.secret)


def test_an_archive_that_was_cut_off_changes_nothing_when_it_is_put_back(host: Host) -> None:
    note = host.create()
    file = host.place.path / f"{note.name}.age"
    file.write_bytes(file.read_bytes()[: note.size // 2])
    cut_off = replace(note, size=file.stat().st_size, sha256=_sha256(file))
    before = host.rows()

    with pytest.raises(archive.Broken):
        host.restore(cut_off)

    assert host.rows() == before
    assert not list(host.folder.glob("restoring-*"))


def test_what_is_interrupted_leaves_no_backup_and_no_part_of_one(host: Host) -> None:
    class Full(Folder):
        @contextmanager
        def writing(self, name: str) -> Iterator[archive.Taking]:
            with super().writing(name) as file:
                yield _FullAfter(file, 4_000)

    with pytest.raises(OSError, match="No space left"):
        host.create(place=Full(host.place.path))

    assert list(host.place.path.iterdir()) == []
    assert not list(host.folder.glob("backup-*"))


class _FullAfter:
    def __init__(self, file: archive.Taking, most: int) -> None:
        self._file, self._left = file, most

    def write(self, piece: bytes) -> int:
        self._left -= len(piece)
        if self._left < 0:
            raise OSError(28, "No space left on device")
        return self._file.write(piece)

    def flush(self) -> None: ...


def test_data_that_is_there_is_never_overwritten_unless_somebody_says_so(host: Host) -> None:
    note = host.create()
    with pytest.raises(restoring.NotRestored, match="holds data"):
        host.restore(note, over_data=False)


def test_a_database_that_was_only_made_is_free(host: Host, tmp_path: Path) -> None:
    """Its indexes are there, and the tables that they keep."""
    note, people = host.create(), host.rows()["essaim_person"]
    made = host.database
    if host.database.is_sqlite:
        made = Database(f"sqlite:///{tmp_path / 'made.db'}")
        migrate(made, host.service)
    again = replace(host, database=made)

    again.restore(note, over_data=not host.database.is_sqlite)

    assert again.rows()["essaim_person"] == people


def test_a_service_that_runs_is_not_restored_under_its_feet(
    host: Host,
) -> None:
    note = host.create()
    assert lease.take(host.database, "candidatures")
    with pytest.raises(restoring.NotRestored, match="candidatures runs"):
        host.restore(note)


def test_a_service_that_is_not_installed_here_is_named(host: Host) -> None:
    note = host.create()
    with pytest.raises(restoring.NotRestored, match="candidatures, which is not installed"):
        restoring.check_installed(note, {})


def test_a_backup_of_a_later_version_is_refused_with_the_version_to_install(host: Host) -> None:
    note = host.create()
    saved = replace(note.services["candidatures"], heads={"essaim": ("essaim_9999",)})
    later = replace(note, version="7.0.0", services={"candidatures": saved})
    with pytest.raises(restoring.NotRestored, match=r"made by Essaim 7\.0\.0: install that"):
        host.restore(later)


def test_the_list_of_erased_persons_only_grows(host: Host) -> None:
    at = datetime.now(UTC)
    assert note_at(host.place, {DORA.id: at}) == 1
    assert note_at(host.place, {GASPARD.id: at}) == 2
    assert note_at(host.place, {}) == 2
    assert set(listed_at(host.place)) == {DORA.id, GASPARD.id}


def test_old_backups_go_only_once_a_new_one_was_read_back(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(f"essaim-2026112{day}T000000Z" for day in range(1, 4))
    monkeypatch.setattr(creating, "name_at", lambda _: next(names))
    notes = [host.create() for _ in range(3)]
    assert checking.rotate(host.place, {"d": 1}, notes[-1]) == [one.name for one in notes[:2]]
    assert checking.all_notes(host.place) == [notes[-1]]


def test_a_place_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong, words in (
        ("", "ESSAIM_BACKUP_TO"),
        ("ftp://host/folder", "neither a folder nor s3://"),
        (str(tmp_path / "file" / "folder"), "cannot be a folder"),
    ):
        with pytest.raises(PlaceRefused, match=words):
            place_of(wrong)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        reading = archive.Hashing(content)
        while reading.read(1 << 20):
            pass
    return reading.sha256
