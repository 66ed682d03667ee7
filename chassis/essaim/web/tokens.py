"""Signed proofs of who somebody is: API bearer tokens and the sign-in cookie.

They hold an opaque person id and a time, nothing else; rights are read from the directory at
each request, so a role that ends, ends at once.
"""

from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer

SIGN_IN_COOKIE = "essaim_sign_in"
SIGN_IN_SECONDS = 12 * 3600
_DAY_SECONDS = 86_400


def issue(secret: str, person_id: UUID, days: int) -> str:
    """A bearer token for the JSON APIs that ends after `days`."""
    return _serializer(secret, "essaim.bearer").dumps([str(person_id), days])


def read(secret: str, token: str) -> UUID | None:
    """Whose bearer token this is; None when it is false or has ended."""
    serializer = _serializer(secret, "essaim.bearer")
    try:
        _, days = serializer.loads(token)
        person_id, _ = serializer.loads(token, max_age=days * _DAY_SECONDS)
    except BadSignature:
        return None
    return UUID(person_id)


def sign_in_cookie(secret: str, person_id: UUID) -> str:
    """The value of the cookie of somebody signed in, good for twelve hours."""
    return _serializer(secret, "essaim.sign-in").dumps(str(person_id))


def read_sign_in_cookie(secret: str, value: str) -> UUID | None:
    try:
        return UUID(_serializer(secret, "essaim.sign-in").loads(value, max_age=SIGN_IN_SECONDS))
    except BadSignature:
        return None


def _serializer(secret: str, salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=salt)
