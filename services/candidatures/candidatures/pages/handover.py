"""Hand-overs: proposed, agreed to and followed on the page of an application."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from essaim import Refusal, Work
from essaim.web import (
    SignedIn,
    act,
    gettext_of,
    read_form,
    redirect,
    runtime_of,
    submitted,
)
from essaim_contracts.handover import HandoverParty
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands
from candidatures.access import Coordinator, application_of_applicant, require_coordinator_of
from candidatures.access.handover import handover_of_giver
from candidatures.commands.handover import To
from candidatures.pages.committee import show_application
from candidatures.pages.handover_letter import send_link
from candidatures.schemas.handover import AgreementForm, MoreTimeBody, ProposalBody

router = APIRouter(include_in_schema=False)


@router.post("/applications/{application_id}/handover", name="propose-handover")
def propose(
    request: Request,
    application_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    def proposing(work: Work) -> str:
        require_coordinator_of(request, work.db, application_id)
        asked = read_form(form, ProposalBody)
        to = To(asked.to_call, asked.name, asked.email, asked.language)
        return str(commands.handover.propose(work, application_id, to, asked.answer_by))

    _ = gettext_of(request)
    flash = _("La question est posée : un courriel demande son accord.")
    return _done(request, form, proposing, application_id, flash)


@router.post("/applications/{application_id}/handover/answer", name="agree-handover")
def agree(
    request: Request, application_id: UUID, _person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    """Its bearer agrees that it goes there, or does not."""
    _ = gettext_of(request)

    def answering(work: Work) -> str:
        application_of_applicant(request, work.db, application_id, None)
        agrees = read_form(form, AgreementForm).agrees
        return str(commands.handover.answer_of_bearer(work, application_id, agrees == "true"))

    try:
        handover_id = UUID(act(request, form, answering))
    except Refusal as refusal:
        return _again(request, application_id, refusal)
    agrees = form.get("agrees") == "true"
    if agrees:
        send_link(runtime_of(request), handover_id)
    said = (
        _("Merci : votre dossier est transmis. Vous saurez ici ce qu’il en est.")
        if agrees
        else _("C’est noté : votre dossier n’est transmis à personne.")
    )
    return redirect(request, "application", application_id=application_id, flash=said)


@router.post("/handovers/{handover_id}/take-back", name="take-handover-back")
def take_back(
    request: Request,
    handover_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    def taking_back(work: Work) -> None:
        commands.handover.end(work, handover_id, HandoverParty.GIVER)

    _ = gettext_of(request)
    flash = _("La transmission est reprise : personne ne lit plus ce dossier.")
    return _changed(request, handover_id, form, taking_back, flash)


@router.post("/handovers/{handover_id}/more-time", name="give-handover-time")
def give_more_time(
    request: Request,
    handover_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    """Another last day; the receiver hears it, and one outside gets a new link."""

    def giving(work: Work) -> None:
        commands.handover.give_more_time(work, handover_id, read_form(form, MoreTimeBody).answer_by)

    _ = gettext_of(request)
    flash = _("Le nouveau délai est dit à qui doit répondre.")
    return _changed(request, handover_id, form, giving, flash, sends=True)


@router.post("/handovers/{handover_id}/link", name="send-handover-link")
def send_again(
    request: Request,
    handover_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    """A new link to a receiver outside: the one before opens nothing any more."""

    def asking(work: Work) -> None:
        commands.handover.refuse_no_link(work, handover_id)

    _ = gettext_of(request)
    flash = _("Un nouveau lien part par courriel : l’ancien n’ouvre plus rien.")
    return _changed(request, handover_id, form, asking, flash, sends=True)


@router.post("/handovers/{handover_id}/link/end", name="end-handover-link")
def end_link(
    request: Request,
    handover_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    def ending(work: Work) -> None:
        commands.handover.revoke_link(work, handover_id)

    _ = gettext_of(request)
    flash = _("Le lien n’ouvre plus rien. Vous pouvez en envoyer un autre.")
    return _changed(request, handover_id, form, ending, flash)


def _changed(
    request: Request,
    handover_id: UUID,
    form: FormData,
    decide: Callable[[Work], None],
    flash: str,
    *,
    sends: bool = False,
) -> Response:
    """An act of who gives; `sends` also a new link, to a receiver outside."""
    with runtime_of(request).read() as db:
        known = handover_of_giver(request, db, handover_id)

    def changing(work: Work) -> None:
        handover_of_giver(request, work.db, handover_id)
        decide(work)

    try:
        act(request, form, changing)
    except Refusal as refusal:
        return _again(request, known.application_id, refusal)
    if sends and not send_link(runtime_of(request), handover_id):
        _ = gettext_of(request)
        flash = _("Le lien n’a pas pu partir par courriel. Envoyez-le à nouveau plus tard.")
    return redirect(request, "application", application_id=known.application_id, flash=flash)


def _done(
    request: Request,
    form: FormData,
    decide: Callable[[Work], Any],
    application_id: UUID,
    flash: str,
) -> Response:
    try:
        act(request, form, decide)
    except Refusal as refusal:
        return _again(request, application_id, refusal)
    return redirect(request, "application", application_id=application_id, flash=flash)


def _again(request: Request, application_id: UUID, refusal: Refusal) -> Response:
    if refusal.status not in (409, 422):
        raise refusal
    return show_application(request, application_id, refusal)
