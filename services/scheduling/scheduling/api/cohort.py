"""Cohorts, and what their track proposes to them."""

from uuid import UUID

from essaim.web import SignedIn, runtime_of, today_of
from fastapi import APIRouter, Request

from scheduling import access, store
from scheduling.schemas.body import Listed, listed
from scheduling.schemas.cohort import (
    CohortAnswer,
    CohortDetail,
    ProposalAnswer,
    cohort_answer,
    cohort_detail,
    proposal_answer,
)

router = APIRouter()


@router.get("/api/cohorts", tags=["cohorts"])
def cohorts(
    request: Request, person: SignedIn, edition: UUID | None = None
) -> Listed[CohortAnswer]:
    """The cohorts of one's programmes and projects; `track_version` is null until it is known."""
    with runtime_of(request).read() as db:
        reach = store.reach.of(db, person, today_of(request))
        found = store.cohort.load_all(db, edition)
    mine = [one for one in found if reach.reads(one.programme) or access.is_bearer(person, one)]
    return listed(map(cohort_answer, mine))


@router.get("/api/cohorts/{cohort_id}", tags=["cohorts"])
def cohort(request: Request, cohort_id: UUID, person: SignedIn) -> CohortDetail:
    """A cohort with its projects, those that left too. A funder sees no bearer."""
    with runtime_of(request).read() as db:
        found = store.cohort.load(db, cohort_id)
        reach = store.reach.of(db, person, today_of(request))
    return cohort_detail(found, named=access.check_reads_cohort(person, reach, found))


@router.get("/api/cohorts/{cohort_id}/proposed-sessions", tags=["cohorts"])
def proposed_sessions(
    request: Request, cohort_id: UUID, person: SignedIn, project: UUID | None = None
) -> Listed[ProposalAnswer]:
    """The sessions the track proposes that nothing on the calendar answers yet."""
    with runtime_of(request).read() as db:
        cohort = store.cohort.load(db, cohort_id)
        access.check_reads(store.reach.of(db, person, today_of(request)), cohort.programme)
        found = store.proposed_session.open_of_cohort(db, cohort_id, project)
    return listed(map(proposal_answer, found))
