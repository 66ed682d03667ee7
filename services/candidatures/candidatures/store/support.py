"""Hours granted to our projects, and their sessions to come, as scheduling said them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert
from essaim_contracts.scheduling import (
    HourKind,
    HoursGranted,
    HoursUsed,
    SessionMoved,
    SessionPlanned,
)

from candidatures.project import ComingSession, Package
from candidatures.store.metadata import metadata

package = sa.Table(
    "project_package",
    metadata,
    sa.Column("package_id", sa.Uuid, primary_key=True),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("minutes_left", sa.Integer, nullable=False),
)

coming = sa.Table(
    "coming_session",
    metadata,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("project_id", sa.Uuid, primary_key=True, index=True),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("place", sa.String(300)),
)


def save_package(db: sa.Connection, granted: HoursGranted) -> None:
    row = granted.model_dump(include={"package_id", "project_id", "minutes"})
    more = {"kind": granted.kind.value, "minutes_left": granted.minutes}
    upsert(db, package, [row | more])


def save_use(db: sa.Connection, used: HoursUsed) -> None:
    """What is left is said; a package nobody told us of stays unknown."""
    mine = package.c.package_id == used.package_id
    db.execute(sa.update(package).where(mine).values(minutes_left=used.minutes_left))


def save_planned(db: sa.Connection, planned: SessionPlanned) -> None:
    """A session of another plan than before is for the projects that are named now."""
    end(db, planned.session_id)
    row = planned.model_dump(include={"session_id", "title", "starts_at", "place"})
    rows = [row | {"project_id": project_id} for project_id in planned.project_ids]
    upsert(db, coming, rows)


def save_moved(db: sa.Connection, moved: SessionMoved) -> None:
    values = {"starts_at": moved.starts_at, "place": moved.place}
    db.execute(sa.update(coming).where(coming.c.session_id == moved.session_id).values(values))


def end(db: sa.Connection, session_id: UUID) -> None:
    """It was held, or will not be."""
    db.execute(sa.delete(coming).where(coming.c.session_id == session_id))


def packages_of(db: sa.Connection, project_ids: Collection[UUID]) -> dict[UUID, list[Package]]:
    """What each of these projects was granted, a sum for each kind, by kind."""
    query = (
        sa.select(
            package.c.project_id,
            package.c.kind,
            sa.func.sum(package.c.minutes).label("minutes"),
            sa.func.sum(package.c.minutes_left).label("left"),
        )
        .where(package.c.project_id.in_(project_ids))
        .group_by(package.c.project_id, package.c.kind)
        .order_by(package.c.kind)
    )
    found: dict[UUID, list[Package]] = {}
    for row in db.execute(query):
        held = Package(HourKind(row.kind), row.minutes, row.left)
        found.setdefault(row.project_id, []).append(held)
    return found


def coming_of(
    db: sa.Connection, project_ids: Collection[UUID], now: datetime
) -> dict[UUID, list[ComingSession]]:
    """The sessions to come of each of these projects, the next one first."""
    query = sa.select(coming).where(coming.c.project_id.in_(project_ids), coming.c.starts_at > now)
    found: dict[UUID, list[ComingSession]] = {}
    for row in db.execute(query.order_by(coming.c.starts_at, coming.c.session_id)):
        found.setdefault(row.project_id, []).append(_session(row))
    return found


def _session(row: Any) -> ComingSession:
    return ComingSession(row.session_id, row.title, row.starts_at, row.place)
