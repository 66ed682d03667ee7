"""What somebody takes over from another person: pairings, and sessions to come."""

from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.ids import new_id
from essaim.text.languages import Tongue
from essaim.work import Work
from essaim_contracts.contact import ContactReplaced
from essaim_contracts.questions import Moves, Moving, WhatMoves
from essaim_contracts.scheduling import PairingEndReason
from essaim_contracts.words import PAIRING_KINDS

from scheduling import store
from scheduling.commands.pairing import end_pairings
from scheduling.pairing import Pairing, PairingState, as_made
from scheduling.session import Session, as_planned, convene

LISTED = 50


def what_moves(db: sa.Connection, asked: WhatMoves, _now: datetime, tongue: Tongue) -> Moves:
    """Her active pairings, and the sessions to come to which she is convened."""
    _ = tongue
    pairings = _pairings(db, asked.programme, asked.person_id, asked.organisation_id)
    titles = store.cohort.titles_of(db, [one.project_id for one in pairings])
    found = [
        Moving(
            text=_(
                "{kind} de « {project} »",
                kind=PAIRING_KINDS[one.kind].label(_.language),
                project=titles.get(one.project_id, "–"),
            ),
            page=f"/projects/{one.project_id}",
        )
        for one in pairings
    ]
    found += [
        Moving(
            text=_("Séance : {title}, {day}", title=one.title, day=one.day),
            page=f"/sessions/{one.id}",
        )
        for one in _sessions(
            db, asked.programme, asked.person_id, asked.organisation_id, asked.from_on
        )
    ]
    return Moves(moving=tuple(found[:LISTED]), more=max(len(found) - LISTED, 0))


def pass_on(work: Work, programme: str, replaced: ContactReplaced) -> None:
    """End her pairings and make the same ones anew; convene who takes over in her place.

    What ended keeps her name, as what was held does: who acted then is still known.
    """
    hers = _pairings(work.db, programme, replaced.person_id, replaced.organisation_id)
    end_pairings(work, hers, PairingEndReason.REPLACED)
    for one in hers:
        made = replace(one, id=new_id(), person_id=replaced.replaced_by_id, made_on=work.today)
        store.pairing.save(work.db, made)
        work.tell(as_made(made, work.today), programme=programme)
    for proposed in _pairings(
        work.db, programme, replaced.person_id, replaced.organisation_id, PairingState.PROPOSED
    ):
        store.pairing.save(work.db, replace(proposed, person_id=replaced.replaced_by_id))
    for session in _sessions(
        work.db, programme, replaced.person_id, replaced.organisation_id, replaced.from_on
    ):
        _convene(work, session, replaced)


def _convene(work: Work, session: Session, replaced: ContactReplaced) -> None:
    swapped = (
        replaced.replaced_by_id if one == replaced.person_id else one
        for one in session.participant_ids
    )
    participants = tuple(sorted(set(swapped)))
    convened = convene(session, work.now, session.project_ids, participants)
    store.session.save(work.db, convened)
    work.tell(as_planned(convened), programme=session.programme)


def _pairings(
    db: sa.Connection,
    programme: str,
    person_id: UUID,
    organisation_id: UUID | None,
    state: PairingState = PairingState.ACTIVE,
) -> list[Pairing]:
    found = store.pairing.find_all(
        db, programmes=[programme], organisation_id=organisation_id, state=state
    )
    return [one for one in found if one.person_id == person_id]


def _sessions(
    db: sa.Connection,
    programme: str,
    person_id: UUID,
    organisation_id: UUID | None,
    from_on: date,
) -> list[Session]:
    """From that day on; where an organisation is named, those that it gives or receives."""
    first = datetime.combine(from_on, time(), PARIS)
    coming = store.session.coming_of_person(db, programme, person_id, first)
    return [
        one for one in coming if organisation_id is None or organisation_id in one.organisation_ids
    ]
