"""Addresses from which letters come back: nothing more is sent there until they change."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.ids import new_id
from essaim.keeping.database import Instant, insert
from essaim.retention.rule import Kept
from essaim.text.mail_address import comparable_address

from notifications.store.programme import programme
from notifications.store.tables import metadata

bounced = sa.Table(
    "bounced_address",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("address", sa.String(254), nullable=False, unique=True),
    sa.Column("programme", sa.String(60), nullable=False),
    sa.Column("since", Instant, nullable=False),
)


def add(db: sa.Connection, address: str, programme: str, at: datetime) -> None:
    row = {"id": new_id(), "address": comparable_address(address), "programme": programme}
    db.execute(insert(db, bounced).values(row | {"since": at}).on_conflict_do_nothing())


def is_known(db: sa.Connection, address: str) -> bool:
    same = bounced.c.address == comparable_address(address)
    return bool(db.scalar(sa.select(sa.exists().where(same))))


def every(db: sa.Connection) -> set[str]:
    """As `comparable_address` writes them."""
    return set(db.scalars(sa.select(bounced.c.address)))


def forget_address(db: sa.Connection, address: str) -> None:
    db.execute(sa.delete(bounced).where(bounced.c.address == comparable_address(address)))


def forget(db: sa.Connection, id: UUID) -> None:
    db.execute(sa.delete(bounced).where(bounced.c.id == id))


def kept(db: sa.Connection) -> Iterator[Kept]:
    query: sa.Select[Any] = sa.select(bounced, programme.c.name).select_from(
        bounced.outerjoin(programme, programme.c.slug == bounced.c.programme)
    )
    for row in db.execute(query):
        since = row.since.astimezone(PARIS).date()
        yield Kept(row.id, row.name or row.programme, row.programme, since=since)
