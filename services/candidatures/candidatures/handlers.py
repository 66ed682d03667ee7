"""What partners tell us of our projects, for their page."""

from essaim import FactRouter, Work
from essaim_contracts.scheduling import PairingEnded, PairingMade, ProjectProgressed, SessionHeld

from candidatures import store
from candidatures.accompaniment import Accompaniment

facts = FactRouter("candidatures")


@facts.subscriber(SessionHeld)
def show_held_session_on_its_projects(held: SessionHeld, work: Work) -> None:
    """Its projects' page counts it, and opens to the organisation that gave its hours."""
    store.project.save_held_session(work.db, held)
    if held.provider_id is not None:
        given = (
            Accompaniment(held.session_id, project_id, held.provider_id, None, None)
            for project_id in held.project_ids
        )
        store.accompaniment.save(work.db, *given)


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
