"""Documents, in a folder beside the database, each named by the SHA-256 of what it holds.

What is kept is never changed: the same content has the same name, and is stored once.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Protocol

_PIECE = 256 * 1024
_INCOMING = "incoming-"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Kept:
    """A document that is safely on the disk; `size` in bytes."""

    sha256: str
    size: int


class TooLarge(Exception):
    """The content goes beyond the limit, in bytes; nothing of it was kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The document is larger than {limit} bytes. Send a smaller one.")
        self.limit = limit


class Unlike(Exception):
    """A document that comes back from a backup is not what its name says."""

    def __init__(self, sha256: str, found: str) -> None:
        super().__init__(f"The document {sha256} came back as {found}. Take another backup.")


class Documents:
    """The documents of one service."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: BinaryIO, max_bytes: int) -> Kept:
        """Store what is read from `content`, from its start; it is durable when this returns.

        Raises:
            TooLarge: there is more than `max_bytes`.
            OSError: the disk is full or failed; nothing is half kept.
        """
        content.seek(0)
        return self._take(content, max_bytes)

    def put_back(self, sha256: str, content: Readable) -> None:
        """Store a document that was kept elsewhere.

        Raises:
            Unlike: it is another one than its name says; it was kept, under its own.
        """
        found = self._take(content, max_bytes=None).sha256
        if found != sha256:
            raise Unlike(sha256, found)

    def _take(self, content: Readable, max_bytes: int | None) -> Kept:
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with NamedTemporaryFile(dir=self.folder, prefix=_INCOMING, delete=False) as file:
            try:
                while piece := content.read(_PIECE):
                    size += len(piece)
                    if max_bytes is not None and size > max_bytes:
                        raise TooLarge(max_bytes)
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
                path = self.path_of(digest.hexdigest())
                path.parent.mkdir(exist_ok=True)
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
        # A file's new name is only durable once its folder is.
        _fsync_folder(path.parent)
        _fsync_folder(self.folder)
        return Kept(digest.hexdigest(), size)

    def path_of(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def older_than(self, seconds: float) -> Iterator[str]:
        """The names of the documents that were stored before, in no order."""
        for path in self._files(seconds):
            if not path.name.startswith(_INCOMING):
                yield path.name

    def remove_half_kept(self, older_than: float) -> None:
        """Remove what a process that died in the middle left of a document, after these seconds."""
        for path in self._files(older_than):
            if path.name.startswith(_INCOMING):
                path.unlink(missing_ok=True)

    def _files(self, older_than: float) -> Iterator[Path]:
        for path in self.folder.rglob("*"):
            with suppress(FileNotFoundError):
                if path.is_file() and time.time() - path.stat().st_mtime >= older_than:
                    yield path

    def remove(self, sha256: str, older_than: float) -> bool:
        """Remove a document unless somebody stored it in the last `older_than` seconds.

        That somebody may not have committed her transaction yet. Says whether it is gone.
        """
        path = self.path_of(sha256)
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime < older_than:
                return False
            path.unlink()
        return True


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
