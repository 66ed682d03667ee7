"""The files of a consortium that are in no database: its own file, secrets, keys of the broker."""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

_MADE_ANEW = (
    # Databases and documents are saved as such.
    "*.db", "*.db-*", "*-documents/*", "backup-*", "restoring-*",
    # The broker's store is filled again from the journals; the rest says what runs, or ran.
    "nats/jetstream/*", "nats/nats.*", "nats/ports-*", "lock", "running.json", "*.new",
    # What opens a database server belongs to that server: another one has its own.
    "postgres/*", "superuser",
)  # fmt: skip
_LARGEST = 1024 * 1024


class NoKey(Exception):
    """A name in the archive that leads out of the folder of keys."""


def files_in(folder: Path, besides: Path | None = None) -> Iterator[tuple[str, Path]]:
    """The files to save, with their names in the folder; not what is `besides`, the backups."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_key = path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST
        is_ours = besides is None or not path.resolve().is_relative_to(besides.resolve())
        if is_key and is_ours and not any(fnmatch(name, pattern) for pattern in _MADE_ANEW):
            yield name, path


def put_back(folder: Path, name: str, content: bytes) -> None:
    """Write a file where it was, for its owner alone.

    Raises:
        NoKey
    """
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or name.startswith("/"):
        raise NoKey(f"{name!r} in the archive leads out of the folder: Essaim did not make it.")
    path = folder.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_bytes(content)
    new.rename(path)
