"""Links that sign somebody in, once and soon. Only their digest is kept.

Whoever reads the database cannot sign in with what stands there.
"""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa

from essaim.keeping.tables import sign_in_link as table

LINK_MINUTES = 20
_KEPT_AFTER_END = timedelta(days=1)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def keep_link(db: sa.Connection, token: str, person_id: UUID) -> None:
    """Let this token sign the person in; those that ended long ago are dropped."""
    now = datetime.now(UTC)
    db.execute(sa.delete(table).where(table.c.expires_at < now - _KEPT_AFTER_END))
    expires_at = now + timedelta(minutes=LINK_MINUTES)
    row = {"digest": _digest(token), "person_id": person_id, "expires_at": expires_at}
    db.execute(sa.insert(table), row)


def use_link(db: sa.Connection, token: str) -> UUID | None:
    """Whom the token signs in, from now on nobody; None when it is spent, too old or unknown."""
    now = datetime.now(UTC)
    used = db.execute(
        sa.update(table)
        .where(
            table.c.digest == _digest(token), table.c.used_at.is_(None), table.c.expires_at > now
        )
        .values(used_at=now)
        .returning(table.c.person_id)
    )
    return used.scalar_one_or_none()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
