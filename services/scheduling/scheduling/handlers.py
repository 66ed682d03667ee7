"""What scheduling does with each fact it hears."""

from datetime import date, datetime, time
from uuid import UUID

from essaim.clock import PARIS
from essaim.hearing.router import FactRouter
from essaim.work import Work
from essaim_contracts.candidatures import (
    CohortChange,
    CohortChanged,
    CohortFormed,
    CohortProject,
    PartnerJoined,
    TrophyAwarded,
)
from essaim_contracts.scheduling import ChangeReason, PairingEndReason

from scheduling import store
from scheduling.cohort import Cohort, Project
from scheduling.granting import give_track, give_track_to_project
from scheduling.lookups import today
from scheduling.pairing import COMMITMENTS, Organisation, PairingState, end_pairing
from scheduling.session import (
    Session,
    as_cancelled,
    as_planned,
    cancel,
    convene,
    is_for_one_project,
)

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
    store.save_organisation(work.db, organisation)
    active = store.pairings(
        work.db,
        programmes=[organisation.programme],
        organisation_id=organisation.id,
        state=PairingState.ACTIVE,
    )
    for pairing in active:
        if not organisation.commitments & COMMITMENTS[pairing.kind]:
            ended, fact = end_pairing(pairing, PairingEndReason.ORGANISATION_LEFT, today(work))
            store.save_pairing(work.db, ended)
            work.tell(fact)


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
    store.save_cohort(work.db, cohort)
    track = store.find_track(work.db, formed.track_code)
    if track is not None:
        give_track(work, cohort, track)


@facts.subscriber(CohortChanged)
def follow_change_of_cohort(changed: CohortChanged, work: Work) -> None:
    """Welcome a project that joined, or let go of one that left."""
    cohort = store.cohort_of(work.db, changed.cohort_id, lock=True)
    project = _project(changed.project, cohort.id, changed.effective_on)
    if changed.change == CohortChange.JOINED:
        _welcome(work, cohort, project)
    else:
        _let_go(work, cohort, project, changed.effective_on)


@facts.subscriber(TrophyAwarded)
def keep_trophy(awarded: TrophyAwarded, work: Work) -> None:
    """Keep a trophy, to be shown with the ceremony."""
    columns = {"cohort_id", "project_id", "title", "awarded_on"}
    row = awarded.model_dump(include=columns)
    store.save_trophy(work.db, row | {"id": awarded.trophy_id})


def _welcome(work: Work, cohort: Cohort, project: Project) -> None:
    store.save_project(work.db, project)
    if cohort.track_version is not None:
        track = store.find_track(work.db, cohort.track_code, cohort.track_version)
        if track is not None:
            give_track_to_project(work, cohort, track, project)
    for session in store.coming_sessions_for_cohort(work.db, cohort.id, work.now):
        now_convened = convene(
            session,
            work.now,
            {*session.project_ids, project.id},
            {*session.participant_ids, *project.bearer_ids},
        )
        store.save_session(work.db, now_convened)
        work.tell(as_planned(now_convened))


def _let_go(work: Work, cohort: Cohort, project: Project, leaves_on: date) -> None:
    store.leave_cohort(work.db, cohort.id, project.id, leaves_on)
    store.drop_proposals_of_project(work.db, cohort.id, project.id)
    store.drop_proposed_pairings(work.db, cohort.id, project_id=project.id)
    after = max(work.now, datetime.combine(leaves_on, time(0, 0), tzinfo=PARIS))
    for session in store.coming_sessions_of_project(work.db, cohort, project.id, after):
        if is_for_one_project(session):
            cancelled = cancel(session, work.now)
            store.save_session(work.db, cancelled)
            work.tell(as_cancelled(cancelled, ChangeReason.OTHER))
        else:
            _convene_without(work, session, cohort, project)
    _end_pairings(work, cohort, project)


def _convene_without(work: Work, session: Session, cohort: Cohort, project: Project) -> None:
    """The session goes on for the others; whoever bears another project of the cohort stays."""
    others = [one for one in cohort.active if one.id != project.id]
    staying = {person_id for one in others for person_id in one.bearer_ids}
    leaving = set(project.bearer_ids) - staying
    now_convened = convene(
        session,
        work.now,
        set(session.project_ids) - {project.id},
        set(session.participant_ids) - leaving,
    )
    store.save_session(work.db, now_convened)
    work.tell(as_planned(now_convened))


def _end_pairings(work: Work, cohort: Cohort, project: Project) -> None:
    active = store.pairings(
        work.db, cohort_id=cohort.id, project_ids=[project.id], state=PairingState.ACTIVE
    )
    for pairing in active:
        ended, fact = end_pairing(pairing, PairingEndReason.PROJECT_LEFT, today(work))
        store.save_pairing(work.db, ended)
        work.tell(fact)


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase what is held about a person. Closed sheets keep her opaque id, which names nobody."""
    store.forget_feeds(work.db, person_id)
    store.forget_participant(work.db, person_id)
    store.forget_bearer(work.db, person_id)
    store.forget_paired_person(work.db, person_id)


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
