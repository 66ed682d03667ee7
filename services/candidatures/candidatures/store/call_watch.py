"""Addresses that asked to be told of the next call; only the digests of their links are kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim.text.mail_address import comparable_address

from candidatures.call_watch import CallWatch
from candidatures.store.draft_secret import digest
from candidatures.store.metadata import metadata

call_watch = sa.Table(
    "call_watch",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("programme", sa.String(60), nullable=False, index=True),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("proved_at", Instant),
)


def _watch(row: Any) -> CallWatch:
    return CallWatch(row.id, row.programme, row.email, row.language, row.asked_at, row.proved_at)


def add(db: sa.Connection, new: CallWatch, token: str) -> None:
    row = {
        "id": new.id,
        "digest": digest(token),
        "programme": new.programme,
        "email": new.email,
        "language": new.language,
        "asked_at": new.asked_at,
    }
    db.execute(sa.insert(call_watch).values(row))


def find(db: sa.Connection, token: str) -> CallWatch | None:
    query = sa.select(call_watch).where(call_watch.c.digest == digest(token))
    row = db.execute(query).one_or_none()
    return _watch(row) if row else None


def prove(db: sa.Connection, proved: CallWatch, now: datetime) -> None:
    """The same address is told of one programme once: what it asked before goes."""
    others = sa.and_(
        call_watch.c.programme == proved.programme,
        sa.func.lower(call_watch.c.email) == proved.email.lower(),
        call_watch.c.id != proved.id,
    )
    db.execute(sa.delete(call_watch).where(others))
    mine = call_watch.c.id == proved.id
    db.execute(sa.update(call_watch).where(mine).values(proved_at=now))


def of_programme(db: sa.Connection, programme: str, before: datetime) -> list[CallWatch]:
    """Those that were proved, and asked before an instant: at most 100."""
    query = sa.select(call_watch).where(
        call_watch.c.programme == programme,
        call_watch.c.proved_at.is_not(None),
        call_watch.c.asked_at < before,
    )
    query = query.order_by(call_watch.c.asked_at, call_watch.c.id).limit(100)
    return [_watch(row) for row in db.execute(query)]


def proved(db: sa.Connection) -> list[CallWatch]:
    query = sa.select(call_watch).where(call_watch.c.proved_at.is_not(None))
    return [_watch(row) for row in db.execute(query.order_by(call_watch.c.asked_at))]


def delete(db: sa.Connection, watch_id: UUID) -> bool:
    """Whether it was there."""
    gone = sa.delete(call_watch).where(call_watch.c.id == watch_id)
    return db.execute(gone.returning(call_watch.c.id)).first() is not None


def restore(db: sa.Connection, known: CallWatch, kept_digest: str) -> None:
    """One of which the letter could not leave."""
    row = {**vars(known), "digest": kept_digest}
    db.execute(sa.insert(call_watch).values(row))


def digest_of(db: sa.Connection, watch_id: UUID) -> str:
    query = sa.select(call_watch.c.digest).where(call_watch.c.id == watch_id)
    found: str = db.scalars(query).one()
    return found


def forget_unproved(db: sa.Connection, before: datetime) -> None:
    old = sa.and_(call_watch.c.proved_at.is_(None), call_watch.c.asked_at < before)
    db.execute(sa.delete(call_watch).where(old))


def forget_address(db: sa.Connection, email: str) -> None:
    rows = db.execute(sa.select(call_watch.c.id, call_watch.c.email)).all()
    same = [row.id for row in rows if comparable_address(row.email) == comparable_address(email)]
    db.execute(sa.delete(call_watch).where(call_watch.c.id.in_(same)))
