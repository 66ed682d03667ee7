"""What partners tell us of our projects, for their page."""

from essaim import FactRouter, Work
from essaim_contracts.scheduling import (
    PairingEnded,
    PairingMade,
    ProjectProgressed,
    SessionCancelled,
    SessionHeld,
    SessionPlanned,
)

from candidatures import store
from candidatures.accompaniment import Accompaniment, given_by

facts = FactRouter("candidatures")


@facts.subscriber(SessionHeld)
def show_held_session_on_its_projects(held: SessionHeld, work: Work) -> None:
    """Its projects' page counts it, and opens to the organisation that gave its hours."""
    store.project.save_held_session(work.db, held)
    store.accompaniment.save(work.db, *given_by(held))


@facts.subscriber(SessionPlanned)
def open_its_projects_to_who_is_to_give_a_session(planned: SessionPlanned, work: Work) -> None:
    store.accompaniment.end(work.db, planned.session_id)
    store.accompaniment.save(work.db, *given_by(planned))


@facts.subscriber(SessionCancelled)
def close_its_projects_to_who_gives_it_no_more(cancelled: SessionCancelled, work: Work) -> None:
    store.accompaniment.end(work.db, cancelled.session_id)


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
