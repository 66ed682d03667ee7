"""Pairings: made by hand, confirmed, refused, ended."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from essaim.ids import new_id
from essaim.people.directory import find_person, people_with_role
from essaim.person import Person, Role
from essaim.work import Work
from essaim_contracts.scheduling import BESIDE, PairingEndReason, PairingKind, PairingMethod

from scheduling import access, store
from scheduling.assignment import Offer
from scheduling.organisation import Organisation, unknown_organisation
from scheduling.pairing import (
    Pairing,
    PairingState,
    check_proposed,
    check_replaces,
    does_not_act_for,
    end_pairing,
    make_pairing,
    refuse_pairing,
)
from scheduling.schemas.pairing import MakePairing

ACTING_AS = {
    PairingKind.GODPARENT: Role.GODPARENT,
    PairingKind.MENTOR: Role.MENTOR,
    PairingKind.REFERENT: Role.COORDINATOR,
}
"""The role of the person who acts for an organisation in a pairing."""


def pair(work: Work, person: Person, asked: MakePairing) -> Pairing:
    """Pair an organisation with a project by hand, in the place of another one if named."""
    project, cohort = store.cohort.lock_of_project(work.db, asked.project_id)
    access.check_manages(person, cohort.programme, work.today)
    if asked.replaces is not None:
        replaced = store.pairing.load(work.db, asked.replaces, lock=True)
        check_replaces(replaced, asked.project_id, asked.kind)
        _end(work, replaced, PairingEndReason.REPLACED)
    pairing = Pairing(
        id=new_id(),
        programme=cohort.programme,
        edition_id=cohort.edition_id,
        cohort_id=cohort.id,
        project_id=project.id,
        kind=asked.kind,
        organisation_id=asked.organisation_id,
        person_id=asked.person_id,
        state=PairingState.ACTIVE,
        method=PairingMethod.BY_HAND,
    )
    return _make(work, pairing)


def confirm_pairings(work: Work, person: Person, pairing_ids: Iterable[UUID]) -> list[Pairing]:
    """Make proposals real, all or none."""
    confirmed = []
    for pairing_id in dict.fromkeys(pairing_ids):
        pairing = _lock(work, person, pairing_id)
        check_proposed(pairing)
        confirmed.append(_make(work, pairing))
    return confirmed


def refuse_proposal(work: Work, person: Person, pairing_id: UUID) -> Pairing:
    """Refuse a proposal: this pair is not proposed again."""
    refused = refuse_pairing(_lock(work, person, pairing_id))
    store.pairing.save(work.db, refused)
    return refused


def end_pairing_by_hand(
    work: Work, person: Person, pairing_id: UUID, reason: PairingEndReason
) -> Pairing:
    """End the bond between an organisation and a project."""
    return _end(work, _lock(work, person, pairing_id), reason)


def end_pairings(work: Work, pairings: Iterable[Pairing], reason: PairingEndReason) -> None:
    """End bonds that a fact undoes: a partner or a project left."""
    for pairing in pairings:
        _end(work, pairing, reason)


def _lock(work: Work, person: Person, pairing_id: UUID) -> Pairing:
    """A pairing of a programme she coordinates; another change of it waits."""
    pairing = store.pairing.load(work.db, pairing_id, lock=True)
    access.check_manages(person, pairing.programme, work.today)
    return pairing


def _make(work: Work, pairing: Pairing) -> Pairing:
    """Decide, save and tell a pairing that begins."""
    organisation = store.organisation.find(
        work.db, pairing.programme, pairing.organisation_id, lock=True
    )
    if organisation is None:
        raise unknown_organisation(pairing.organisation_id)
    if pairing.person_id is None:
        pairing = replace(pairing, person_id=_who_acts(work, pairing, organisation))
    else:
        _refuse_who_does_not_act(work, pairing, organisation, pairing.person_id)
    active = store.pairing.find_all(
        work.db, programmes=[pairing.programme], kind=pairing.kind, state=PairingState.ACTIVE
    )
    offers = store.assignment.load_offers(work.db, pairing.programme, pairing.kind)
    capacity = offers.get(organisation.id, Offer(organisation.id)).capacity
    made, fact = make_pairing(pairing, organisation, active, capacity, work.today)
    store.pairing.save(work.db, made)
    work.tell(fact, programme=pairing.programme)
    return made


def _end(work: Work, pairing: Pairing, reason: PairingEndReason) -> Pairing:
    """Decide, save and tell a pairing that ends."""
    ended, fact = end_pairing(pairing, reason, work.today)
    store.pairing.save(work.db, ended)
    work.tell(fact, programme=pairing.programme)
    return ended


def _refuse_who_does_not_act(
    work: Work, pairing: Pairing, organisation: Organisation, person_id: UUID
) -> None:
    """A pairing opens the project to whom it names: she must act for this organisation."""
    person, roles = find_person(work.db, person_id), BESIDE[pairing.kind]
    if organisation.person_id == person_id:
        return
    if person is None or not person.acts_for(organisation.id, roles, work.today, pairing.programme):
        raise does_not_act_for(person_id, organisation)


def _who_acts(work: Work, pairing: Pairing, organisation: Organisation) -> UUID | None:
    """The person of an organisation, when the directory leaves no doubt."""
    if organisation.person_id is not None:
        return organisation.person_id
    role, day = ACTING_AS[pairing.kind], work.today
    acting = {
        person.id
        for person in people_with_role(work.db, role, day, pairing.programme)
        for held in person.roles
        if held.role == role and held.organisation_id == organisation.id and held.is_held_on(day)
    }
    return acting.pop() if len(acting) == 1 else None
