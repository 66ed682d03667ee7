"""What scheduling tells us of our projects, kept for their page."""

from essaim.handling import Handlers
from essaim.work import Work
from essaim_contracts.scheduling import ProjectProgressed, SessionHeld

from candidatures import store

hears = Handlers()


@hears(SessionHeld)
def show_held_session_on_its_projects(held: SessionHeld, work: Work) -> None:
    store.save_held_session(work.db, held)


@hears(ProjectProgressed)
def show_progress_on_the_project(progressed: ProjectProgressed, work: Work) -> None:
    store.save_progress(work.db, progressed)
