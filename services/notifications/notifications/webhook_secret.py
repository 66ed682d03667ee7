"""What signs a webhook, kept closed: whoever reads the database alone can sign nothing."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_CLEAR = "whsec_"
"""How a secret begins; an earlier version kept it so."""


class Box:
    """Closes secrets with the service's own secret, and opens what former ones closed.

    `secrets`: the present one first.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._keys = [Fernet(_key_of(secret)) for secret in secrets]

    def close(self, value: str) -> str:
        return self._keys[0].encrypt(value.encode()).decode()

    def open(self, closed: str) -> str | None:
        """None where none of our keys closed it."""
        if closed.startswith(_CLEAR):
            return closed
        try:
            return MultiFernet(self._keys).decrypt(closed).decode()
        except InvalidToken:
            return None

    def is_closed_now(self, closed: str) -> bool:
        """Whether the present key opens it."""
        try:
            self._keys[0].decrypt(closed)
        except InvalidToken:
            return False
        return True


def _key_of(secret: str) -> bytes:
    """A key for this use alone: what proves forms opens nothing here."""
    derive = HKDF(SHA256(), length=32, salt=None, info=b"essaim webhook secrets")
    return urlsafe_b64encode(derive.derive(secret.encode()))
