"""Cohorts: formed, joined by a project, or left by one."""

from collections.abc import Iterable
from datetime import date, datetime, time
from uuid import UUID

from essaim.clock import PARIS
from essaim.work import Work
from essaim_contracts.scheduling import ChangeReason, PairingEndReason

from scheduling import store
from scheduling.cohort import Cohort, Project
from scheduling.commands.pairing import end_pairings
from scheduling.commands.track import give_track, give_track_to_project
from scheduling.pairing import PairingState
from scheduling.session import (
    Session,
    as_cancelled,
    as_planned,
    cancel,
    convene,
    is_for_one_project,
)


def receive_cohort(work: Work, cohort: Cohort) -> None:
    """Keep a cohort and give it what its track grants and proposes, or let it wait for it."""
    store.cohort.save(work.db, cohort)
    track = store.track.find(work.db, cohort.track_code)
    if track is not None:
        give_track(work, cohort, track)


def welcome_project(work: Work, cohort: Cohort, project: Project) -> None:
    """A project joins: it receives what its cohort did, and comes to its sessions."""
    store.cohort.save_project(work.db, project)
    if cohort.track_version is not None:
        track = store.track.find(work.db, cohort.track_code, cohort.track_version)
        if track is not None:
            give_track_to_project(work, cohort, track, project)
    for session in store.session.lock_coming_for_cohort(work.db, cohort.id, work.now):
        _convene(
            work,
            session,
            {*session.project_ids, project.id},
            {*session.participant_ids, *project.bearer_ids},
        )


def let_project_go(work: Work, cohort: Cohort, project: Project, leaves_on: date) -> None:
    """A project leaves: its own sessions and its pairings end, those of all go on without it."""
    store.cohort.let_project_go(work.db, cohort.id, project.id, leaves_on)
    store.proposed_session.drop_open_of_project(work.db, cohort.id, project.id)
    store.pairing.drop_proposed(work.db, cohort.id, project_id=project.id)
    after = max(work.now, datetime.combine(leaves_on, time(0, 0), tzinfo=PARIS))
    for session in store.session.lock_coming_of_project(work.db, cohort, project.id, after):
        if is_for_one_project(session):
            cancelled = cancel(session, work.now)
            store.session.save(work.db, cancelled)
            work.tell(as_cancelled(cancelled, ChangeReason.OTHER))
        else:
            _convene_without(work, session, cohort, project)
    active = store.pairing.find_all(
        work.db, cohort_id=cohort.id, project_ids=[project.id], state=PairingState.ACTIVE
    )
    end_pairings(work, active, PairingEndReason.PROJECT_LEFT)


def _convene_without(work: Work, session: Session, cohort: Cohort, project: Project) -> None:
    """The session goes on for the others; whoever bears another project of the cohort stays."""
    staying = {id for other in cohort.others(project.id) for id in other.bearer_ids}
    leaving = set(project.bearer_ids) - staying
    _convene(
        work,
        session,
        set(session.project_ids) - {project.id},
        set(session.participant_ids) - leaving,
    )


def _convene(
    work: Work, session: Session, project_ids: Iterable[UUID], participant_ids: Iterable[UUID]
) -> None:
    convened = convene(session, work.now, project_ids, participant_ids)
    store.session.save(work.db, convened)
    work.tell(as_planned(convened))
