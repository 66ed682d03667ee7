"""The secrets that open drafts and what became of them: only their digests are kept."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert

from candidatures.store.metadata import metadata


class SecretKind(StrEnum):
    BROWSER = "browser"
    """Held by a browser, or by a program: reads, writes and sends the draft."""
    LINK = "link"
    """Sent by mail: gives a browser a secret of its own."""


draft_secret = sa.Table(
    "draft_secret",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("application_id", sa.Uuid, nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    # Where a link was sent; of a browser's secret, where the link was sent that gave it.
    sa.Column("email", sa.String(254)),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def add(
    db: sa.Connection,
    application_id: UUID,
    secret: str,
    kind: SecretKind,
    now: datetime,
    email: str | None = None,
) -> bool:
    """Keep a new secret; False when it is one already, of whichever draft."""
    row = {
        "digest": digest(secret),
        "application_id": application_id,
        "kind": kind.value,
        "email": email,
        "made_at": now,
    }
    statement = insert(db, draft_secret).values(row).on_conflict_do_nothing()
    return db.execute(statement.returning(draft_secret.c.digest)).first() is not None


def opened_by(db: sa.Connection, secret: str, kind: SecretKind) -> tuple[UUID, str | None] | None:
    """The application that a secret opens, and where its link was sent; None once it ended."""
    query = sa.select(draft_secret.c.application_id, draft_secret.c.email).where(
        draft_secret.c.digest == digest(secret),
        draft_secret.c.kind == kind.value,
        draft_secret.c.ended_at.is_(None),
    )
    row = db.execute(query).one_or_none()
    return (row.application_id, row.email) if row else None


def opened_once(db: sa.Connection, secret: str) -> UUID | None:
    """The application of a browser's secret that ended: it opens nothing any more."""
    query = sa.select(draft_secret.c.application_id).where(
        draft_secret.c.digest == digest(secret),
        draft_secret.c.kind == SecretKind.BROWSER.value,
        draft_secret.c.ended_at.is_not(None),
    )
    found: UUID | None = db.execute(query).scalar_one_or_none()
    return found


def end_others(db: sa.Connection, application_id: UUID, email: str, now: datetime) -> None:
    """End all secrets of a draft but those that came by mail to this address."""
    elsewhere = sa.func.lower(draft_secret.c.email) != email.lower()
    others = sa.or_(draft_secret.c.email.is_(None), elsewhere)
    mine = draft_secret.c.application_id == application_id
    db.execute(
        sa.update(draft_secret)
        .where(mine, others, draft_secret.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def delete_of(db: sa.Connection, application_ids: Sequence[UUID]) -> None:
    db.execute(sa.delete(draft_secret).where(draft_secret.c.application_id.in_(application_ids)))


def forget(db: sa.Connection, secret: str) -> None:
    """A link that never left."""
    db.execute(sa.delete(draft_secret).where(draft_secret.c.digest == digest(secret)))
