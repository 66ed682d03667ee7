"""The operator's desk: where who takes part is kept, and what broker and services read of it."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from essaim.broker.client import connected
from essaim.broker.rights import users_config
from essaim.broker.topology import SYSTEM
from essaim.consortium.file import as_yaml, read
from essaim.consortium.partners import Consortium
from essaim.service import Service

KEYS = "keys.json"
FORMER = "former-keys.json"
USERS = "users.conf"
SPELT_OUT = "spelt-out.yaml"


@dataclass(frozen=True)
class Desk:
    """Where an operator keeps who takes part, and how the broker is told.

    `folder` holds what the broker and the services read: the users, the public keys made here, the
    consortium spelt out. `seeds` holds the seeds of the services here, where they may be changed.
    `url` is empty while no broker runs; it then reads all when it starts.
    """

    file: Path
    folder: Path
    services: Mapping[str, Service]
    operator_seed: str
    system_seed: str
    url: str = ""
    ca: Path | None = None
    seeds: Path | None = None

    def consortium(self) -> Consortium:
        """
        Raises:
            UnreadableConsortium: the file is wrong.
        """
        return read(self.file, self.services)


def keep_keys(folder: Path, keys: Mapping[str, str]) -> None:
    """Note public keys of users whose seeds are made here, beside those already noted."""
    noted = kept_keys(folder)
    former = {noted[name]: name for name, key in keys.items() if noted.get(name, key) != key}
    if former:
        write_whole(folder / FORMER, json.dumps(former_keys(folder) | former, indent=2))
    write_whole(folder / KEYS, json.dumps({**noted, **keys}, indent=2))


def kept_keys(folder: Path) -> dict[str, str]:
    return _read_json(folder / KEYS)


def former_keys(folder: Path) -> dict[str, str]:
    """Whose each key was that another one took the place of."""
    return _read_json(folder / FORMER)


def _read_json(file: Path) -> dict[str, str]:
    try:
        values: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return values


def write_users(folder: Path, consortium: Consortium) -> None:
    """What the broker and the services read of a consortium; what is so already is left alone.

    Whoever follows these files acts on each that is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        USERS: users_config(consortium, kept_keys(folder)),
        SPELT_OUT: as_yaml(consortium, spelt_out=True),
    }
    for name, content in written.items():
        file = folder / name
        if not file.exists() or file.read_text("utf-8") != content:
            write_whole(file, content)


def share(desk: Desk, given: Path) -> None:
    """Begin where nothing is yet with the file of `given`, and take the keys that were made there.

    As the files lie on a disk of several hosts, whoever reads them is another user than ours.

    Raises:
        UnreadableConsortium: the file is wrong.
    """
    with alone(desk.file):
        if not desk.file.exists():
            write_whole(desk.file, (given / desk.file.name).read_text("utf-8"))
        keep_keys(desk.folder, kept_keys(given))
        write_users(desk.folder, desk.consortium())
    for file in (USERS, SPELT_OUT):
        (desk.folder / file).chmod(0o644)


def connection_of(desk: Desk, user: str) -> AbstractAsyncContextManager[Client]:
    """As the operator, or as the broker's user `system`."""
    seed = desk.system_seed if user == SYSTEM else desk.operator_seed
    return connected(desk.url, user, seed, desk.ca)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Two changes at once would lose one."""
    lock = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def write_whole(file: Path, content: str) -> None:
    """Whole or not at all, with the rights the file had."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with new.open("w", encoding="utf-8") as out:
        out.write(content)
        out.flush()
        if file.exists():
            os.fchmod(out.fileno(), file.stat().st_mode & 0o777)
        os.fsync(out.fileno())
    new.rename(file)
