"""Tracks, each version as its file says it."""

from datetime import datetime

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim.text.collation import order_key

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


def save(db: sa.Connection, new: Track, now: datetime) -> None:
    document = new.model_dump(mode="json", exclude_unset=True)
    row = {"code": new.code, "version": new.version, "name": new.name, "document": document}
    db.execute(sa.insert(track), row | {"imported_at": now})
