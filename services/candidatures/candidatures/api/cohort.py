"""The JSON API of cohorts."""

from typing import Any
from uuid import UUID

from essaim.person import Role
from essaim.web import SignedIn, command, require, runtime_of, today_of
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import Coordinator
from candidatures.access.project import coordinated_cohort, readable_cohort, sees_bearers
from candidatures.schemas.cohort import (
    CohortAnswer,
    CohortBody,
    CohortChangeBody,
    CohortList,
    OwedFileList,
    RemindedAnswer,
    cohort_answer,
    owed_answer,
)

router = APIRouter()


@router.post("/api/cohorts", status_code=201, response_model=CohortAnswer, tags=["cohorts"])
def post_cohort(request: Request, body: CohortBody, _: Coordinator) -> Response:
    """Form a cohort of projects selected in a call; those it leaves may form another."""

    def form(work: Work) -> CohortAnswer:
        call = store.call.get(work.db, body.call)
        require(request, Role.COORDINATOR, programme=call.programme)
        formed = commands.cohort.form(work, body.call, body.asked)
        return cohort_answer(work.db, store.cohort.get(work.db, formed.cohort_id))

    return command(request, form, status=201)


@router.get("/api/cohorts", response_model=CohortList, tags=["cohorts"])
def cohorts(request: Request, person: SignedIn) -> Any:
    """The cohorts of one's programmes and projects as they are now, the last to start first."""

    with runtime_of(request).read() as db:
        items = [
            cohort_answer(db, one, named=named)
            for one in store.cohort.every(db)
            if (named := sees_bearers(request, db, person, one)) is not None
        ]
    return {"items": items, "total": len(items)}


@router.post("/api/cohorts/{cohort_id}/changes", response_model=CohortAnswer, tags=["cohorts"])
def change_cohort(
    request: Request, cohort_id: UUID, body: CohortChangeBody, _: Coordinator
) -> Response:
    """A selected project joins the cohort, or a project leaves it."""

    def change(work: Work) -> CohortAnswer:
        cohort = coordinated_cohort(request, work.db, cohort_id)
        commands.cohort.change(
            work, cohort_id, body.project_id, body.change, body.effective_on, body.reason
        )
        return cohort_answer(work.db, cohort)

    return command(request, change)


@router.get("/api/cohorts/{cohort_id}/files", response_model=OwedFileList, tags=["cohorts"])
def cohort_files(request: Request, cohort_id: UUID, _: SignedIn) -> Any:
    """What each project of a cohort owes: who holds the pen, until when, and who is late."""
    with runtime_of(request).read() as db:
        readable_cohort(request, db, cohort_id)
        files = store.owed.of_cohorts(db, [cohort_id], today_of(request))
    return {"items": [owed_answer(one) for one in files], "total": len(files)}


@router.post("/api/cohorts/{cohort_id}/reminders", response_model=RemindedAnswer, tags=["cohorts"])
def remind_late(request: Request, cohort_id: UUID, _: Coordinator) -> Response:
    """Remind the late projects of a cohort, and no other; nobody twice on one day."""

    def reminding(work: Work) -> RemindedAnswer:
        coordinated_cohort(request, work.db, cohort_id)
        return RemindedAnswer(reminded=commands.deliverable.remind_late(work, cohort_id))

    return command(request, reminding)
