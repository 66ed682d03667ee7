"""What partners tell us: of our projects, for their page; of persons they forgot."""

from typing import Any

from essaim import FactRouter, Work
from essaim_contracts.notifications import PersonForgottenByNotifications
from essaim_contracts.reporting import PersonForgottenByReporting
from essaim_contracts.scheduling import PersonForgottenByScheduling, ProjectProgressed, SessionHeld

from candidatures import store
from candidatures.erasure import Confirmation

facts = FactRouter("candidatures")


@facts.subscriber(SessionHeld)
def show_held_session_on_its_projects(held: SessionHeld, work: Work) -> None:
    store.project.save_held_session(work.db, held)


@facts.subscriber(ProjectProgressed)
def show_progress_on_the_project(progressed: ProjectProgressed, work: Work) -> None:
    store.project.save_progress(work.db, progressed)


@facts.subscriber(
    PersonForgottenByScheduling, PersonForgottenByNotifications, PersonForgottenByReporting
)
def note_that_a_partner_forgot_a_person(forgotten: Any, work: Work) -> None:
    at = forgotten.forgotten_at
    confirmed = Confirmation(forgotten.person_id, forgotten.owner, at, at)
    store.erasure.save_confirmation(work.db, confirmed)
