"""What partners tell us of our projects, for their page."""

from essaim import FactRouter, Work
from essaim_contracts.scheduling import (
    HoursGranted,
    HoursUsed,
    PairingEnded,
    PairingMade,
    ProjectProgressed,
    SessionCancelled,
    SessionHeld,
    SessionMoved,
    SessionPlanned,
)

from candidatures import store
from candidatures.accompaniment import Accompaniment, given_by

facts = FactRouter("candidatures")


@facts.subscriber(SessionHeld)
def show_held_session_on_its_projects(held: SessionHeld, work: Work) -> None:
    """Its projects' page counts it, and opens to the organisation that gave its hours."""
    store.project.save_held_session(work.db, held)
    store.support.end(work.db, held.session_id)
    store.accompaniment.save(work.db, *given_by(held))


@facts.subscriber(SessionPlanned)
def show_planned_session_and_open_its_projects_to_who_gives_it(
    planned: SessionPlanned, work: Work
) -> None:
    store.accompaniment.end(work.db, planned.session_id)
    store.support.save_planned(work.db, planned)
    store.accompaniment.save(work.db, *given_by(planned))


@facts.subscriber(SessionCancelled)
def close_its_projects_to_who_gives_it_no_more(cancelled: SessionCancelled, work: Work) -> None:
    store.accompaniment.end(work.db, cancelled.session_id)
    store.support.end(work.db, cancelled.session_id)


@facts.subscriber(SessionMoved)
def show_the_session_at_its_new_hour(moved: SessionMoved, work: Work) -> None:
    store.support.save_moved(work.db, moved)


@facts.subscriber(HoursGranted)
def show_granted_hours_on_the_project(granted: HoursGranted, work: Work) -> None:
    store.support.save_package(work.db, granted)


@facts.subscriber(HoursUsed)
def show_what_is_left_of_the_hours(used: HoursUsed, work: Work) -> None:
    store.support.save_use(work.db, used)


@facts.subscriber(ProjectProgressed)
def show_progress_on_the_project(progressed: ProjectProgressed, work: Work) -> None:
    store.project.save_progress(work.db, progressed)


@facts.subscriber(PairingMade)
def open_the_project_to_who_accompanies_it(made: PairingMade, work: Work) -> None:
    beside = Accompaniment(
        made.pairing_id, made.project_id, made.organisation_id, made.person_id, made.kind
    )
    store.accompaniment.save(work.db, beside)


@facts.subscriber(PairingEnded)
def close_the_project_to_who_accompanied_it(ended: PairingEnded, work: Work) -> None:
    store.accompaniment.end(work.db, ended.pairing_id)
