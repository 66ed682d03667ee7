"""The JSON API of an applicant: drafts, documents, submission, withdrawal."""

import json
import secrets
from typing import Annotated, Any
from uuid import UUID

from essaim.person import Role
from essaim.web import SignedIn, arrived_at, command, may, runtime_of
from essaim.work import Work
from fastapi import APIRouter, Header, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from candidatures import commands, store
from candidatures.access import (
    application_of_applicant,
    door_of,
    readable_application,
    readable_document,
    reading_of,
    require_coordinator_of,
    source_here,
)
from candidatures.application_form import read_content
from candidatures.call import asked_document
from candidatures.commands.draft import Written
from candidatures.files import A_FILE, keep_upload, send_document, unnamed_if_refused
from candidatures.schemas.application import (
    ApplicationAnswer,
    ApplicationBody,
    DocumentAnswer,
    DraftAnswer,
    Receipt,
    SavedAnswer,
    StartBody,
    SubmitBody,
    WithdrawBody,
    application_answer,
)

router = APIRouter()

Token = Annotated[
    str | None,
    Header(alias="X-Draft-Token", min_length=20, max_length=200, description="Opens one draft."),
]


@router.post(
    "/api/calls/{slug}/applications",
    status_code=201,
    response_model=DraftAnswer,
    tags=["applications"],
)
def start_application(
    request: Request, slug: str, body: StartBody | None = None, token: Token = None
) -> Response:
    """Begin a draft. Open to all: whoever holds the token may go on with it.

    The token is answered once. Bring your own (X-Draft-Token, random) to be able to repeat this.
    """
    secret = token or secrets.token_urlsafe(32)
    door = door_of(request, secret, body.language if body else "fr")

    def start(work: Work) -> DraftAnswer:
        call = store.call.get(work.db, slug)
        draft = commands.draft.start(work, call, door)
        return DraftAnswer(id=draft.id, project_id=draft.project_id, version=draft.version)

    answer = command(request, start, status=201, secret=token)
    # What commands answer is remembered for repeats: a secret must not be.
    if "Idempotent-Replay" in answer.headers:
        return answer
    return JSONResponse(json.loads(bytes(answer.body)) | {"token": secret}, 201)


@router.get(
    "/api/applications/{application_id}", response_model=ApplicationAnswer, tags=["applications"]
)
def application(request: Request, application_id: UUID, token: Token = None) -> Any:
    """For its applicant, its call's coordinators and its committee; a draft for its applicant."""
    with runtime_of(request).read() as db:
        found, call, _ = readable_application(request, db, application_id, token)
        reading = reading_of(request, db, found, call, token)
        return application_answer(db, found, call, reading)


@router.put("/api/applications/{application_id}", response_model=SavedAnswer, tags=["applications"])
def save_application(
    request: Request, application_id: UUID, body: ApplicationBody, token: Token = None
) -> Response:
    """Save a draft, right or wrong; 409 `stale_form` when somebody saved over `version`."""

    def save(work: Work) -> SavedAnswer:
        draft = application_of_applicant(request, work.db, application_id, token)
        call = store.call.of_id(work.db, draft.call_id)
        written = Written(read_content(call, body.written()), body.version)
        saved = commands.draft.save(work, application_id, written)
        return SavedAnswer(id=saved.id, version=saved.version)

    return command(request, save, secret=token)


@router.put(
    "/api/applications/{application_id}/documents/{code}",
    response_model=DocumentAnswer,
    tags=["applications"],
)
def put_document(
    request: Request, application_id: UUID, code: str, file: UploadFile, token: Token = None
) -> Response:
    """Upload a document in place of the one of this code. 413 too large, 422 not what was asked."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        draft = application_of_applicant(request, db, application_id, token)
        call = store.call.of_id(db, draft.call_id)
        asked = asked_document(call, code)
    with runtime.work() as work:
        size = file.size or 0
        commands.quota.admit_file(work, source_here(request), call.slug, str(draft.id), size)
    kept = keep_upload(runtime.documents, asked, file)

    def add(work: Work) -> DocumentAnswer:
        commands.draft.add_document(work, application_id, kept)
        return DocumentAnswer.model_validate(kept, from_attributes=True)

    with unnamed_if_refused(runtime, kept):
        return command(request, add, secret=token)


@router.get(
    "/api/applications/{application_id}/documents/{code}",
    response_class=Response,
    responses=A_FILE,
    tags=["applications"],
)
def get_document(
    request: Request, application_id: UUID, code: str, token: Token = None
) -> Response:
    """The file itself, for whoever may read the application."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        document, named = readable_document(request, db, application_id, code, token)
    return send_document(runtime.documents, document, named=named)


@router.delete(
    "/api/applications/{application_id}/documents/{code}", status_code=204, tags=["applications"]
)
def delete_document(
    request: Request, application_id: UUID, code: str, token: Token = None
) -> Response:
    def remove(work: Work) -> None:
        application_of_applicant(request, work.db, application_id, token)
        commands.draft.remove_document(work, application_id, code)

    return command(request, remove, secret=token)


@router.post(
    "/api/applications/{application_id}/submit", response_model=Receipt, tags=["applications"]
)
def submit_application(
    request: Request,
    application_id: UUID,
    body: SubmitBody | None = None,
    token: Token = None,
) -> Response:
    """Send the draft, and accept the charter of the call where it has one.

    The number is the receipt: it is answered once all is saved.

    409 `call_closed` from the closing instant on; 422 with one error for each field.
    """
    arrival, accepted = arrived_at(request), (body or SubmitBody()).charter

    def send(work: Work) -> Receipt:
        application_of_applicant(request, work.db, application_id, token)
        number = commands.application.submit(work, application_id, arrival, accepted)
        return Receipt(id=application_id, number=number)

    return command(request, send, secret=token)


@router.post("/api/applications/{application_id}/charter", status_code=204, tags=["applications"])
def accept_charter(request: Request, application_id: UUID, person: SignedIn) -> Response:
    """The programme accepts the charter that the application accepted."""

    def accept(work: Work) -> None:
        require_coordinator_of(request, work.db, application_id)
        commands.charter.accept_for_programme(work, application_id, person)

    return command(request, accept)


@router.post("/api/applications/{application_id}/claim", status_code=204, tags=["applications"])
def claim_application(request: Request, application_id: UUID, person: SignedIn) -> Response:
    """Say that one sent what was sent from one's address, before that was proved."""
    return command(request, lambda work: commands.application.claim(work, application_id, person))


@router.post("/api/applications/{application_id}/withdraw", status_code=204, tags=["applications"])
def withdraw_application(
    request: Request,
    application_id: UUID,
    body: WithdrawBody | None = None,
    token: Token = None,
) -> Response:
    """Take a received application back: its applicant, or a coordinator on her behalf."""
    reason = (body or WithdrawBody()).reason

    def take_back(work: Work) -> None:
        _, call, inside = readable_application(request, work.db, application_id, token)
        if inside and not may(request, Role.COORDINATOR, programme=call.programme):
            application_of_applicant(request, work.db, application_id, token)
        commands.application.withdraw(work, application_id, reason)

    return command(request, take_back, secret=token)
