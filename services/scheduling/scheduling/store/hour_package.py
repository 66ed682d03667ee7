"""Hour packages and what used them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.keeping.database import upsert
from essaim_contracts.scheduling import GrantReason, HourKind, HoursUsed

from scheduling.hour_package import HourPackage, HourUse
from scheduling.store.columns import code, identifier, metadata

hour_package = sa.Table(
    "hour_package",
    metadata,
    identifier("id", key=True),
    code("programme"),
    identifier("edition_id"),
    identifier("cohort_id"),
    identifier("project_id", index=True),
    code("kind", HourKind),
    sa.Column("minutes", sa.Integer, nullable=False),
    code("reason", GrantReason),
    sa.Column("granted_on", sa.Date, nullable=False),
    sa.Column("minutes_used", sa.Integer, nullable=False),
    sa.Column("minutes_over", sa.Integer, nullable=False),
    sa.CheckConstraint("minutes + minutes_over >= minutes_used", name="hour_package_never_below"),
)

hour_use = sa.Table(
    "hour_use",
    metadata,
    identifier("id", key=True),
    identifier("package_id", index=True),
    identifier("session_id"),
    identifier("provider_id", optional=True),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("minutes_over", sa.Integer, nullable=False),
    identifier("override_by", optional=True),
    sa.Column("used_on", sa.Date, nullable=False),
)


def of_project(
    db: sa.Connection,
    project_id: UUID,
    cohort_id: UUID | None = None,
    kind: HourKind | None = None,
    *,
    lock: bool = False,
) -> list[HourPackage]:
    """The packages of a project, the oldest first; `lock` makes another use of them wait."""
    query = sa.select(hour_package).where(hour_package.c.project_id == project_id)
    if cohort_id is not None:
        query = query.where(hour_package.c.cohort_id == cohort_id)
    if kind is not None:
        query = query.where(hour_package.c.kind == kind)
    query = query.order_by(hour_package.c.granted_on, hour_package.c.id)
    rows = db.execute(query.with_for_update() if lock else query)
    return [HourPackage(**row._mapping) for row in rows]


def save(db: sa.Connection, packages: Sequence[HourPackage]) -> None:
    upsert(db, hour_package, [asdict(package) for package in packages])


def load_uses(db: sa.Connection, package_ids: Iterable[UUID]) -> list[HourUse]:
    """What used these packages, by day."""
    query = sa.select(
        hour_use.c.package_id,
        hour_use.c.session_id,
        hour_use.c.provider_id,
        hour_use.c.minutes,
        hour_use.c.minutes_over,
        hour_use.c.override_by,
        hour_use.c.used_on,
    ).where(hour_use.c.package_id.in_(list(package_ids)))
    rows = db.execute(query.order_by(hour_use.c.used_on, hour_use.c.id))
    return [HourUse(**row._mapping) for row in rows]


def save_use(db: sa.Connection, package: HourPackage, use: HoursUsed) -> None:
    """A use, and the package once it is counted."""
    columns = {"package_id", "session_id", "provider_id", "minutes", "minutes_over", "override_by"}
    row = use.model_dump(include=columns | {"used_on"})
    db.execute(sa.insert(hour_use), row | {"id": new_id()})
    save(db, [package])
