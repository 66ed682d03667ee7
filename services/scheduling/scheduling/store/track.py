"""Tracks, each version as its file says it."""

from datetime import datetime

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim.text.collation import order_key
from essaim_contracts.envelope import NETWORK

from scheduling.store.columns import code, metadata
from scheduling.track import Track

track = sa.Table(
    "track",
    metadata,
    code("code", key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(300), nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("imported_at", Instant, nullable=False),
    # Whose coordination adds versions; the network's own are its operators'.
    sa.Column("programme", sa.String(60), nullable=False, server_default=NETWORK),
)


def find(db: sa.Connection, code: str, version: int | None = None) -> Track | None:
    """This version of a track; the latest by default."""
    query = sa.select(track.c.document).where(track.c.code == code)
    if version is not None:
        query = query.where(track.c.version == version)
    document = db.execute(query.order_by(track.c.version.desc()).limit(1)).scalar_one_or_none()
    return Track.model_validate(document) if document else None


def load_all(db: sa.Connection) -> list[Track]:
    """Every version, by code, the latest first."""
    query = sa.select(track.c.document).order_by(track.c.version.desc())
    found = [Track.model_validate(document) for document in db.execute(query).scalars()]
    return sorted(found, key=lambda one: order_key(one.code))


def owner_of(db: sa.Connection, code: str) -> str | None:
    """The programme that imported a track first, or the network; None while nobody did."""
    query = sa.select(track.c.programme).where(track.c.code == code)
    return db.scalar(query.order_by(track.c.version.desc()).limit(1))


def give_to(db: sa.Connection, code: str, programme: str) -> None:
    """All versions belong to this programme from now on."""
    db.execute(sa.update(track).where(track.c.code == code).values(programme=programme))


def save(db: sa.Connection, new: Track, programme: str, now: datetime) -> None:
    document = new.model_dump(mode="json", exclude_unset=True)
    row = {"code": new.code, "version": new.version, "name": new.name, "document": document}
    db.execute(sa.insert(track), row | {"programme": programme, "imported_at": now})
