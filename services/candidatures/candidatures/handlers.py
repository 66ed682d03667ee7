"""What partners tell us of our projects, for their page."""

from essaim import FactRouter, Work
from essaim_contracts.scheduling import ProjectProgressed, SessionHeld

from candidatures import store

facts = FactRouter("candidatures")


@facts.subscriber(SessionHeld)
def show_held_session_on_its_projects(held: SessionHeld, work: Work) -> None:
    store.project.save_held_session(work.db, held)


@facts.subscriber(ProjectProgressed)
def show_progress_on_the_project(progressed: ProjectProgressed, work: Work) -> None:
    store.project.save_progress(work.db, progressed)
