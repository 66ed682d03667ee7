"""One archive: a compressed tar, encrypted with age for a key whose secret is not on this host.

It is written and read as a stream, piece by piece: memory stays flat, whatever there is to save.
"""

import gzip
import hashlib
import io
import os
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol, cast

import pyrage

from essaim.backup.manifest import Member

MANIFEST = "manifest.json"
PIECE = 4 * 1024 * 1024
"""Bytes of a stream that are held at a time, as one member of the archive."""


class KeyRefused(ValueError):
    """It is no age key of the kind asked for; says what to write."""


class Broken(Exception):
    """The archive is not what was written: damaged, cut off, or for another key."""


class Taking(Protocol):
    def write(self, piece: bytes, /) -> int: ...


class Giving(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def new_secret() -> tuple[str, str]:
    """A secret that opens archives, and the recipient they are encrypted for."""
    secret = pyrage.x25519.Identity.generate()
    return str(secret), str(secret.to_public())


def check_recipient(text: str) -> None:
    """
    Raises:
        KeyRefused
    """
    _recipient(text)


def write(out: Taking, recipient: str, fill: Callable[["Members"], None]) -> None:
    """Encrypt to `out` what `fill` adds; whatever `fill` raises is raised, and `out` is no archive.

    Raises:
        KeyRefused
    """
    key, (there, here) = _recipient(recipient), os.pipe()
    with (
        _beside(lambda: _encrypt(there, out, key)),
        os.fdopen(here, "wb") as pipe,
        gzip.GzipFile(fileobj=pipe, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        fill(Members(tar))


class Members:
    """What is added to an archive, and the checksums of all that was."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.added: list[Member] = []

    def add(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, path: Path) -> None:
        """
        Raises:
            FileNotFoundError: it is gone; nothing was added.
        """
        with path.open("rb") as file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def add_stream(self, name: str, pieces: Iterable[bytes]) -> None:
        """A stream of a length nobody knows yet, as `name/000001`, `name/000002`, …"""
        for number, piece in enumerate(_regular(pieces), start=1):
            self.add(f"{name}/{number:06}", piece)

    def _add(self, name: str, content: Giving, size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        reading = Hashing(content)
        self._tar.addfile(entry, cast(IO[bytes], reading))
        self.added.append(Member(name, size, reading.sha256))


class Passing:
    """The SHA-256 and the size of what passed."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def note(self, piece: bytes) -> bytes:
        self._digest.update(piece)
        self.size += len(piece)
        return piece


class Hashing(Passing):
    """Reads from another file, and knows what passed."""

    def __init__(self, file: Giving) -> None:
        super().__init__()
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self.note(self._file.read(size))


class HashingOut(Passing):
    """Writes to another file, and knows what passed."""

    def __init__(self, file: Taking) -> None:
        super().__init__()
        self._file = file

    def write(self, piece: bytes) -> int:
        return self._file.write(self.note(bytes(piece)))

    def flush(self) -> None:
        """Whoever opened the file sees to it."""


@contextmanager
def reading(source: Giving, secret: str) -> Iterator[Iterator[tuple[str, Hashing]]]:
    """The members of an archive in their order: the name, and the content while it is there.

    Raises:
        KeyRefused
        Broken: also from the iterator.
    """
    key, (here, there) = _secret(secret), os.pipe()
    with _beside(lambda: _decrypt(source, there, key)), os.fdopen(here, "rb") as pipe:
        yield _members(pipe)


def _members(pipe: IO[bytes]) -> Iterator[tuple[str, Hashing]]:
    with tarfile.open(fileobj=pipe, mode="r|gz") as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            if content is None:
                raise Broken(f"{entry.name} is no file: Essaim did not make this archive.")
            yield entry.name, Hashing(content)
    # To the end, where the last checksum is.
    while pipe.read(PIECE):
        pass


@contextmanager
def _beside(work: Callable[[], None]) -> Iterator[None]:
    """Do something at the other end of a pipe during this block; why that failed comes first."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="age")
    thread.start()
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, BrokenPipeError) as error:
        thread.join()
        raise failed[0] if failed else Broken(f"The archive cannot be read: {error}.") from error
    finally:
        thread.join()
    if failed:
        raise failed[0]


def _encrypt(there: int, out: Taking, key: pyrage.x25519.Recipient) -> None:
    asked = _Asked(out)
    with os.fdopen(there, "rb") as plain:
        try:
            pyrage.encrypt_io(plain, asked, [key])
        except pyrage.EncryptError as error:
            raise asked.refused or OSError(f"The archive cannot be written: {error}.") from error
    if asked.refused is not None:
        raise asked.refused


class _Asked:
    """pyrage says in words of its own that it could not write, or, of the last piece, nothing."""

    def __init__(self, out: Taking) -> None:
        self._out = out
        self.refused: Exception | None = None

    def write(self, piece: bytes) -> int:
        try:
            return self._out.write(piece)
        except Exception as error:
            self.refused = error
            raise

    def flush(self) -> None:
        """Whoever opened the file sees to it."""


def _decrypt(source: Giving, there: int, key: pyrage.x25519.Identity) -> None:
    with suppress(BrokenPipeError), os.fdopen(there, "wb") as plain:
        try:
            pyrage.decrypt_io(source, plain, [key])
        except pyrage.DecryptError as error:
            raise Broken(f"The archive does not open with this secret: {error}.") from error
        except OSError as error:
            raise Broken(f"The archive is damaged or cut off: {error}.") from error


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise KeyRefused(
            "The recipient is no public age key. Write one that begins with age1; "
            "`essaim backup key` makes one."
        ) from error


def _secret(text: str) -> pyrage.x25519.Identity:
    lines = [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]
    try:
        return pyrage.x25519.Identity.from_str(lines[0] if lines else "")
    except pyrage.IdentityError as error:
        raise KeyRefused(
            "This is no secret age key. Give the file that `essaim backup key` printed, with a "
            "line that begins with AGE-SECRET-KEY-1."
        ) from error


def _regular(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size, but the last; one empty piece where there are none."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    yield bytes(held)
