"""Whether a backup is what was written: from outside, and opened with its secret."""

from collections.abc import Callable, Iterator

from essaim.backup import archive
from essaim.backup.manifest import Manifest, NotOurs, is_name, read_manifest
from essaim.backup.place import Place, get
from essaim.backup.rotation import Backup, to_remove

Take = Callable[[str, archive.Hashing], None]
"""Does something with a member of an archive: its name, its content while it is there."""


class NoBackup(Exception):
    """There is none of this name, or none at all."""


def all_notes(place: Place) -> list[Manifest]:
    """The backups there are, the oldest first. One whose note cannot be read is none.

    Raises:
        PlaceRefused
    """
    return [note for name in _names(place) if (note := _note(place, name)) is not None]


def find_note(place: Place, name: str | None) -> Manifest:
    """The backup of this name, or the newest.

    Raises:
        NoBackup
        NotOurs: its note cannot be read.
    """
    names = _names(place)
    if name is None and names:
        name = names[-1]
    if name is None or name not in names:
        raise NoBackup(_none_of(name, names))
    return read_manifest(get(place, f"{name}.json"))


def _none_of(name: str | None, names: list[str]) -> str:
    if names:
        return f"There is no backup {name} there. Those there are: {', '.join(names)}."
    return (
        "There is no backup there yet. To restore one made elsewhere, put its files there (….age, "
        "….json, and erased.json), or name where they lie: ESSAIM_BACKUP_FOLDER in containers, "
        "else ESSAIM_BACKUP_TO."
    )


def check_outside(place: Place, note: Manifest) -> None:
    """Whether the archive is, byte for byte, what was written: for this no secret is needed.

    Raises:
        Broken
    """
    try:
        with place.reading(f"{note.name}.age") as file:
            reading = archive.Hashing(file)
            while reading.read(archive.PIECE):
                pass
    except FileNotFoundError:
        raise archive.Broken(f"The archive {note.name}.age is not there, only its note.") from None
    if (reading.size, reading.sha256) != (note.size, note.sha256):
        raise archive.Broken(
            f"{note.name}.age is not what was written: {reading.size} bytes with the SHA-256 "
            f"{reading.sha256}, its note says {note.size} and {note.sha256}."
        )


def check_inside(place: Place, note: Manifest, secret: str, take: Take | None = None) -> Manifest:
    """Read the whole archive, and compare every member with its checksum, after `take` had it.

    Raises:
        KeyRefused
        Broken: `take` may have had some of it.
    """
    found: dict[str, tuple[int, str]] = {}
    with (
        place.reading(f"{note.name}.age") as file,
        archive.reading(file, secret) as members,
    ):
        whole = _read(members, found, take or _drop)
    _compare(whole, found)
    return whole


def rotate(place: Place, rule: dict[str, int], newest: Manifest) -> list[str]:
    """Remove the backups that the rule does not keep; `newest` was made and checked just now."""
    there = [Backup(one.name, one.created_at) for one in all_notes(place)]
    gone = [one.name for one in to_remove(there, rule) if one.name != newest.name]
    for name in (*gone, *_without_note(place, newest)):
        # The note goes first: without it there is no backup, and half of one is none.
        place.remove(f"{name}.json")
        place.remove(f"{name}.age")
    return gone


def _without_note(place: Place, newest: Manifest) -> list[str]:
    """Archives that somebody was killed over before they became backups."""
    archives = {name.removesuffix(".age") for name in place.names() if name.endswith(".age")}
    return [one for one in archives - set(_names(place)) if is_name(one) and one < newest.name]


def _names(place: Place) -> list[str]:
    found = (name.removesuffix(".json") for name in place.names() if name.endswith(".json"))
    return sorted(name for name in found if is_name(name))


def _note(place: Place, name: str) -> Manifest | None:
    try:
        return read_manifest(get(place, f"{name}.json"))
    except (NotOurs, FileNotFoundError):
        return None


def _read(
    members: Iterator[tuple[str, archive.Hashing]], found: dict[str, tuple[int, str]], take: Take
) -> Manifest:
    whole = None
    for name, content in members:
        if name == archive.MANIFEST:
            whole = read_manifest(content.read())
            continue
        take(name, content)
        _drop(name, content)
        found[name] = (content.size, content.sha256)
    if whole is None:
        raise archive.Broken("The archive ends before its list of what is in it.")
    return whole


def _drop(_: str, content: archive.Hashing) -> None:
    while content.read(archive.PIECE):
        pass


def _compare(whole: Manifest, found: dict[str, tuple[int, str]]) -> None:
    listed = {one.name: (one.size, one.sha256) for one in whole.members}
    names = sorted(listed.keys() | found.keys())
    wrong = [name for name in names if listed.get(name) != found.get(name)]
    if wrong:
        raise archive.Broken(
            f"{len(wrong)} pieces of the archive are not what its list says, such as {wrong[0]}."
        )
