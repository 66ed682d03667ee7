"""The waiting list: a place is offered from it, answered by its bearer, and the list is closed."""

from uuid import UUID

from essaim import Refusal, Work
from essaim.web import (
    SignedIn,
    gettext_of,
    path_for,
    read_form,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
)
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.access import Coordinator, application_of_applicant, coordinated_call
from candidatures.labels import OFFER_STATES
from candidatures.pages.committee import show_application
from candidatures.pages.steering import act_or_again, show, steer
from candidatures.schemas.waiting_list import OfferBody

router = APIRouter(include_in_schema=False)

FIRST = 100
"""A place goes to who stands in front: whoever is behind is in the ranking."""


@router.get("/calls/{slug}/waiting-list", name="waiting-list")
def waiting_list(request: Request, slug: str) -> Response:
    """Who waits, by rank, what was offered, and the place to offer next."""
    return _waiting_list(request, slug)


def _waiting_list(request: Request, slug: str, refusal: Refusal | None = None) -> Response:
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)
        waiting = store.waiting_list.every(db, call, FIRST)
        count = store.waiting_list.how_many(db, call)
        taken = store.waiting_list.taken(db, call)
    return show(
        request,
        "waiting_list.html",
        call,
        refusal,
        waiting=waiting,
        count=count,
        taken=taken,
        today=today_of(request),
        offer_states=OFFER_STATES,
    )


@router.post("/calls/{slug}/waiting-list")
def offer(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    """Offer a free place to one of the list."""
    _ = gettext_of(request)

    def offering(work: Work) -> str:
        asked = read_form(form, OfferBody)
        chosen = asked.application_id
        return str(commands.waiting_list.offer(work, slug, asked.answer_by, chosen))

    def done(_id: str) -> Response:
        flash = _("La place est proposée : un courriel part, avec le jour où répondre.")
        return redirect(request, "waiting-list", slug=slug, flash=flash)

    return steer(request, slug, form, offering, done=done, again=_waiting_list)


@router.get("/calls/{slug}/waiting-list/close", name="close-waiting-list")
def ask_to_close(request: Request, slug: str) -> Response:
    """What closing the list causes, in numbers."""
    _ = gettext_of(request)
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)
        count = store.waiting_list.how_many(db, call)
    return render(
        request,
        "confirmation.html",
        question=_("Clore la liste d’attente ?"),
        consequences=[
            _("{count} projets qui attendent encore reçoivent une réponse.", count=count),
            _("Elle dit que toutes les places ont été attribuées."),
        ],
        action=path_for(request, "close-waiting-list", slug=slug),
        button=_("Clore la liste d’attente"),
        back=path_for(request, "waiting-list", slug=slug),
    )


@router.post("/calls/{slug}/waiting-list/close")
def close(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    _ = gettext_of(request)

    def closing(work: Work) -> int:
        return commands.waiting_list.close(work, slug)

    def done(answered: int) -> Response:
        flash = _("La liste d’attente est close : {count} réponses partent.", count=answered)
        return redirect(request, "waiting-list", slug=slug, flash=flash)

    return steer(request, slug, form, closing, done=done, again=_waiting_list)


@router.post("/applications/{application_id}/offer", name="answer-offer")
def answer(
    request: Request,
    application_id: UUID,
    _person: SignedIn,
    form: FormData = Depends(submitted),
) -> Response:
    """Its bearer takes the place that is offered, or declines it."""
    _ = gettext_of(request)
    accepts = form.get("answer") == "accept"

    def answering(work: Work) -> None:
        application_of_applicant(request, work.db, application_id, None)
        commands.waiting_list.answer(work, application_id, accepts)

    def done(_result: None) -> Response:
        said = (
            _("La place est à vous : un courriel vous le confirme.")
            if accepts
            else _("Vous avez décliné la place : un courriel vous le confirme.")
        )
        return redirect(request, "application", application_id=application_id, flash=said)

    def again(refusal: Refusal) -> Response:
        return show_application(request, application_id, refusal)

    return act_or_again(request, form, answering, done=done, again=again)
