"""The JSON API of hand-overs."""

from typing import Any
from uuid import UUID

from essaim.web import SignedIn, command, runtime_of, today_of
from essaim.work import Work
from essaim_contracts.handover import HandoverParty
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import Coordinator, application_of_applicant, require_coordinator_of
from candidatures.access.handover import (
    handed_over,
    handover_of_giver,
    handover_of_receiver,
    receives,
)
from candidatures.commands.handover import To
from candidatures.pages.handover_letter import send_link
from candidatures.schemas.handover import (
    AcceptedAnswer,
    AgreementBody,
    HandoverAnswer,
    HandoverAnswerBody,
    MoreTimeBody,
    ProposalBody,
    ProposedAnswer,
    handover_answer,
)

router = APIRouter(tags=["hand-overs"])


@router.post("/api/applications/{application_id}/handover", response_model=ProposedAnswer)
def propose(request: Request, application_id: UUID, body: ProposalBody, _: Coordinator) -> Response:
    """Ask the bearer of a re-oriented application whether it may go to this receiver."""

    def proposing(work: Work) -> ProposedAnswer:
        require_coordinator_of(request, work.db, application_id)
        to = To(body.to_call, body.name, body.email, body.language)
        return ProposedAnswer(
            id=commands.handover.propose(work, application_id, to, body.answer_by)
        )

    return command(request, proposing)


@router.post("/api/applications/{application_id}/handover/answer", status_code=204)
def agree(request: Request, application_id: UUID, body: AgreementBody, _: SignedIn) -> Response:
    """Its bearer agrees that it goes there, or does not."""
    asked: list[UUID] = []

    def answering(work: Work) -> None:
        application_of_applicant(request, work.db, application_id, None)
        asked.append(commands.handover.answer_of_bearer(work, application_id, body.agrees))

    response = command(request, answering)
    if asked and body.agrees:
        send_link(runtime_of(request), asked[0])
    return response


@router.get("/api/handovers/{handover_id}", response_model=HandoverAnswer)
def read(request: Request, handover_id: UUID, _: SignedIn) -> Any:
    """Where it stands, for who gives; also what is handed over, for who is asked."""
    today = today_of(request)
    with runtime_of(request).read() as db:
        known = store.handover.get(db, handover_id)
        if not receives(request, db, known):
            return handover_answer(handover_of_giver(request, db, handover_id), today)
        known, _to = handover_of_receiver(request, db, handover_id)
        answer = handover_answer(known, today)
        if known.shows_file:
            given, _call = handed_over(db, known)
            answer.content = dict(given.content)
            answer.documents = sorted(store.document.of_application(db, given.id))
    return answer


@router.post("/api/handovers/{handover_id}/answer", response_model=AcceptedAnswer)
def answer(request: Request, handover_id: UUID, body: HandoverAnswerBody, _: SignedIn) -> Response:
    """Who is asked takes it over, or declines."""

    def answering(work: Work) -> AcceptedAnswer:
        handover_of_receiver(request, work.db, handover_id)
        if body.accepts:
            made = commands.handover.accept(work, handover_id, body.complete_by)
            return AcceptedAnswer(application_id=made)
        commands.handover.end(work, handover_id, HandoverParty.RECEIVER, body.reason)
        return AcceptedAnswer(application_id=None)

    return command(request, answering)


@router.post("/api/handovers/{handover_id}/more-time", status_code=204)
def give_more_time(
    request: Request, handover_id: UUID, body: MoreTimeBody, _: Coordinator
) -> Response:
    """Another last day; the receiver hears it, and one outside gets a new link."""

    def giving(work: Work) -> None:
        handover_of_giver(request, work.db, handover_id)
        commands.handover.give_more_time(work, handover_id, body.answer_by)

    response = command(request, giving)
    send_link(runtime_of(request), handover_id)
    return response


@router.delete("/api/handovers/{handover_id}", status_code=204)
def take_back(request: Request, handover_id: UUID, _: Coordinator) -> Response:
    """Who gives takes it back: nobody reads it there any more."""

    def taking_back(work: Work) -> None:
        handover_of_giver(request, work.db, handover_id)
        commands.handover.end(work, handover_id, HandoverParty.GIVER)

    return command(request, taking_back)


@router.delete("/api/handovers/{handover_id}/link", status_code=204)
def end_link(request: Request, handover_id: UUID, _: Coordinator) -> Response:
    """The link of a receiver outside opens nothing any more."""

    def ending(work: Work) -> None:
        handover_of_giver(request, work.db, handover_id)
        commands.handover.revoke_link(work, handover_id)

    return command(request, ending)


@router.get("/api/handovers/from/{token}", response_model=HandoverAnswer)
def read_linked(request: Request, token: str) -> Any:
    """What its link shows a receiver outside."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        known = commands.handover.opened_by(db, token, runtime.clock.now())
        answer = handover_answer(known, today_of(request))
        given, _call = handed_over(db, known)
        answer.content = dict(given.content)
        answer.documents = sorted(store.document.of_application(db, given.id))
    return answer


@router.post("/api/handovers/from/{token}/answer", status_code=204)
def answer_linked(request: Request, token: str, body: HandoverAnswerBody) -> Response:
    """A receiver outside takes it over, or declines."""

    def answering(work: Work) -> None:
        known = commands.handover.opened_by(work.db, token, work.now)
        if body.accepts:
            commands.handover.accept(work, known.id)
        else:
            commands.handover.end(work, known.id, HandoverParty.RECEIVER, body.reason)

    return command(request, answering, secret=token)
