"""The JSON API of the waiting list."""

from typing import Any
from uuid import UUID

from essaim.person import Role
from essaim.web import SignedIn, command, require, runtime_of, today_of
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import Coordinator, application_of_applicant
from candidatures.schemas.waiting_list import (
    AnswerBody,
    ClosedAnswer,
    OfferBody,
    OfferedAnswer,
    WaitingAnswer,
    WaitingListAnswer,
)

router = APIRouter()


@router.get("/api/calls/{slug}/waiting-list", response_model=WaitingListAnswer, tags=["committee"])
def waiting_list(request: Request, slug: str, _: Coordinator) -> Any:
    """Who waits, by rank, and what was offered to them."""
    today = today_of(request)
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, Role.COORDINATOR, programme=call.programme)
        items = [
            WaitingAnswer(
                application_id=one.application_id,
                number=one.number,
                rank=one.rank,
                offer=one.offer.state(today) if one.offer else None,
                answer_by=one.offer.answer_by if one.offer else None,
            )
            for one in store.waiting_list.every(db, call)
        ]
    return WaitingListAnswer(items=items)


@router.post("/api/calls/{slug}/offers", response_model=OfferedAnswer, tags=["committee"])
def offer(request: Request, slug: str, body: OfferBody, _: Coordinator) -> Response:
    """Offer a free place, by default to the first of the list."""

    def offering(work: Work) -> OfferedAnswer:
        require(request, Role.COORDINATOR, programme=store.call.get(work.db, slug).programme)
        chosen = body.application_id
        offered = commands.waiting_list.offer(work, slug, body.answer_by, chosen)
        return OfferedAnswer(application_id=offered)

    return command(request, offering)


@router.post("/api/applications/{application_id}/offer", status_code=204, tags=["applications"])
def answer(request: Request, application_id: UUID, body: AnswerBody, _: SignedIn) -> Response:
    """Its bearer takes the place, and is selected; or declines, and is withdrawn."""

    def answering(work: Work) -> None:
        application_of_applicant(request, work.db, application_id, None)
        commands.waiting_list.answer(work, application_id, body.accepts)

    return command(request, answering)


@router.post(
    "/api/calls/{slug}/waiting-list/close", response_model=ClosedAnswer, tags=["committee"]
)
def close(request: Request, slug: str, _: Coordinator) -> Response:
    """Answer everybody who still waits that no place freed."""

    def closing(work: Work) -> ClosedAnswer:
        require(request, Role.COORDINATOR, programme=store.call.get(work.db, slug).programme)
        return ClosedAnswer(answered=commands.waiting_list.close(work, slug))

    return command(request, closing)
