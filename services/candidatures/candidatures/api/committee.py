"""The JSON API of the committee: scores, conflicts of interest, decisions."""

from typing import Annotated, Any
from uuid import UUID

from essaim.person import Person, Role
from essaim.web import allowed, command, gettext_of, may, require, runtime_of, takes
from essaim.work import Work
from fastapi import APIRouter, Depends, Request, Response

from candidatures import commands, lists, store
from candidatures.access import (
    OVERSEERS,
    READERS,
    CommitteeMember,
    Coordinator,
    mean_in_list,
    refuse_outsider,
    require_coordinator_of,
)
from candidatures.committee import REASONS, Applied, Verdict
from candidatures.schemas.committee import (
    ApplicationList,
    AppliedAnswer,
    ApplyBody,
    ConflictBody,
    DecisionBody,
    MeanAnswer,
    ScoresBody,
)

router = APIRouter()


@router.get(
    "/api/applications",
    response_model=ApplicationList,
    tags=["committee"],
    dependencies=[Depends(takes(lists.APPLICATIONS))],
)
def applications(
    request: Request,
    call: str,
    person: Annotated[Person, Depends(allowed(*OVERSEERS))],
) -> Any:
    """The applications received for a call.

    A funder sees them without their bearers, and the mean once decided; a member of the committee
    the mean of those she has scored.
    """
    with runtime_of(request).read() as db:
        found = store.call.get(db, call)
        named = may(request, *READERS, programme=found.programme)
        if not named:
            require(request, Role.FUNDER, programme=found.programme)
        mean = mean_in_list(request, db, found)
        listing = lists.listing_of(found, gettext_of(request).language, mean, named=named)
        query = lists.applications(found.id, mean, named=named)
        page = listing.page(request, db, query, unfiltered=found.received)
    return {"items": [dict(row._mapping) for row in page.rows], "total": page.total}


@router.put(
    "/api/applications/{application_id}/scores", response_model=MeanAnswer, tags=["committee"]
)
def put_scores(
    request: Request,
    application_id: UUID,
    body: ScoresBody,
    person: CommitteeMember,
) -> Response:
    """Give one's own points, criterion by criterion; nobody scores for somebody else."""

    def give(work: Work) -> MeanAnswer:
        refuse_outsider(work, person, application_id)
        mean = commands.committee.give_scores(work, application_id, person, body.points)
        return MeanAnswer(mean=mean)

    return command(request, give)


@router.put(
    "/api/applications/{application_id}/conflict", response_model=MeanAnswer, tags=["committee"]
)
def put_conflict(
    request: Request,
    application_id: UUID,
    body: ConflictBody,
    person: CommitteeMember,
) -> Response:
    """Withdraw from an application for a conflict of interest, or come back to it."""

    def declare(work: Work) -> MeanAnswer:
        refuse_outsider(work, person, application_id)
        mean = commands.committee.declare_conflict(work, application_id, person, body.declared)
        return MeanAnswer(mean=mean)

    return command(request, declare)


@router.put("/api/applications/{application_id}/decision", status_code=204, tags=["committee"])
def put_decision(
    request: Request,
    application_id: UUID,
    body: DecisionBody,
    _: Coordinator,
) -> Response:
    """Prepare a decision; nobody hears of it before decisions are applied."""
    reason = body.reason or REASONS[body.decision][0]
    verdict = Verdict(body.decision, reason, body.rank, body.track_code)

    def prepare(work: Work) -> None:
        require_coordinator_of(request, work.db, application_id)
        commands.committee.prepare_decision(work, application_id, verdict, body.note)

    return command(request, prepare)


@router.post("/api/calls/{slug}/decisions/apply", response_model=AppliedAnswer, tags=["committee"])
def apply_decisions(
    request: Request,
    slug: str,
    _: Coordinator,
    body: ApplyBody | None = None,
) -> Response:
    """Apply all prepared decisions together; only changed ones are said again."""
    asked = body or ApplyBody()

    def apply(work: Work) -> Applied:
        require(request, Role.COORDINATOR, programme=store.call.get(work.db, slug).programme)
        return commands.committee.apply_prepared(
            work,
            slug,
            decided_on=asked.decided_on,
            partial=asked.partial,
            over_places=asked.over_places,
        )

    return command(request, apply)
