"""Conflicts of interest: those declared, and what shows those that stand by themselves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert, upsert
from essaim.keeping.listed import mostly
from essaim.keeping.tables import person as directory
from essaim.people.directory import find_person
from essaim.person import Person

from candidatures.conflict import (
    Applicant,
    Conflict,
    Ties,
    address_key,
    conflict_with,
    organisation_key,
    organisation_keys,
)
from candidatures.store.application import KEY_LENGTH, application, keys_behind
from candidatures.store.metadata import metadata
from candidatures.store.programme import organisation

conflict = sa.Table(
    "conflict_of_interest",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("evaluator_id", sa.Uuid, primary_key=True),
    sa.Column("declared_at", Instant, nullable=False),
)

# What the coordination says of a conflict: that it stands, or that a guess is wrong.
conflict_pin = sa.Table(
    "conflict_pin",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("evaluator_id", sa.Uuid, primary_key=True),
    sa.Column("stands", sa.Boolean, nullable=False),
    sa.Column("pinned_by", sa.Uuid),
    sa.Column("pinned_at", Instant, nullable=False),
)


def pin(
    db: sa.Connection,
    application_id: UUID,
    evaluator_id: UUID,
    stands: bool | None,
    actor: UUID | None,
    now: datetime,
) -> None:
    """Keep what the coordination says; None takes it back."""
    key = {"application_id": application_id, "evaluator_id": evaluator_id}
    if stands is None:
        db.execute(sa.delete(conflict_pin).filter_by(**key))
        return
    row = key | {"stands": stands, "pinned_by": actor, "pinned_at": now}
    upsert(db, conflict_pin, [row])


def pins_of(db: sa.Connection, application_id: UUID) -> dict[UUID, bool]:
    """What the coordination says of an application, by the member it is about."""
    query = sa.select(conflict_pin.c.evaluator_id, conflict_pin.c.stands)
    rows = db.execute(query.where(conflict_pin.c.application_id == application_id))
    return {row.evaluator_id: row.stands for row in rows}


def save_conflict(
    db: sa.Connection, application_id: UUID, evaluator_id: UUID, declared: bool, now: datetime
) -> None:
    row = {"application_id": application_id, "evaluator_id": evaluator_id, "declared_at": now}
    if declared:
        db.execute(insert(db, conflict).values(row).on_conflict_do_nothing())
        return
    db.execute(
        sa.delete(conflict).where(
            conflict.c.application_id == application_id, conflict.c.evaluator_id == evaluator_id
        )
    )


def find(db: sa.Connection, application_id: UUID, person: Person) -> Conflict | None:
    """What keeps a person from an application, if anything does."""
    return _conflicts(db, person, application.c.id == application_id).get(application_id)


def in_call(db: sa.Connection, call_id: UUID, person: Person) -> dict[UUID, Conflict]:
    """The applications of a call that a conflict keeps her from."""
    return _conflicts(db, person, mostly(application.c.call_id == call_id))


def of_evaluators(
    db: sa.Connection, evaluator_ids: Iterable[UUID], of: sa.ColumnElement[bool]
) -> set[tuple[UUID, UUID]]:
    """Which of these evaluators (first) has a conflict with which of these applications."""
    people = (find_person(db, id) for id in set(evaluator_ids))
    return {(one.id, id) for one in people if one for id in _conflicts(db, one, of)}


def _conflicts(
    db: sa.Connection, person: Person, of: sa.ColumnElement[bool]
) -> dict[UUID, Conflict]:
    ties = _ties(db, person)
    applicants = _applicants(db, ties, of)
    found = ((one.application_id, conflict_with(ties, one)) for one in applicants)
    return {id: conflict for id, conflict in found if conflict is not None}


def _applicants(db: sa.Connection, ties: Ties, of: sa.ColumnElement[bool]) -> Iterable[Applicant]:
    mine = sa.and_(
        conflict.c.application_id == application.c.id,
        conflict.c.evaluator_id == ties.person_id,
    )
    pinned = sa.and_(
        conflict_pin.c.application_id == application.c.id,
        conflict_pin.c.evaluator_id == ties.person_id,
    )
    query = (
        sa.select(
            application.c.id.label("application_id"),
            application.c.bearer_id,
            application.c.content["bearer_email"].as_string().label("email"),
            application.c.content["organisation"].as_string().label("organisation"),
            conflict.c.evaluator_id.is_not(None).label("declared"),
            conflict_pin.c.stands.label("pinned"),
        )
        .select_from(application.outerjoin(conflict, mine).outerjoin(conflict_pin, pinned))
        .where(of, application.c.id.in_(_tied(ties)))
    )
    return (Applicant(**row._mapping) for row in db.execute(query))


def _tied(ties: Ties) -> sa.CompoundSelect[Any]:
    """The ids of those that may be in conflict: found here by indexes, then decided upon whole."""
    found = (
        (application.c.bearer_id, {ties.person_id, *ties.colleagues}),
        (application.c.kept_address, {key[:KEY_LENGTH] for key in ties.addresses}),
        (application.c.kept_organisation, {key[:KEY_LENGTH] for key in ties.organisations}),
    )
    declared = sa.select(conflict.c.application_id).where(conflict.c.evaluator_id == ties.person_id)
    kept = (sa.select(application.c.id).where(column.in_(keys)) for column, keys in found)
    pinned = sa.select(conflict_pin.c.application_id).where(
        conflict_pin.c.evaluator_id == ties.person_id
    )
    return sa.union_all(declared, pinned, sa.select(application.c.id).where(keys_behind), *kept)


def _ties(db: sa.Connection, person: Person) -> Ties:
    """Her organisations are those of her roles, ended ones too, and what she does on her own."""
    held = {role.organisation_id for role in person.roles if role.organisation_id}
    known = db.execute(sa.select(organisation.c.id, organisation.c.name, organisation.c.person_id))
    rows = known.all()
    hers = [row for row in rows if row.id in held or row.person_id == person.id]
    keys = organisation_keys(row.name for row in hers)
    same = {row.id for row in rows if organisation_key(row.name or "") in keys}
    addresses = frozenset({address_key(person.email)} - {""})
    return Ties(person.id, addresses, _colleagues(db, held | same, person.id), keys)


def _colleagues(db: sa.Connection, organisation_ids: set[UUID], person_id: UUID) -> frozenset[UUID]:
    """Who has or had a role for one of these organisations, but for the person herself."""
    if not organisation_ids:
        return frozenset()
    # Roles are one JSON text, in which an id is found as it is written there.
    written = sa.cast(directory.c.roles, sa.String)
    acting: sa.ColumnElement[Any] = sa.or_(*(written.contains(str(id)) for id in organisation_ids))
    query = sa.select(directory.c.id).where(acting, directory.c.id != person_id)
    return frozenset(db.scalars(query))
