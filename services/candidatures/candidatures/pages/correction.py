"""What is asked to be corrected or completed: asked by the coordination, written by who applied."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from essaim import Refusal, Work
from essaim.refusal import Refusals
from essaim.web import (
    SignedIn,
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
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from candidatures import commands, store
from candidatures.access import (
    Coordinator,
    application_of_applicant,
    readable_application,
    reading_of,
    source_here,
)
from candidatures.access.correspondence import refuse_no_correspondent
from candidatures.anonymity import identifying_document, is_identifying, unnamed
from candidatures.answer import document_field
from candidatures.application import Application, unknown_application
from candidatures.application_form import files_asked, read_content
from candidatures.call import Call
from candidatures.commands import quota
from candidatures.correction import Correction, corrected_content, open_one
from candidatures.document import Document
from candidatures.field_reader import Content
from candidatures.files import keep_upload, send_file, unnamed_if_refused
from candidatures.pages.application_form import form_words
from candidatures.pages.committee import show_application
from candidatures.schemas.correspondence import CorrectionBody, LaterBody

router = APIRouter(include_in_schema=False)


# --- the coordination


@router.post("/applications/{application_id}/corrections", name="ask-correction")
def ask(
    request: Request,
    application_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    def asking(work: Work) -> None:
        asked = read_form(form, CorrectionBody)
        commands.correction.ask(work, application_id, asked.fields, asked.open_until, asked.words)

    _ = gettext_of(request)
    flash = _("C’est demandé : un courriel le lui dit, et sa page n’ouvre que cela.")
    return _steered(request, application_id, form, asking, flash)


@router.post(
    "/applications/{application_id}/corrections/{correction_id}/more-time",
    name="give-correction-time",
)
def give_more_time(
    request: Request,
    application_id: UUID,
    correction_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    def giving(work: Work) -> None:
        until = read_form(form, LaterBody).open_until
        commands.correction.give_more_time(work, application_id, correction_id, until)

    _ = gettext_of(request)
    flash = _("Le nouveau délai lui est dit par courriel.")
    return _steered(request, application_id, form, giving, flash)


@router.post(
    "/applications/{application_id}/corrections/{correction_id}/take-back",
    name="take-correction-back",
)
def take_back(
    request: Request,
    application_id: UUID,
    correction_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    def taking_back(work: Work) -> None:
        commands.correction.take_back(work, application_id, correction_id)

    _ = gettext_of(request)
    flash = _("Ce complément n’est plus demandé.")
    return _steered(request, application_id, form, taking_back, flash)


def _steered(
    request: Request,
    application_id: UUID,
    form: FormData,
    decide: Callable[[Work], None],
    flash: str,
) -> Response:
    def deciding(work: Work) -> None:
        found = store.application.get(work.db, application_id)
        refuse_no_correspondent(request, work.db, found)
        decide(work)

    try:
        act(request, form, deciding)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return show_application(request, application_id, refusal)
    return redirect(request, "application", application_id=application_id, flash=flash)


# --- whoever applied


@router.get("/applications/{application_id}/correction", name="correction")
def show(request: Request, application_id: UUID) -> Response:
    """The questions and documents that are asked of her, and no others."""
    require(request)
    return _form(request, application_id)


def _form(
    request: Request,
    application_id: UUID,
    refusal: Refusal | None = None,
    written: Content | None = None,
) -> Response:
    with runtime_of(request).read() as db:
        found = application_of_applicant(request, db, application_id, None)
        asked = open_one(store.correction.of_application(db, found.id), today_of(request))
        if asked is None and refusal is None:
            return redirect(request, "application", application_id=application_id)
        if asked is None:
            # Too late by a minute: what she typed may still go to the coordination as a message.
            typed = "\n\n".join(filter(None, (written or {}).values()))
            return show_application(request, application_id, refusal, note_text=typed)
        call = store.call.of_id(db, found.call_id)
        standing = store.document.of_application(db, found.id)
        added = store.correction.documents_of(db, asked.id, former=False)
    content = {**corrected_content(found.content, asked), **(written or {})}
    place = path_for(request, "application-document", application_id=found.id, code="-")
    own = path_for(request, "correction-document", application_id=found.id, code="-")
    there = {**standing, **added}
    places = {code: (own if code in added else place)[:-1] + code for code in there}
    return render(
        request,
        "correction.html",
        refusal=refusal,
        application=found,
        correction=asked,
        values=content,
        differing={},
        documents=there,
        files=[one for one in files_asked(call, content) if _is_asked(asked, one.code)],
        done="",
        **{**form_words(request, call, content), "document_places": places},
    )


def _is_asked(asked: Correction, code: str) -> bool:
    return document_field(code) in asked.fields


@router.post("/applications/{application_id}/correction")
def write(
    request: Request, application_id: UUID, _person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    """Keep what she wrote; with « Envoyer » it becomes the application."""
    _ = gettext_of(request)
    with runtime_of(request).read() as db:
        found = application_of_applicant(request, db, application_id, None)
        call = store.call.of_id(db, found.call_id)
        every = store.correction.of_application(db, found.id)
    asked = open_one(every, today_of(request)) or (every[-1] if every else None)
    if asked is None:
        raise unknown_application()
    content = _written(call, asked, form)
    added, refusals = _uploaded(request, call, asked, found, form)
    sends = form.get("action") == "send" and not refusals

    def writing(work: Work) -> None:
        application_of_applicant(request, work.db, application_id, None)
        commands.correction.save(
            work, application_id, asked.id, content, _version(form), added=added
        )

    try:
        with unnamed_if_refused(runtime_of(request), *added):
            act(request, form, writing)
        if refusals:
            raise Refusals(refusals)
        if sends:
            _send(request, application_id, asked.id)
    except Refusal as refusal:
        if refusal.status not in (409, 413, 422):
            raise
        return _form(request, application_id, refusal, content)
    if not sends:
        flash = _("C’est enregistré. Rien n’est transmis avant « Envoyer ».")
        return redirect(request, "correction", application_id=application_id, flash=flash)
    flash = _("Vos compléments sont reçus : un courriel vous le confirme.")
    return redirect(request, "application", application_id=application_id, flash=flash)


def _send(request: Request, application_id: UUID, correction_id: UUID) -> None:
    """After what she wrote is kept: a field that is wrong must not lose the others."""
    person = require(request)
    with runtime_of(request).work(actor=person.id) as work:
        application_of_applicant(request, work.db, application_id, None)
        commands.correction.send(work, application_id, correction_id)


def _version(form: FormData) -> int:
    version = str(form.get("version", "0"))
    return int(version) if re.fullmatch("[0-9]{1,9}", version) else 0


def _written(call: Call, asked: Correction, form: FormData) -> Content:
    """What the form says in the fields that were asked; one that it does not hold is empty."""
    given: dict[str, Any] = {}
    for name in asked.fields:
        if not name.startswith("document-"):
            texts = [text for text in form.getlist(name) if isinstance(text, str)]
            given[name] = texts if len(texts) > 1 else "".join(texts)
    return read_content(call, given)


def _uploaded(
    request: Request, call: Call, asked: Correction, found: Application, form: FormData
) -> tuple[list[Document], list[Refusal]]:
    """The files chosen, on the disk; and why others are not, at their fields."""
    added, refusals = [], []
    for one in call.files:
        field, file = document_field(one.code), form.get(document_field(one.code))
        if not _is_asked(asked, one.code) or not isinstance(file, UploadFile) or not file.filename:
            continue
        try:
            with runtime_of(request).work() as work:
                source, size = source_here(request), file.size or 0
                quota.admit_file(work, source, call.slug, str(found.id), size, field)
            added.append(keep_upload(runtime_of(request).documents, one, file, field))
        except Refusal as refusal:
            refusals.append(refusal)
    return added, refusals


# --- documents beside the application


@router.get(
    "/applications/{application_id}/correction/documents/{code}", name="correction-document"
)
def added_document(request: Request, application_id: UUID, code: str) -> Response:
    """A file she added and has not sent: hers alone."""
    require(request)
    with runtime_of(request).read() as db:
        found = application_of_applicant(request, db, application_id, None)
        asked = open_one(store.correction.of_application(db, found.id), today_of(request))
        added = store.correction.documents_of(db, asked.id, former=False) if asked else {}
    if code not in added:
        raise unknown_application()
    return send_file(runtime_of(request).documents, added[code])


@router.get(
    "/applications/{application_id}/corrections/{correction_id}/documents/{code}",
    name="former-document",
)
def former_document(
    request: Request, application_id: UUID, correction_id: UUID, code: str
) -> Response:
    """The file that stood there before, for whoever reads the one that stands there now."""
    require(request)
    with runtime_of(request).read() as db:
        found, call, inside = readable_application(request, db, application_id, None)
        reading = reading_of(request, db, found, call)
        of = {one.id for one in store.correction.of_application(db, found.id)}
        former = store.correction.documents_of(db, correction_id, former=True)
    if correction_id not in of or code not in former or (inside and not reading.file):
        raise unknown_application()
    if inside and not reading.names and is_identifying(call, code):
        raise identifying_document()
    named = former[code] if reading.names else unnamed(former[code])
    return send_file(runtime_of(request).documents, named)
