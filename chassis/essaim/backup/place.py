"""Where backups lie: a folder, or a bucket that speaks S3. Nothing half written has a good name."""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from essaim.backup.archive import Giving, Taking
from essaim.keeping.database import in_words

_PART = ".part"
_ABANDONED = 3600.0
"""Seconds since somebody wrote a part of a file, after which nobody goes on with it."""
_BUFFER = 8 * 1024 * 1024


class PlaceRefused(Exception):
    """Backups cannot be kept or read there; says why."""


class Place(Protocol):
    """Files by their names, whole or not there at all."""

    def names(self) -> list[str]: ...

    def writing(self, name: str) -> AbstractContextManager[Taking]:
        """What is written is there, durably, once the block ended; not when it raised."""
        ...

    def reading(self, name: str) -> AbstractContextManager[Giving]:
        """
        Raises:
            FileNotFoundError
        """
        ...

    def remove(self, name: str) -> None: ...


def place_of(address: str) -> Place:
    """The folder or the bucket (`s3://bucket/folder`) of an address.

    Raises:
        PlaceRefused: there is no such place, or no way in.
    """
    if not address:
        raise PlaceRefused(
            "Nobody said where backups go. Set ESSAIM_BACKUP_TO to a folder or to s3://bucket, "
            "or say it with --to."
        )
    if "://" not in address:
        return Folder(Path(address))
    if not address.startswith("s3://"):
        raise PlaceRefused(f"{address} is neither a folder nor s3://bucket/folder.")
    return Bucket(address)


def put(place: Place, name: str, content: bytes) -> None:
    with place.writing(name) as out:
        out.write(content)


def get(place: Place, name: str) -> bytes:
    """
    Raises:
        FileNotFoundError
    """
    with place.reading(name) as file:
        return file.read()


class Folder:
    """A folder, which is made where there is none; for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise PlaceRefused(f"{path} cannot be a folder for backups: {error}") from error

    def names(self) -> list[str]:
        return sorted(one.name for one in self.path.iterdir() if one.suffix != _PART)

    @contextmanager
    def writing(self, name: str) -> Iterator[Taking]:
        self._remove_left()
        part = self.path / (name + _PART)
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.rename(self.path / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self._fsync()

    @contextmanager
    def reading(self, name: str) -> Iterator[Giving]:
        with (self.path / name).open("rb") as file:
            yield file

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def _remove_left(self) -> None:
        """What somebody was killed over takes room; what another one writes now is not ours."""
        for part in self.path.glob(f"*{_PART}"):
            with suppress(FileNotFoundError):
                if time.time() - part.stat().st_mtime > _ABANDONED:
                    part.unlink()

    def _fsync(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Bucket:
    """A bucket that speaks S3; who may, and at which address, is said by AWS_… variables."""

    def __init__(self, address: str) -> None:
        # Who writes http:// means it; archives are encrypted, and requests carry no secret.
        is_plain = os.environ.get("AWS_ENDPOINT_URL", "").lower().startswith("http://")
        try:
            self._store = S3Store.from_url(
                address, client_options={"allow_http": True} if is_plain else {}
            )
        except BaseError as error:
            raise PlaceRefused(f"{address} cannot be used: {in_words(error)}") from error
        self._address = address

    def names(self) -> list[str]:
        with self._in_words():
            return sorted(one["path"] for batch in obstore.list(self._store) for one in batch)

    @contextmanager
    def writing(self, name: str) -> Iterator[Taking]:
        with self._in_words():
            # Its parts are one object when it is closed, and nothing before.
            out = obstore.open_writer(self._store, name, buffer_size=_BUFFER, max_concurrency=2)
            yield _Sized(out)
            try:
                out.close()
            except FileNotFoundError as error:
                raise PlaceRefused(
                    f"There is no bucket {self._address}: {in_words(error)}"
                ) from error

    @contextmanager
    def reading(self, name: str) -> Iterator[Giving]:
        with self._in_words():
            yield _Bytes(obstore.open_reader(self._store, name))

    def remove(self, name: str) -> None:
        with self._in_words(), suppress(FileNotFoundError):
            obstore.delete(self._store, name)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except BaseError as error:
            raise PlaceRefused(
                f"{self._address} does not do what it is asked: {in_words(error)}"
            ) from error


class _Sized:
    """obstore's writer does not say how much it took."""

    def __init__(self, out: Any) -> None:
        self._out = out

    def write(self, piece: bytes) -> int:
        self._out.write(piece)
        return len(piece)

    def flush(self) -> None:
        """It is sent when there is enough of it."""


class _Bytes:
    """obstore's reader gives bytes of its own kind."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return bytes(self._file.read(None if size < 0 else size))
