"""Requests on pairings: by hand, proposed, confirmed, refused, ended."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from essaim.ids import new_id
from essaim.people.directory import people_with_role
from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.work import Work
from essaim_contracts.scheduling import PairingEndReason, PairingKind, PairingMethod

from scheduling import access, store
from scheduling.assignment import Match, Offer, Seeker, propose
from scheduling.cohort import Cohort
from scheduling.lookups import project_and_cohort, today, unknown_organisation
from scheduling.pairing import (
    COMMITMENTS,
    Organisation,
    Pairing,
    PairingState,
    check_proposed,
    end_pairing,
    make_pairing,
    refuse_pairing,
)
from scheduling.requests import MakePairing, SetOffers

ACTING_AS = {
    PairingKind.GODPARENT: Role.GODPARENT,
    PairingKind.MENTOR: Role.MENTOR,
    PairingKind.REFERENT: Role.COORDINATOR,
}
"""The role of the person who acts for an organisation in a pairing."""


def pair(work: Work, person: Person, asked: MakePairing) -> Pairing:
    """Pair an organisation with a project by hand, in the place of another one if named."""
    project, cohort = project_and_cohort(work, asked.project_id)
    access.check_manages(person, cohort.programme, today(work))
    if asked.replaces is not None:
        _end_replaced(work, asked)
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


def propose_pairings(
    work: Work, person: Person, cohort_id: UUID, kind: PairingKind
) -> list[Pairing]:
    """Propose who could accompany the projects that have nobody; replaces earlier proposals."""
    cohort = store.cohort_of(work.db, cohort_id, lock=True)
    access.check_manages(person, cohort.programme, today(work))
    store.drop_proposed_pairings(work.db, cohort.id, kind=kind)
    known = store.pairings(work.db, cohort_id=cohort.id, kind=kind)
    refused = frozenset(
        (one.project_id, one.organisation_id) for one in known if one.state == PairingState.REFUSED
    )
    accompanied = {one.project_id for one in known if one.state == PairingState.ACTIVE}
    seekers = _seekers(work, cohort, accompanied)
    matches = propose(seekers, _offers(work, cohort.programme, kind), refused)
    proposals = [_proposal(cohort, kind, match) for match in matches]
    for proposal in proposals:
        store.save_pairing(work.db, proposal)
    return proposals


def confirm_pairings(work: Work, person: Person, pairing_ids: Iterable[UUID]) -> list[Pairing]:
    """Make proposals real, all or none."""
    confirmed = []
    for pairing_id in dict.fromkeys(pairing_ids):
        pairing = store.pairing_of(work.db, pairing_id, lock=True)
        access.check_manages(person, pairing.programme, today(work))
        check_proposed(pairing)
        confirmed.append(_make(work, pairing))
    return confirmed


def refuse_proposal(work: Work, person: Person, pairing_id: UUID) -> Pairing:
    """Refuse a proposal: this pair is not proposed again."""
    pairing = store.pairing_of(work.db, pairing_id, lock=True)
    access.check_manages(person, pairing.programme, today(work))
    refused = refuse_pairing(pairing)
    store.save_pairing(work.db, refused)
    return refused


def end_pairing_of(
    work: Work, person: Person, pairing_id: UUID, reason: PairingEndReason
) -> Pairing:
    """End the bond between an organisation and a project."""
    pairing = store.pairing_of(work.db, pairing_id, lock=True)
    access.check_manages(person, pairing.programme, today(work))
    ended, fact = end_pairing(pairing, reason, today(work))
    store.save_pairing(work.db, ended)
    work.tell(fact, programme=pairing.programme)
    return ended


def set_offers(work: Work, person: Person, asked: SetOffers) -> int:
    """Keep what organisations offer; gives back how many."""
    access.check_manages(person, asked.programme, today(work))
    known = {one.id for one in store.organisations_of(work.db, asked.programme)}
    for offer in asked.offers:
        if offer.organisation_id not in known:
            raise unknown_organisation(offer.organisation_id)
    offers = [
        Offer(
            organisation_id=offer.organisation_id,
            sector=offer.sector,
            department=offer.department,
            topics=frozenset(offer.topics),
            capacity=offer.capacity,
        )
        for offer in asked.offers
    ]
    store.save_offers(work.db, asked.programme, asked.kind, offers)
    return len(offers)


def _make(work: Work, pairing: Pairing) -> Pairing:
    """Decide, save and tell a pairing that begins."""
    organisation = store.find_organisation(
        work.db, pairing.programme, pairing.organisation_id, lock=True
    )
    if organisation is None:
        raise unknown_organisation(pairing.organisation_id)
    if pairing.person_id is None:
        pairing = replace(pairing, person_id=_who_acts(work, pairing, organisation))
    active = store.pairings(
        work.db, programmes=[pairing.programme], kind=pairing.kind, state=PairingState.ACTIVE
    )
    offers = store.offers_of(work.db, pairing.programme, pairing.kind)
    capacity = offers.get(organisation.id, Offer(organisation.id)).capacity
    made, fact = make_pairing(pairing, organisation, active, capacity, today(work))
    store.save_pairing(work.db, made)
    work.tell(fact, programme=pairing.programme)
    return made


def _who_acts(work: Work, pairing: Pairing, organisation: Organisation) -> UUID | None:
    """The person of an organisation, when the directory leaves no doubt."""
    if organisation.person_id is not None:
        return organisation.person_id
    role, day = ACTING_AS[pairing.kind], today(work)
    acting = {
        person.id
        for person in people_with_role(work.db, role, day, pairing.programme)
        for held in person.roles
        if held.role == role and held.organisation_id == organisation.id and held.is_held_on(day)
    }
    return acting.pop() if len(acting) == 1 else None


def _end_replaced(work: Work, asked: MakePairing) -> None:
    if asked.replaces is None:
        return
    replaced = store.pairing_of(work.db, asked.replaces, lock=True)
    if (replaced.project_id, replaced.kind) != (asked.project_id, asked.kind):
        raise Refusal(
            "replaces_another",
            "Le lien à remplacer concerne un autre projet ou une autre nature ({kind}). "
            "Nommez un lien de ce projet.",
            field="replaces",
            status=422,
            kind=replaced.kind.value,
        )
    ended, fact = end_pairing(replaced, PairingEndReason.REPLACED, today(work))
    store.save_pairing(work.db, ended)
    work.tell(fact, programme=replaced.programme)


def _seekers(work: Work, cohort: Cohort, accompanied: set[UUID]) -> list[Seeker]:
    wishes = store.wishes_of(work.db, [project.id for project in cohort.active])
    return [
        Seeker(
            project_id=project.id,
            sector=project.sector,
            department=project.department,
            topics=wishes.get(project.id, frozenset()),
        )
        for project in cohort.active
        if project.id not in accompanied
    ]


def _offers(work: Work, programme: str, kind: PairingKind) -> list[Offer]:
    """What those who committed to this kind offer; somebody who said nothing has one place."""
    said = store.offers_of(work.db, programme, kind)
    return [
        said.get(one.id, Offer(one.id))
        for one in store.organisations_of(work.db, programme)
        if one.commitments & COMMITMENTS[kind]
    ]


def _proposal(cohort: Cohort, kind: PairingKind, match: Match) -> Pairing:
    return Pairing(
        id=new_id(),
        programme=cohort.programme,
        edition_id=cohort.edition_id,
        cohort_id=cohort.id,
        project_id=match.project_id,
        kind=kind,
        organisation_id=match.organisation_id,
        state=PairingState.PROPOSED,
        method=PairingMethod.ASSIGNMENT,
        score=match.score,
        reasons=match.reasons,
    )
