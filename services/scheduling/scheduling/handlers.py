"""What scheduling does with each fact it hears."""

from datetime import date
from uuid import UUID

from essaim import FactRouter, Work
from essaim_contracts.candidatures import (
    CohortChange,
    CohortChanged,
    CohortFormed,
    CohortProject,
    PartnerJoined,
    TrophyAwarded,
)
from essaim_contracts.contact import ContactReplaced
from essaim_contracts.scheduling import PairingEndReason

from scheduling import commands, store
from scheduling.cohort import Cohort, Project
from scheduling.organisation import Organisation
from scheduling.pairing import PairingState, may_accompany

facts = FactRouter("scheduling")


@facts.subscriber(PartnerJoined)
def keep_organisation(joined: PartnerJoined, work: Work) -> None:
    """Keep a partner and its commitments; what it no longer commits to ends."""
    organisation = Organisation(
        id=joined.organisation_id,
        programme=_programme(work),
        name=joined.name,
        person_id=joined.person_id,
        commitments=frozenset(joined.commitments),
    )
    store.organisation.save(work.db, organisation)
    active = store.pairing.find_all(
        work.db,
        programmes=[organisation.programme],
        organisation_id=organisation.id,
        state=PairingState.ACTIVE,
    )
    undone = [pairing for pairing in active if not may_accompany(organisation, pairing.kind)]
    commands.pairing.end_pairings(work, undone, PairingEndReason.ORGANISATION_LEFT)


@facts.subscriber(CohortFormed)
def receive_cohort(formed: CohortFormed, work: Work) -> None:
    """Keep a cohort and give it what its track grants and proposes, or wait for its track."""
    cohort = Cohort(
        id=formed.cohort_id,
        programme=_programme(work),
        edition_id=formed.edition_id,
        label=formed.label,
        track_code=formed.track_code,
        track_version=None,
        starts_on=formed.starts_on,
        last_day=None,
        projects=tuple(
            _project(project, formed.cohort_id, formed.starts_on) for project in formed.projects
        ),
    )
    commands.cohort.receive_cohort(work, cohort)


@facts.subscriber(CohortChanged)
def follow_change_of_cohort(changed: CohortChanged, work: Work) -> None:
    """Welcome a project that joined, or let go of one that left."""
    cohort = store.cohort.load(work.db, changed.cohort_id, lock=True)
    project = _project(changed.project, cohort.id, changed.effective_on)
    if changed.change == CohortChange.JOINED:
        commands.cohort.welcome_project(work, cohort, project)
    else:
        commands.cohort.let_project_go(work, cohort, project, changed.effective_on)


@facts.subscriber(ContactReplaced)
def pass_on_what_is_open(replaced: ContactReplaced, work: Work) -> None:
    """Pair the projects with whoever takes over, and convene her to what is to come."""
    commands.contact.pass_on(work, _programme(work), replaced)


@facts.subscriber(TrophyAwarded)
def keep_trophy(awarded: TrophyAwarded, work: Work) -> None:
    """Keep a trophy, to be shown with the ceremony."""
    store.trophy.save(work.db, awarded)


def _project(project: CohortProject, cohort_id: UUID, joined_on: date) -> Project:
    return Project(
        id=project.project_id,
        cohort_id=cohort_id,
        title=project.title,
        sector=project.sector,
        department=project.department,
        bearer_ids=project.bearer_ids,
        joined_on=joined_on,
    )


def _programme(work: Work) -> str:
    if work.cause is None:
        raise ValueError("A fact is handled with its envelope, which names the programme.")
    return work.cause.programme
