"""The JSON API of the committee: scores, conflicts of interest, decisions."""

from datetime import timedelta
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
    kept_away,
    knows_names,
    mean_in_list,
    refuse_outsider,
    require_coordinator_of,
)
from candidatures.comment import Written
from candidatures.committee import REASONS, Applied, Verdict
from candidatures.schemas.committee import (
    ApplicationList,
    AppliedAnswer,
    ApplyBody,
    CommentsBody,
    ConflictBody,
    DecisionBody,
    MeanAnswer,
    ScoresBody,
    UndoneAnswer,
    VersionAnswer,
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
        if not may(request, *READERS, programme=found.programme):
            require(request, Role.FUNDER, programme=found.programme)
        named = knows_names(request, found)
        mean = mean_in_list(request, db, found)
        listing = lists.listing_of(found, gettext_of(request).language, mean, named=named)
        away = kept_away(request, db, found)
        query = lists.applications(found.id, mean, named=named, away=away)
        page = listing.page(request, db, query, unfiltered=found.received - len(away))
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
    "/api/applications/{application_id}/comments", response_model=VersionAnswer, tags=["committee"]
)
def put_comments(
    request: Request, application_id: UUID, body: CommentsBody, person: CommitteeMember
) -> Response:
    """Write comments over the version that was read; 409 `comments_stale` when it is older."""
    written = {one.criterion: Written(one.text, one.private) for one in body.comments}

    def write(work: Work) -> VersionAnswer:
        refuse_outsider(work, person, application_id)
        version = commands.committee.write_comments(
            work, application_id, person, written, body.version
        )
        return VersionAnswer(version=version)

    return command(request, write)


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
        commands.committee.prepare_decision(work, application_id, verdict, body.note, body.feedback)

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
            grace=timedelta(minutes=asked.grace_minutes),
        )

    return command(request, apply)


@router.post("/api/calls/{slug}/decisions/undo", response_model=UndoneAnswer, tags=["committee"])
def undo_decisions(request: Request, slug: str, _: Coordinator) -> Response:
    """Take back what was applied with a grace that has not passed: nobody was told."""

    def undo(work: Work) -> UndoneAnswer:
        require(request, Role.COORDINATOR, programme=store.call.get(work.db, slug).programme)
        return UndoneAnswer(undone=commands.committee.undo_decisions(work, slug))

    return command(request, undo)
