"""The NATS users' keys: a seed proves who its holder is, a public key lets the broker check it.

A seed is made once and kept in a folder that only its owner reads; the broker never has it.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import nkeys

from essaim.broker.topology import OPERATOR, SYSTEM
from essaim.consortium.partners import Consortium


def users_of(consortium: Consortium) -> tuple[str, ...]:
    """Those whose seeds are made beside the broker."""
    return (OPERATOR, SYSTEM, *consortium.here)


def seeds_in(folder: Path, users: Iterable[str]) -> dict[str, str]:
    """The seed of each user, by name; one is made for each user who has none."""
    return secrets_in(folder, users, new_seed)


def keys_of(seeds: Mapping[str, str]) -> dict[str, str]:
    """The public key of each user, by name."""
    return {user: public_key_of(seed) for user, seed in seeds.items()}


def new_seed() -> str:
    """The seed of a new user, `SU…`."""
    return str(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())


def public_key_of(seed: str) -> str:
    """`U…`."""
    return str(nkeys.from_seed(bytearray(seed.encode())).public_key.decode())


def secrets_in(
    folder: Path, names: Iterable[str], make: Callable[[], str] = lambda: secrets.token_urlsafe(32)
) -> dict[str, str]:
    """The secret of each name; one is made for each that has none."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {name: secret_in(folder / name, make) for name in names}


def secret_in(file: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
    """The secret kept in `file`, made now when there is none."""
    if not file.exists():
        write_secret(file, make())
    return file.read_text()


def write_secret(file: Path, secret: str) -> None:
    """Whole or not at all: an empty secret would stay for ever."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(secret)
    new.rename(file)
