"""Pairings in every state."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim_contracts.scheduling import PairingEndReason, PairingKind, PairingMethod

from scheduling.assignment import Reason
from scheduling.pairing import Pairing, PairingState, unknown_pairing
from scheduling.store.columns import code, identifier, metadata

pairing = sa.Table(
    "pairing",
    metadata,
    identifier("id", key=True),
    code("programme"),
    identifier("edition_id"),
    identifier("cohort_id", index=True),
    identifier("project_id", index=True),
    code("kind", PairingKind),
    identifier("organisation_id", index=True),
    identifier("person_id", optional=True),
    code("method", PairingMethod),
    sa.Column("score", sa.Float),
    sa.Column("reasons", sa.JSON, nullable=False),
    code("state", PairingState),
    sa.Column("made_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    code("end_reason", PairingEndReason, optional=True),
)


def load(db: sa.Connection, pairing_id: UUID, *, lock: bool = False) -> Pairing:
    """A pairing in any state.

    Raises:
        Refusal: there is none.
    """
    query = sa.select(pairing).where(pairing.c.id == pairing_id)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise unknown_pairing(pairing_id)
    return _pairing(row)


def find_all(
    db: sa.Connection,
    *,
    programmes: Iterable[str] | None = None,
    cohort_id: UUID | None = None,
    project_ids: Iterable[UUID] | None = None,
    organisation_id: UUID | None = None,
    kind: PairingKind | None = None,
    state: PairingState | None = None,
    within: Iterable[sa.ColumnElement[bool]] = (),
) -> list[Pairing]:
    """The pairings that have all of these, by project and kind. None means any."""
    query = sa.select(pairing).where(*within)
    if programmes is not None:
        query = query.where(pairing.c.programme.in_(list(programmes)))
    if project_ids is not None:
        query = query.where(pairing.c.project_id.in_(list(project_ids)))
    for column, value in (
        (pairing.c.cohort_id, cohort_id),
        (pairing.c.organisation_id, organisation_id),
        (pairing.c.kind, kind),
        (pairing.c.state, state),
    ):
        if value is not None:
            query = query.where(column == value)
    ordered = query.order_by(pairing.c.project_id, pairing.c.kind, pairing.c.id)
    return [_pairing(row) for row in db.execute(ordered)]


def count_proposed(db: sa.Connection, managed: Iterable[str] | None) -> int:
    """The proposals that wait in these programmes; in all of them for None."""
    query = sa.select(sa.func.count()).where(pairing.c.state == PairingState.PROPOSED)
    if managed is not None:
        query = query.where(pairing.c.programme.in_(list(managed)))
    return db.execute(query).scalar_one()


def save(db: sa.Connection, one: Pairing) -> None:
    upsert(db, pairing, [asdict(one) | {"reasons": [asdict(reason) for reason in one.reasons]}])


def drop_proposed(
    db: sa.Connection,
    cohort_id: UUID,
    *,
    kind: PairingKind | None = None,
    project_id: UUID | None = None,
) -> None:
    """Forget the proposals of a cohort, of one kind or of one project."""
    query = sa.delete(pairing).where(
        pairing.c.cohort_id == cohort_id, pairing.c.state == PairingState.PROPOSED
    )
    if kind is not None:
        query = query.where(pairing.c.kind == kind)
    if project_id is not None:
        query = query.where(pairing.c.project_id == project_id)
    db.execute(query)


def forget_person(db: sa.Connection, person_id: UUID) -> None:
    """The organisations stay beside their projects; who acted for them is forgotten."""
    hers = pairing.c.person_id == person_id
    db.execute(sa.update(pairing).where(hers).values(person_id=None))


def _pairing(row: sa.Row[Any]) -> Pairing:
    values = dict(row._mapping)
    values["reasons"] = tuple(Reason(**reason) for reason in values["reasons"])
    return Pairing(**values)
