"""The secrets of the services of one folder: one of its own for each, and the key of sign-ins."""

from pathlib import Path

from essaim.broker.users import secret_in
from essaim.people.signing import new_key

_KEY = "sign-in-key"


def secret_of(data: Path, service: str) -> str:
    """What only this service proves its forms and feeds with; made now when there is none."""
    return secret_in(_folder(data) / service)


def sign_in_key_of(data: Path) -> str:
    """The key of the keeper of the directory, private; made now when there is none."""
    return secret_in(_folder(data) / _KEY, new_key)


def has_sign_in_key(data: Path) -> bool:
    return kept_in(data, _KEY)


def kept_in(data: Path, service: str) -> bool:
    """Whether this service has a secret here."""
    return (data / "secrets" / service).exists()


def _folder(data: Path) -> Path:
    folder = data / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
