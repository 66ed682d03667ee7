"""Cohorts: formed from the projects selected in a call, then changed one project at a time."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from essaim import Work
from essaim.ids import new_id
from essaim.people import directory
from essaim_contracts.candidatures import CohortChange, CohortChanged, CohortFormed

from candidatures import store
from candidatures.cohort import Asked, LeaveReason, change_cohort, form_cohort
from candidatures.project import unknown_project


def form(work: Work, slug: str, asked: Asked) -> CohortFormed:
    """A cohort of projects selected in a call; the others may form another.

    Raises:
        Refusal: (404) there is no such call; nobody was selected in it, all have their cohort, or
            there are too few places.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    formed = form_cohort(
        call,
        new_id(),
        asked,
        selected=store.project.selected_in(work.db, call.id),
        formed=store.cohort.of_edition(work.db, call.edition_id),
    )
    store.cohort.add(work.db, formed)
    for project in formed.projects:
        _vouch_for(work, project.bearer_ids)
    work.tell(formed, programme=call.programme)
    return formed


def change(
    work: Work,
    cohort_id: UUID,
    project_id: UUID,
    change: CohortChange,
    effective_on: date,
    reason: LeaveReason | None = None,
) -> CohortChanged:
    """A project joins a cohort (from the waiting list, once selected) or leaves it.

    Raises:
        Refusal: (404) there is no such project in the cohort's programme; or it may not.
    """
    cohort = store.cohort.get(work.db, cohort_id)
    store.call.of_id(work.db, cohort.call_id, lock=True)
    project = store.project.get(work.db, project_id)
    if store.project.programme_of(work.db, project_id) != cohort.programme:
        raise unknown_project()
    inside = len(store.project.of_cohort(work.db, cohort_id))
    changed = change_cohort(cohort, project, change, effective_on, inside)
    store.cohort.save_change(work.db, changed, reason)
    if change == CohortChange.JOINED:
        _vouch_for(work, changed.project.bearer_ids)
    work.tell(changed, programme=cohort.programme)
    return changed


def _vouch_for(work: Work, bearer_ids: Iterable[UUID]) -> None:
    """Whom a programme takes in, it knows: its letters call her and her project by their names.

    An address that is proved to be somebody else's stays hers.
    """
    for bearer_id in bearer_ids:
        directory.prove_email(work.db, bearer_id, share=True)
