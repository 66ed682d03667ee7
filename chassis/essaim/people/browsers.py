"""The browsers a service knows by a cookie: who is signed in there, also while the keeper is down.

The cookie is a random secret, of which the digest alone is kept.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa

from essaim.keeping.database import insert
from essaim.keeping.tables import signed_in_browser as table
from essaim.people.ended import is_ended


@dataclass(frozen=True)
class SignedIn:
    """Who a browser belongs to, under which sign-in, and until when."""

    person_id: UUID
    sign_in_id: UUID
    ends_at: datetime


def welcome(db: sa.Connection, who: SignedIn, ticket: str) -> str | None:
    """Know a browser from now on; gives the secret for its cookie.

    None when the ticket was used before, or the sign-in was ended meanwhile.
    """
    now = datetime.now(UTC)
    db.execute(sa.delete(table).where(table.c.ends_at < now))
    if is_ended(db, who.sign_in_id):
        return None
    secret = secrets.token_urlsafe(32)
    row = vars(who) | {"digest": _digest(secret), "ticket": ticket, "begun_at": now}
    opened = insert(db, table).values(row).on_conflict_do_nothing().returning(table.c.digest)
    return secret if db.execute(opened).first() is not None else None


def find(db: sa.Connection, secret: str) -> SignedIn | None:
    """Whose browser has this cookie, for as long as that lasts."""
    columns = (table.c.person_id, table.c.sign_in_id, table.c.ends_at)
    query = sa.select(*columns).where(
        table.c.digest == _digest(secret), table.c.ends_at > datetime.now(UTC)
    )
    row = db.execute(query).one_or_none()
    return SignedIn(*row) if row else None


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
