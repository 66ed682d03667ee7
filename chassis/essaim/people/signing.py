"""What the keeper of the directory signs and everybody reads: who signed in, for which service.

Ed25519 in a JSON Web Token. Only the keeper has the key that signs, so nobody else can say who
somebody is; the public one is no secret. A key is 32 bytes in base64, without padding.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from essaim.settings import Settings

_ALGORITHM = "EdDSA"
_ISSUER = "essaim"
_LEEWAY = timedelta(seconds=30)
"""How far the clocks of two partners' machines may differ."""
_CLAIMS = ("iss", "aud", "sub", "sid", "jti", "kind", "iat", "exp", "until")


class Kind(StrEnum):
    TICKET = "ticket"
    """Hands somebody over to another service, once and at once."""
    BEARER = "bearer"
    """Lets a program speak for somebody to one service's API."""
    QUESTION = "question"
    """Says to one service for whom the keeper asks it something, at once."""


@dataclass(frozen=True)
class Proof:
    """That a person signed in, for one service.

    `sign_in_id` is what she can end, `id` this proof's own; the sign-in lasts `until`. `state` is
    what the service gave the browser it sent.
    """

    kind: Kind
    id: str
    service: str
    person_id: UUID
    sign_in_id: UUID
    until: datetime
    state: str = ""


class UnusableKey(ValueError):
    def __init__(self, setting: str) -> None:
        super().__init__(
            f"{setting} is no Ed25519 key: 32 bytes in base64, 43 signs. Let `essaim up` or the "
            "compose deployment make one, or print a new one with `essaim sign-in-key --new`."
        )


def new_key() -> str:
    """A new private key."""
    return _written(Ed25519PrivateKey.generate().private_bytes_raw())


def public_key_of(key: str) -> str:
    """
    Raises:
        UnusableKey: this is no private key.
    """
    return _written(_private(key).public_key().public_bytes_raw())


def public_key_in(settings: Settings) -> str:
    """What a service reads signatures with: its setting, or what follows from the keeper's own key.

    Raises:
        UnusableKey: it has none, or this is none.
    """
    if key := settings.sign_in_key.get_secret_value():
        return public_key_of(key)
    _public(settings.sign_in_public_key)
    return settings.sign_in_public_key


def sign(key: str, proof: Proof, expires: datetime) -> str:
    """The proof as text that says nothing any more once it `expires`."""
    claims: dict[str, Any] = {
        "iss": _ISSUER,
        "aud": proof.service,
        "sub": str(proof.person_id),
        "sid": str(proof.sign_in_id),
        "jti": proof.id,
        "kind": proof.kind.value,
        "nonce": proof.state,
        "iat": datetime.now(UTC),
        "exp": expires,
        "until": int(proof.until.timestamp()),
    }
    return jwt.encode(claims, _private(key), algorithm=_ALGORITHM)


def read(public_key: str, text: str, kind: Kind, service: str) -> Proof | None:
    """What the keeper signed, for this service and in time; None for anything else."""
    try:
        claims = jwt.decode(
            text,
            _public(public_key),
            algorithms=[_ALGORITHM],
            audience=service,
            issuer=_ISSUER,
            leeway=_LEEWAY,
            options={"require": list(_CLAIMS)},
        )
        return _proof(claims, service) if claims["kind"] == kind.value else None
    except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError):
        return None


def signed_at(public_key: str, text: str, service: str) -> datetime | None:
    """When the keeper signed it, by its own clock, whatever ours says; None if it did not.

    What `read` refuses and this knows was signed long ago, or one of two clocks is wrong.
    """
    try:
        claims = jwt.decode(
            text,
            _public(public_key),
            algorithms=[_ALGORITHM],
            audience=service,
            issuer=_ISSUER,
            options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
        )
        return datetime.fromtimestamp(claims["iat"], UTC)
    except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError):
        return None


def _proof(claims: dict[str, Any], service: str) -> Proof:
    return Proof(
        kind=Kind(claims["kind"]),
        id=str(claims["jti"]),
        service=service,
        person_id=UUID(claims["sub"]),
        sign_in_id=UUID(claims["sid"]),
        until=datetime.fromtimestamp(claims["until"], UTC),
        state=str(claims.get("nonce", "")),
    )


@cache
def _private(key: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(_read(key))
    except ValueError as error:
        raise UnusableKey("ESSAIM_SIGN_IN_KEY") from error


@cache
def _public(key: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(_read(key))
    except ValueError as error:
        raise UnusableKey("ESSAIM_SIGN_IN_PUBLIC_KEY") from error


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _read(key: str) -> bytes:
    return urlsafe_b64decode(key + "=" * (-len(key) % 4))
