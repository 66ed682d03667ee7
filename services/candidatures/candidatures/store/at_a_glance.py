"""A cohort at a glance: what is known of each of its projects, in as many statements as kinds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim_contracts.scheduling import PairingKind

from candidatures.project import ComingSession, Package
from candidatures.store import support
from candidatures.store.accompaniment import accompaniment
from candidatures.store.deliverable import handed_in
from candidatures.store.programme import organisation
from candidatures.store.project import held_session, progress
from candidatures.store.trophy import trophy


@dataclass(frozen=True)
class Beside:
    """Who accompanies a project: an organisation, and who acts for it where that was said."""

    kind: PairingKind
    name: str | None
    person_id: UUID | None


@dataclass(frozen=True)
class Known:
    """What is known of some projects, by their ids; whoever is not in it has none."""

    beside: Mapping[UUID, list[Beside]]
    packages: Mapping[UUID, list[Package]]
    coming: Mapping[UUID, list[ComingSession]]
    held: Mapping[UUID, int]
    """How many sessions were held."""
    status: Mapping[UUID, str]
    files: Mapping[UUID, datetime]
    """When the last version of anything was handed in."""
    trophies: Mapping[UUID, list[tuple[str, date]]]


def of(db: sa.Connection, project_ids: Collection[UUID], now: datetime) -> Known:
    return Known(
        beside=_beside(db, project_ids),
        packages=support.packages_of(db, project_ids),
        coming=support.coming_of(db, project_ids, now),
        held=_counted(db, held_session.c.project_id, sa.func.count(), project_ids),
        status=_counted(db, progress.c.project_id, sa.func.max(progress.c.status), project_ids),
        files=_counted(
            db, handed_in.c.project_id, sa.func.max(handed_in.c.handed_in_at), project_ids
        ),
        trophies=_trophies(db, project_ids),
    )


def _counted(
    db: sa.Connection,
    of: sa.Column[UUID],
    what: sa.ColumnElement[Any],
    ids: Collection[UUID],
) -> dict[UUID, Any]:
    query = sa.select(of, what).where(of.in_(ids)).group_by(of)
    return {row[0]: row[1] for row in db.execute(query)}


def _beside(db: sa.Connection, ids: Collection[UUID]) -> dict[UUID, list[Beside]]:
    query = (
        sa.select(
            accompaniment.c.project_id,
            accompaniment.c.kind,
            organisation.c.name,
            sa.func.coalesce(accompaniment.c.person_id, organisation.c.person_id).label("person"),
        )
        .outerjoin(organisation, organisation.c.id == accompaniment.c.organisation_id)
        .where(accompaniment.c.project_id.in_(ids), accompaniment.c.kind.is_not(None))
        .order_by(accompaniment.c.kind, organisation.c.name)
    )
    found: dict[UUID, list[Beside]] = {}
    for row in db.execute(query):
        one = Beside(PairingKind(row.kind), row.name, row.person)
        found.setdefault(row.project_id, []).append(one)
    return found


def _trophies(db: sa.Connection, ids: Collection[UUID]) -> dict[UUID, list[tuple[str, date]]]:
    query = sa.select(trophy.c.project_id, trophy.c.title, trophy.c.awarded_on)
    found: dict[UUID, list[tuple[str, date]]] = {}
    for row in db.execute(
        query.where(trophy.c.project_id.in_(ids), trophy.c.announced).order_by(trophy.c.awarded_on)
    ):
        found.setdefault(row.project_id, []).append((row.title, row.awarded_on))
    return found
