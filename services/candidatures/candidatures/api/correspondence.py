"""The JSON API of what passes between a coordination and somebody who applied."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from essaim.web import SignedIn, command, runtime_of, today_of
from essaim.work import Work
from fastapi import APIRouter, Request, Response, UploadFile

from candidatures import commands, store
from candidatures.access import Coordinator, application_of_applicant, source_here
from candidatures.access.correspondence import refuse_no_correspondent, side_of
from candidatures.answer import document_field
from candidatures.application_form import read_content
from candidatures.call import Call, asked_document
from candidatures.commands import quota
from candidatures.correction import not_asked_by_form
from candidatures.files import keep_upload, unnamed_if_refused
from candidatures.schemas.application import DocumentAnswer
from candidatures.schemas.correspondence import (
    AskedAnswer,
    CorrectedBody,
    CorrectionBody,
    CorrectionsAnswer,
    LaterBody,
    NoteBody,
    NotesAnswer,
    VersionAnswer,
    correction_answer,
    note_answer,
)

router = APIRouter(tags=["applications"])
_CORRECTIONS = "/api/applications/{application_id}/corrections"
_ONE = _CORRECTIONS + "/{correction_id}"
_NOTES = "/api/applications/{application_id}/notes"


@router.get(_CORRECTIONS, response_model=CorrectionsAnswer)
def corrections(request: Request, application_id: UUID, _: SignedIn) -> Any:
    """All that was asked of an application, for its bearer and its coordination."""
    with runtime_of(request).read() as db:
        is_hers = side_of(request, db, application_id)
        every = store.correction.of_application(db, application_id)
    today = today_of(request)
    return CorrectionsAnswer(
        items=[correction_answer(one, today, is_hers=is_hers) for one in every]
    )


@router.post(_CORRECTIONS, response_model=AskedAnswer)
def ask(request: Request, application_id: UUID, body: CorrectionBody, _: Coordinator) -> Response:
    """Ask its bearer to correct or complete some of it until a day."""

    def asking(work: Work) -> AskedAnswer:
        made = commands.correction.ask(
            work, application_id, body.fields, body.open_until, body.words
        )
        return AskedAnswer(id=made)

    return command(request, _steering(request, application_id, asking))


@router.post(_ONE + "/more-time", status_code=204)
def give_more_time(
    request: Request, application_id: UUID, correction_id: UUID, body: LaterBody, _: Coordinator
) -> Response:
    def giving(work: Work) -> None:
        commands.correction.give_more_time(work, application_id, correction_id, body.open_until)

    return command(request, _steering(request, application_id, giving))


@router.delete(_ONE, status_code=204)
def take_back(
    request: Request, application_id: UUID, correction_id: UUID, _: Coordinator
) -> Response:
    """It is asked no more."""

    def taking_back(work: Work) -> None:
        commands.correction.take_back(work, application_id, correction_id)

    return command(request, _steering(request, application_id, taking_back))


def _steering(
    request: Request, application_id: UUID, decide: Callable[[Work], Any]
) -> Callable[[Work], Any]:
    def deciding(work: Work) -> Any:
        refuse_no_correspondent(request, work.db, store.application.get(work.db, application_id))
        return decide(work)

    return deciding


@router.put(_ONE, response_model=VersionAnswer)
def write(
    request: Request, application_id: UUID, correction_id: UUID, body: CorrectedBody, _: SignedIn
) -> Response:
    """What she writes in the fields that were asked; nobody reads it before she sends it."""

    def writing(work: Work) -> VersionAnswer:
        call = _call_of(request, work, application_id)
        content = read_content(call, body.content)
        saved = commands.correction.save(work, application_id, correction_id, content, body.version)
        return VersionAnswer(version=saved.version)

    return command(request, writing)


def _call_of(request: Request, work: Work, application_id: UUID) -> Call:
    found = application_of_applicant(request, work.db, application_id, None)
    return store.call.of_id(work.db, found.call_id)


@router.put(_ONE + "/documents/{code}", response_model=DocumentAnswer)
def add_document(
    request: Request,
    application_id: UUID,
    correction_id: UUID,
    code: str,
    file: UploadFile,
    _: SignedIn,
) -> Response:
    """A document that was asked, beside the one that stands until she sends it."""
    runtime = runtime_of(request)
    with runtime.work() as work:
        call = _call_of(request, work, application_id)
        asked = store.correction.get(work.db, application_id, correction_id)
        if document_field(code) not in asked.fields:
            raise not_asked_by_form(document_field(code))
        size = file.size or 0
        quota.admit_file(work, source_here(request), call.slug, str(application_id), size)
    kept = keep_upload(runtime.documents, asked_document(call, code), file)

    def adding(work: Work) -> DocumentAnswer:
        application_of_applicant(request, work.db, application_id, None)
        version = store.correction.get(work.db, application_id, correction_id).version
        commands.correction.save(work, application_id, correction_id, {}, version, added=[kept])
        return DocumentAnswer.model_validate(kept, from_attributes=True)

    with unnamed_if_refused(runtime, kept):
        return command(request, adding)


@router.post(_ONE + "/send", status_code=204)
def send(request: Request, application_id: UUID, correction_id: UUID, _: SignedIn) -> Response:
    """What she wrote becomes the application; 422 with one error for each field that is wrong."""

    def sending(work: Work) -> None:
        application_of_applicant(request, work.db, application_id, None)
        commands.correction.send(work, application_id, correction_id)

    return command(request, sending)


@router.get(_NOTES, response_model=NotesAnswer)
def notes(request: Request, application_id: UUID, _: SignedIn) -> Any:
    """Messages on its page, for its bearer and its coordination: the committee has none of them."""
    with runtime_of(request).read() as db:
        side_of(request, db, application_id)
        every = store.note.of_application(db, application_id)
    return NotesAnswer(items=[note_answer(one) for one in every])


@router.post(_NOTES, response_model=AskedAnswer)
def leave(request: Request, application_id: UUID, body: NoteBody, _: SignedIn) -> Response:
    """Its bearer writes to the coordination, or the coordination to her."""

    def leaving(work: Work) -> AskedAnswer:
        by_bearer = side_of(request, work.db, application_id)
        made = commands.note.leave(work, application_id, body.text, by_bearer=by_bearer)
        return AskedAnswer(id=made)

    return command(request, leaving)


@router.post(_NOTES + "/read", status_code=204)
def read(request: Request, application_id: UUID, _: SignedIn) -> Response:
    """What the other side wrote is read."""

    def reading(work: Work) -> None:
        by_bearer = side_of(request, work.db, application_id)
        commands.note.read(work, application_id, by_bearer=by_bearer)

    return command(request, reading)
