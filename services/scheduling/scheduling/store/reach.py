"""The rows that a person may read, as conditions of queries."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.person import Person
from essaim_contracts.scheduling import BESIDE, PairingKind

from scheduling.pairing import PairingState
from scheduling.reach import HOLDERS, Reach, reach_of
from scheduling.session import SessionState
from scheduling.store.cohort import bearer
from scheduling.store.hour_package import hour_package
from scheduling.store.organisation import organisation
from scheduling.store.pairing import pairing
from scheduling.store.session import session, session_person, session_project
from scheduling.track import ONE_TO_ONE


def of(db: sa.Connection, person: Person, today: date) -> Reach:
    """What this person may read today."""
    query = sa.select(organisation.c.programme, organisation.c.id)
    rows = db.execute(query.where(organisation.c.person_id == person.id))
    return reach_of(person, [(row.programme, row.id) for row in rows], today)


def is_near(db: sa.Connection, reach: Reach, project_id: UUID) -> bool:
    """Whether she bears or accompanies this project."""
    return bool(db.scalar(sa.select(sa.literal(project_id, sa.Uuid).in_(near_projects(reach)))))


def accompanies(db: sa.Connection, reach: Reach, project_id: UUID) -> bool:
    query = sa.select(pairing.c.id).where(
        pairing.c.project_id == project_id, pairing.c.state == PairingState.ACTIVE, acts(reach)
    )
    return db.execute(query.limit(1)).one_or_none() is not None


def near_projects(reach: Reach) -> sa.CompoundSelect[Any]:
    """The ids of the projects she bears, is paired with, or gives one-to-one sessions to."""
    borne = sa.select(bearer.c.project_id).where(bearer.c.person_id == reach.person_id)
    paired = sa.select(pairing.c.project_id).where(
        pairing.c.state == PairingState.ACTIVE, acts(reach)
    )
    given = (
        sa.select(session_project.c.project_id)
        .join(session, session.c.id == session_project.c.session_id)
        .where(
            given_sessions(reach),
            session.c.provider_id.is_not(None) | session.c.kind.in_(ONE_TO_ONE),
            session.c.state != SessionState.CANCELLED,
        )
    )
    return sa.union(borne, paired, given)


def readable_sessions(reach: Reach) -> list[sa.ColumnElement[bool]]:
    """What keeps to the sessions she reads: of her programmes, convened to, or given by hers."""
    if reach.programmes is None:
        return []
    convened = sa.select(session_person.c.session_id).where(
        session_person.c.person_id == reach.person_id
    )
    return [
        session.c.programme.in_(reach.programmes)
        | session.c.id.in_(convened)
        | given_sessions(reach)
    ]


def readable_packages(reach: Reach) -> list[sa.ColumnElement[bool]]:
    """What keeps to the hour packages of her programmes and of the projects near to her."""
    if reach.programmes is None:
        return []
    near = hour_package.c.project_id.in_(near_projects(reach))
    return [hour_package.c.programme.in_(reach.programmes) | near]


def readable_pairings(reach: Reach) -> list[sa.ColumnElement[bool]]:
    """What keeps to the pairings she reads: proposals are for who coordinates alone."""
    if reach.managed is None:
        return []
    near = pairing.c.project_id.in_(near_projects(reach))
    said = pairing.c.state.in_([PairingState.ACTIVE, PairingState.ENDED])
    read = pairing.c.programme.in_(reach.programmes or ())
    return [pairing.c.programme.in_(reach.managed) | (said & (read | near))]


def sessions_to_hold(reach: Reach) -> list[sa.ColumnElement[bool]]:
    """What keeps to the sessions whose sheet is hers to fill and close."""
    if reach.managed is None:
        return []
    return [session.c.programme.in_(reach.managed) | given_sessions(reach)]


def given_sessions(reach: Reach) -> sa.ColumnElement[bool]:
    """The sessions at which an organisation she acts for speaks, or whose hours it gives."""
    # Speakers are a JSON text, in which an id is found as it is written there.
    speakers = sa.cast(session.c.speaker_ids, sa.String)
    given = [
        (session.c.programme == one.programme)
        & (
            (session.c.provider_id == one.organisation_id)
            | speakers.contains(str(one.organisation_id))
        )
        for one in reach.acting
        if one.role in HOLDERS and one.organisation_id is not None
    ]
    return sa.or_(sa.false(), *given)


def acts(reach: Reach) -> sa.ColumnElement[bool]:
    """The pairings in which she acts: named, or for the organisation of her role."""
    acting = [
        (pairing.c.kind == kind)
        & (pairing.c.programme == one.programme)
        & (
            (pairing.c.organisation_id == one.organisation_id)
            | (pairing.c.person_id == reach.person_id)
        )
        for kind in PairingKind
        for one in reach.acting
        if one.role in BESIDE[kind]
    ]
    return sa.or_(sa.false(), *acting)
