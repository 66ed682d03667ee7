"""Addresses that wait to be confirmed. Only the digest of a link's secret is kept."""

from dataclasses import asdict
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert

from candidatures.person import ADDRESS_LIFE, AddressChange
from candidatures.store.metadata import metadata

address_change = sa.Table(
    "address_change",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("asked_by", sa.Uuid, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
)


def save(db: sa.Connection, change: AddressChange, token: str) -> None:
    """In place of another one of hers, whose link opens nothing any more; old ones are dropped."""
    late = address_change.c.asked_at <= change.asked_at - ADDRESS_LIFE
    db.execute(sa.delete(address_change).where(late))
    upsert(db, address_change, [asdict(change) | {"digest": _digest(token)}])


def opened_by(db: sa.Connection, token: str) -> AddressChange | None:
    return _find(db, address_change.c.digest == _digest(token))


def of_person(db: sa.Connection, person_id: UUID) -> AddressChange | None:
    return _find(db, address_change.c.person_id == person_id)


def delete(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(address_change).where(address_change.c.person_id == person_id))


def _find(db: sa.Connection, wanted: sa.ColumnElement[bool]) -> AddressChange | None:
    columns = [column for column in address_change.c if column.name != "digest"]
    row = db.execute(sa.select(*columns).where(wanted)).one_or_none()
    return AddressChange(**row._mapping) if row else None


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
