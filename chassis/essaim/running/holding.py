"""One consortium to a folder: who has it locks it, and the lock ends with the program."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 0.5
"""Seconds: whoever only looks whether the folder is held holds it for an instant."""


class AlreadyRunning(Exception):
    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(
            f"A consortium already runs on {folder} (process {pid}). Stop it, or choose another "
            "folder with --data."
        )


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Have the folder for ourselves during this block; it is made where there is none.

    Raises:
        AlreadyRunning: another program has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(lock_of(folder), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(file, folder)
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(file)


def is_held(folder: Path) -> bool:
    """Whether a program that runs has the folder."""
    try:
        file = os.open(lock_of(folder), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _take(file: int, folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise AlreadyRunning(folder, os.pread(file, 20, 0).decode()) from None
        time.sleep(0.02)


def lock_of(folder: Path) -> Path:
    """The file that is locked; it stays when nobody has the folder."""
    return folder / "lock"
