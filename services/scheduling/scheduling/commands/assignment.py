"""Pairings are proposed from what organisations offer and what projects wish."""

from uuid import UUID

from essaim.ids import new_id
from essaim.person import Person
from essaim.work import Work
from essaim_contracts.scheduling import PairingKind, PairingMethod

from scheduling import access, store
from scheduling.assignment import Match, Offer, Seeker, propose
from scheduling.cohort import Cohort
from scheduling.organisation import unknown_organisation
from scheduling.pairing import Pairing, PairingState, may_accompany
from scheduling.schemas.assignment import SetOffers, SetWishes


def set_offers(work: Work, person: Person, asked: SetOffers) -> int:
    """Keep what organisations offer; gives back how many."""
    access.check_manages(person, asked.programme, work.today)
    known = {one.id for one in store.organisation.of_programme(work.db, asked.programme)}
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
    store.assignment.save_offers(work.db, asked.programme, asked.kind, offers)
    return len(offers)


def set_wishes(work: Work, person: Person, asked: SetWishes) -> int:
    """Keep the topics projects want, said by their bearers or the coordination."""
    for wish in asked.wishes:
        project, cohort = store.cohort.lock_of_project(work.db, wish.project_id)
        if person.id not in project.bearer_ids:
            access.check_manages(person, cohort.programme, work.today)
        store.assignment.save_wish(work.db, project.id, wish.topics)
    return len(asked.wishes)


def propose_pairings(
    work: Work, person: Person, cohort_id: UUID, kind: PairingKind
) -> list[Pairing]:
    """Propose who could accompany the projects that have nobody; replaces earlier proposals."""
    cohort = store.cohort.load(work.db, cohort_id, lock=True)
    access.check_manages(person, cohort.programme, work.today)
    store.pairing.drop_proposed(work.db, cohort.id, kind=kind)
    known = store.pairing.find_all(work.db, cohort_id=cohort.id, kind=kind)
    refused = frozenset(
        (one.project_id, one.organisation_id) for one in known if one.state == PairingState.REFUSED
    )
    accompanied = {one.project_id for one in known if one.state == PairingState.ACTIVE}
    seekers = _seekers(work, cohort, accompanied)
    matches = propose(seekers, _offers(work, cohort.programme, kind), refused)
    proposals = [_proposal(cohort, kind, match) for match in matches]
    for proposal in proposals:
        store.pairing.save(work.db, proposal)
    return proposals


def _seekers(work: Work, cohort: Cohort, accompanied: set[UUID]) -> list[Seeker]:
    wishes = store.assignment.load_wishes(work.db, [project.id for project in cohort.active])
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
    said = store.assignment.load_offers(work.db, programme, kind)
    return [
        said.get(one.id, Offer(one.id))
        for one in store.organisation.of_programme(work.db, programme)
        if may_accompany(one, kind)
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
