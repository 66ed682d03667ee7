"""What is handed over, on the page of who receives it: in the consortium, or by a link outside."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Work
from essaim.text.departments import DEPARTMENTS
from essaim.web import (
    act,
    gettext_of,
    path_for,
    read_form,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
    today_of,
)
from essaim_contracts.handover import HandoverParty
from essaim_contracts.words import APPLICANT_KINDS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.access.handover import (
    handed_over,
    handed_over_document,
    handover_of_giver,
    handover_of_receiver,
    receives,
)
from candidatures.application import Application
from candidatures.application_form import refusals_of
from candidatures.call import Call
from candidatures.files import send_file
from candidatures.form import choice_label
from candidatures.handover import (
    TO_COMPLETE,
    Handover,
    carried_content,
    carried_documents,
)
from candidatures.labels import HANDOVER_STATES
from candidatures.pages.visit import labels_of
from candidatures.schemas.handover import HandoverAnswerForm

router = APIRouter(include_in_schema=False)


@router.get("/handovers/{handover_id}", name="handover")
def show(request: Request, handover_id: UUID) -> Response:
    """What is handed over, for who is asked; who gives follows it beside the application."""
    require(request)
    return _show(request, handover_id)


def _show(request: Request, handover_id: UUID, refusal: Refusal | None = None) -> Response:
    with runtime_of(request).read() as db:
        known = store.handover.get(db, handover_id)
        if not receives(request, db, known):
            handover_of_giver(request, db, handover_id)
            return redirect(request, "application", application_id=known.application_id)
        known, to = handover_of_receiver(request, db, handover_id)
        words = _words(request, db, known, to)
    here = path_for(request, "handover", handover_id=handover_id)
    return render(request, "handover.html", refusal=refusal, place=here, **words)


def _words(request: Request, db: sa.Connection, known: Handover, to: Call | None) -> dict[str, Any]:
    """What a receiver reads: nothing of the file once it came to nothing."""
    today = today_of(request)
    words: dict[str, Any] = {
        "handover": known,
        "to": to,
        "is_late": known.is_late(today),
        "state_label": HANDOVER_STATES[known.state],
        "shows_file": known.shows_file,
        "made": _made(db, known),
    }
    if not known.shows_file:
        return words
    given, call = handed_over(db, known)
    documents = store.document.of_application(db, given.id)
    return words | {
        "given": given,
        "call": call,
        "documents": documents,
        "missing": _missing(request, db, given, to) if to else [],
        "complete_by": today + TO_COMPLETE,
        "departments": DEPARTMENTS,
        "applicant_kinds": APPLICANT_KINDS,
        "label_of": choice_label,
    }


def _made(db: sa.Connection, known: Handover) -> Application | None:
    """What it became in the receiving call."""
    found = known.to_application_id
    return store.application.find(db, found) if found else None


def _missing(request: Request, db: sa.Connection, given: Application, to: Call) -> list[str]:
    """What the receiving call asks besides, as it is called in its form."""
    today = today_of(request)
    content = carried_content(to, given.content, today)
    carried = carried_documents(to, content, store.document.of_application(db, given.id))
    refused = refusals_of(to, content, {one.code for one in carried}, today)
    labels = labels_of(request, to)
    return [labels.get(one.field or "", one.field or "") for one in refused]


@router.post("/handovers/{handover_id}")
def answer(request: Request, handover_id: UUID, form: FormData = Depends(submitted)) -> Response:
    """Who is asked takes it over, or declines."""
    require(request)

    def answering(work: Work) -> str | None:
        handover_of_receiver(request, work.db, handover_id)
        return answered(work, handover_id, form)

    try:
        made = act(request, form, answering)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return _show(request, handover_id, refusal)
    flash = _said(request, form)
    if made:
        return redirect(request, "application", application_id=UUID(made), flash=flash)
    return redirect(request, "handover", handover_id=handover_id, flash=flash)


def answered(work: Work, handover_id: UUID, form: FormData) -> str | None:
    """What a form answers: the application it makes in the receiving call, if it does."""
    asked = read_form(form, HandoverAnswerForm)
    if asked.accepts == "false":
        commands.handover.end(work, handover_id, HandoverParty.RECEIVER, asked.reason)
        return None
    made = commands.handover.accept(work, handover_id, asked.complete_by)
    return str(made) if made else None


def _said(request: Request, form: FormData) -> str:
    _ = gettext_of(request)
    if form.get("accepts") == "true":
        return _("Le dossier est repris : qui l’a envoyé et qui vous l’a transmis l’apprennent.")
    return _("Le dossier est décliné : votre raison est dite à qui vous l’a transmis.")


@router.get("/handovers/{handover_id}/documents/{code}", name="handover-document")
def document(request: Request, handover_id: UUID, code: str) -> Response:
    with runtime_of(request).read() as db:
        known, _to = handover_of_receiver(request, db, handover_id)
        found = handed_over_document(db, known, code)
    return send_file(runtime_of(request).documents, found)


# --- a receiver outside: her link is all she has


@router.get("/handovers/from/{token}", name="handover-from-link")
def show_linked(request: Request, token: str) -> Response:
    return _show_linked(request, token)


def _show_linked(request: Request, token: str, refusal: Refusal | None = None) -> Response:
    runtime = runtime_of(request)
    with runtime.read() as db:
        known = commands.handover.opened_by(db, token, runtime.clock.now())
        words = _words(request, db, known, None)
    here = path_for(request, "handover-from-link", token=token)
    return render(request, "handover.html", refusal=refusal, place=here, **words)


@router.post("/handovers/from/{token}")
def answer_linked(request: Request, token: str, form: FormData = Depends(submitted)) -> Response:
    def answering(work: Work) -> str | None:
        known = commands.handover.opened_by(work.db, token, work.now)
        return answered(work, known.id, form)

    try:
        act(request, form, answering)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return _show_linked(request, token, refusal)
    if form.get("accepts") == "true":
        return redirect(request, "handover-from-link", token=token, flash=_said(request, form))
    # Declined, the link opens nothing any more.
    return render(request, "handover_declined.html")


@router.get("/handovers/from/{token}/documents/{code}", name="linked-handover-document")
def linked_document(request: Request, token: str, code: str) -> Response:
    runtime = runtime_of(request)
    with runtime.read() as db:
        known = commands.handover.opened_by(db, token, runtime.clock.now())
        found = handed_over_document(db, known, code)
    return send_file(runtime.documents, found)
