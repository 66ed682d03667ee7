"""Passwords of the NATS users, made once and kept in a folder only its owner reads."""

import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from essaim.broker.topology import OPERATOR
from essaim.consortium.partners import Consortium


def users_of(consortium: Consortium) -> tuple[str, ...]:
    return (OPERATOR, *consortium.services)


def passwords_in(folder: Path, users: Iterable[str]) -> dict[str, str]:
    """The password of each user, by name; one is made for each user who has none."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {user: secret_in(folder / user) for user in users}


def secret_in(file: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
    """The secret kept in `file`, made now when there is none."""
    if not file.exists():
        # Whole or not at all: an empty secret would stay for ever.
        new = file.with_name(f"{file.name}.new")
        new.touch(mode=0o600)
        new.write_text(make())
        new.rename(file)
    return file.read_text()
