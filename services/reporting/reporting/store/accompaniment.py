"""Who is beside a project, from the facts about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim_contracts.candidatures import PartnerJoined
from essaim_contracts.scheduling import (
    PairingEnded,
    PairingKind,
    PairingMade,
    SessionCancelled,
    SessionHeld,
    SessionPlanned,
)

from reporting.store.project import project_bearer
from reporting.store.timeline import timeline, timeline_project

_BESIDE = (PairingMade, PairingEnded, SessionPlanned, SessionHeld)


@dataclass(frozen=True)
class Beside:
    """An organisation paired with a project, or (`kind` None) that gave a session of it.

    `person_id` acts for it when she was named; `alone_id` is the person it is.
    """

    organisation_id: UUID
    kind: PairingKind | None
    person_id: UUID | None
    alone_id: UUID | None


def bears(db: sa.Connection, project_id: UUID, person_id: UUID) -> bool:
    query = sa.select(project_bearer.c.project_id).where(
        project_bearer.c.project_id == project_id, project_bearer.c.person_id == person_id
    )
    return db.execute(query.limit(1)).one_or_none() is not None


def load_beside(db: sa.Connection, project_id: UUID) -> list[Beside]:
    """Those beside a project now: pairings that have not ended, givers of sessions that stand."""
    about = sa.select(timeline_project.c.fact_id, timeline_project.c.source).where(
        timeline_project.c.project_id == project_id
    )
    query = sa.select(timeline.c.type, timeline.c.body).where(
        sa.tuple_(timeline.c.fact_id, timeline.c.source).in_(about),
        timeline.c.type.in_([one.type for one in _BESIDE]),
    )
    found: dict[str, Mapping[str, Any]] = {}
    for row in db.execute(query.order_by(timeline.c.seq)):
        body = json.loads(row.body)
        if row.type == PairingEnded.type:
            found.pop(body["pairing_id"], None)
        elif row.type == PairingMade.type:
            found[body["pairing_id"]] = body
        elif body.get("provider_id"):
            found[body["session_id"]] = {"organisation_id": body["provider_id"]}
        else:
            found.pop(body["session_id"], None)
    for session_id in _cancelled(db, [UUID(id) for id in found]):
        found.pop(str(session_id))
    alone = _alone(db, {UUID(body["organisation_id"]) for body in found.values()})
    return [_beside(body, alone) for body in found.values()]


def _cancelled(db: sa.Connection, ids: list[UUID]) -> set[UUID]:
    """Those that are cancelled sessions: what cancels one names no project."""
    query = sa.select(timeline.c.key).where(
        timeline.c.key.in_(ids), timeline.c.type == SessionCancelled.type
    )
    return set(db.scalars(query))


def _beside(body: Mapping[str, Any], alone: Mapping[UUID, UUID]) -> Beside:
    organisation_id, person_id, kind = (
        body.get(name) for name in ("organisation_id", "person_id", "kind")
    )
    return Beside(
        organisation_id=UUID(organisation_id),
        kind=PairingKind(kind) if kind else None,
        person_id=UUID(person_id) if person_id else None,
        alone_id=alone.get(UUID(organisation_id)),
    )


def _alone(db: sa.Connection, organisation_ids: set[UUID]) -> dict[UUID, UUID]:
    """The person that an organisation is, where it is one who acts alone."""
    query = sa.select(timeline.c.key, timeline.c.body).where(
        timeline.c.type == PartnerJoined.type, timeline.c.key.in_(organisation_ids)
    )
    said = {
        row.key: json.loads(row.body).get("person_id")
        for row in db.execute(query.order_by(timeline.c.seq))
    }
    return {id: UUID(person_id) for id, person_id in said.items() if person_id}
