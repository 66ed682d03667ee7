"""Links that sign somebody in, once and soon. Only their digest is kept.

Whoever reads the database cannot sign in with what stands there.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa

from essaim.keeping.tables import sign_in_link as table

LINK_MINUTES = 20
_KEPT_AFTER_END = timedelta(days=1)


@dataclass(frozen=True)
class Used:
    """Whom a link signed in, and the page of which service she had asked for."""

    person_id: UUID
    service: str
    next: str


def new_token() -> str:
    return secrets.token_urlsafe(32)


def keep_link(db: sa.Connection, token: str, used: Used) -> None:
    """Let this token sign the person in; those that ended long ago are dropped."""
    now = datetime.now(UTC)
    db.execute(sa.delete(table).where(table.c.expires_at < now - _KEPT_AFTER_END))
    expires_at = now + timedelta(minutes=LINK_MINUTES)
    db.execute(sa.insert(table), vars(used) | {"digest": _digest(token), "expires_at": expires_at})


def find_link(db: sa.Connection, token: str) -> UUID | None:
    """Whom the token would sign in."""
    person_id: UUID | None = db.scalar(sa.select(table.c.person_id).where(_opens(token)))
    return person_id


def use_link(db: sa.Connection, token: str) -> Used | None:
    """Whom the token signs in, from now on nobody; None when it is spent, too old or unknown.

    Her other links open nothing any more: whoever reads her old letters comes too late.
    """
    now = datetime.now(UTC)
    statement = (
        sa.update(table)
        .where(_opens(token))
        .values(used_at=now)
        .returning(table.c.person_id, table.c.service, table.c.next)
    )
    row = db.execute(statement).one_or_none()
    if row is None:
        return None
    others = sa.update(table).where(table.c.person_id == row.person_id, table.c.used_at.is_(None))
    db.execute(others.values(used_at=now))
    return Used(row.person_id, row.service or "", row.next or "")


def _opens(token: str) -> sa.ColumnElement[bool]:
    in_time = table.c.expires_at > datetime.now(UTC)
    return sa.and_(table.c.digest == _digest(token), table.c.used_at.is_(None), in_time)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
