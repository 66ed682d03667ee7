"""The JSON API of who reads what: given by hand or evenly, conflicts pinned, rounds begun."""

from typing import Any
from uuid import UUID

from essaim.people.directory import find_person, people_with_role
from essaim.person import Role
from essaim.web import command, require, runtime_of, today_of
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import Coordinator, require_coordinator_of
from candidatures.assignment import Assigned, Given
from candidatures.person import unknown_person
from candidatures.schemas.assignment import (
    AssignedAnswer,
    AssignmentAnswer,
    AssignmentBody,
    PinBody,
    ReaderAnswer,
    RoundAnswer,
    RoundBody,
    ShareOutBody,
)

router = APIRouter()


@router.get("/api/calls/{slug}/assignment", response_model=AssignmentAnswer, tags=["committee"])
def assignment(request: Request, slug: str, _: Coordinator) -> Any:
    """What each member of the committee was given to score, and how far she is."""
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, Role.COORDINATOR, programme=call.programme)
        held = store.assignment.in_call(db, call.id)
        scored = store.assignment.scored_in_call(db, call)
        members = people_with_role(db, Role.COMMITTEE_MEMBER, today_of(request), call.programme)
        items = [
            ReaderAnswer(
                reader_id=one.id,
                name=one.name,
                applications=sorted(held.get(one.id, ())),
                scored=len(held.get(one.id, frozenset()) & scored.get(one.id, frozenset())),
            )
            for one in members
        ]
        return AssignmentAnswer(due_on=store.assignment.day_of(db, call.id), items=items)


@router.put("/api/calls/{slug}/assignment", response_model=AssignedAnswer, tags=["committee"])
def assign(request: Request, slug: str, body: AssignmentBody, _: Coordinator) -> Response:
    """Give these, take those back. What a conflict keeps from its reader is skipped."""

    def giving(work: Work) -> Assigned:
        require(request, Role.COORDINATOR, programme=store.call.get(work.db, slug).programme)
        given = [Given(one.application_id, one.reader_id) for one in body.give]
        back = [Given(one.application_id, one.reader_id) for one in body.take_back]
        return commands.assignment.change(work, slug, given, back, body.due_on)

    return command(request, giving)


@router.post("/api/calls/{slug}/assignment/even", response_model=AssignedAnswer, tags=["committee"])
def share_out(request: Request, slug: str, body: ShareOutBody, _: Coordinator) -> Response:
    """Give applications until each has as many readers; whoever reads least is given the next."""

    def sharing(work: Work) -> Assigned:
        require(request, Role.COORDINATOR, programme=store.call.get(work.db, slug).programme)
        return commands.assignment.share_out(work, slug, each=body.each, due_on=body.due_on)

    return command(request, sharing)


@router.put(
    "/api/applications/{application_id}/conflicts/{person_id}",
    status_code=204,
    tags=["committee"],
)
def pin(
    request: Request, application_id: UUID, person_id: UUID, body: PinBody, _: Coordinator
) -> Response:
    """Say that a conflict stands, that a guess is wrong, or (null) neither."""

    def pinning(work: Work) -> None:
        require_coordinator_of(request, work.db, application_id)
        member = find_person(work.db, person_id)
        if member is None:
            raise unknown_person()
        commands.committee.pin_conflict(work, application_id, member, body.stands)

    return command(request, pinning)


@router.post("/api/calls/{slug}/round", response_model=RoundAnswer, tags=["committee"])
def begin_round(request: Request, slug: str, body: RoundBody, _: Coordinator) -> Response:
    """Begin the next round with the applications for which no decision is prepared."""

    def beginning(work: Work) -> RoundAnswer:
        require(request, Role.COORDINATOR, programme=store.call.get(work.db, slug).programme)
        kept = commands.committee.begin_round(work, slug, body.round)
        return RoundAnswer(round=body.round, kept=kept)

    return command(request, beginning)
