"""The JSON API of calls, applications, their committee and its decisions."""

import json
import secrets
from typing import Annotated, Any
from uuid import UUID

from essaim.clock import PARIS
from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.web import allowed, arrived_at, command, may, require, runtime_of
from essaim.work import Work
from fastapi import APIRouter, Depends, Header, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from candidatures import applying, steering, store, views
from candidatures.access import application_of_applicant, readable_application
from candidatures.application_form import Content, fields_of
from candidatures.applying import unknown_application, unknown_call
from candidatures.call import Call
from candidatures.committee import REASONS, Verdict
from candidatures.files import keep_upload, safe_name, send_file
from candidatures.messages import (
    ApplicationAnswer,
    ApplicationBody,
    ApplicationList,
    AppliedAnswer,
    ApplyBody,
    CallDetail,
    CallList,
    ConflictBody,
    DecisionBody,
    DocumentAnswer,
    DraftAnswer,
    MeanAnswer,
    Receipt,
    SavedAnswer,
    ScoresBody,
    StartBody,
    WithdrawBody,
)

router = APIRouter()

Token = Annotated[
    str | None,
    Header(alias="X-Draft-Token", min_length=20, max_length=200, description="Opens one draft."),
]


@router.get("/api/calls", response_model=CallList, tags=["calls"])
def calls(request: Request) -> Any:
    """Every call, the last to open first. Open to all."""
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        items = [views.call_answer(call, now) for call in store.all_calls(db)]
    return {"items": items, "total": len(items)}


@router.get("/api/calls/{slug}", response_model=CallDetail, tags=["calls"])
def call_detail(request: Request, slug: str) -> Any:
    """A call with its questions, documents and criteria. Open to all."""
    with runtime_of(request).read() as db:
        call = store.find_call(db, slug)
    if call is None:
        raise unknown_call(slug)
    return views.call_detail(call, runtime_of(request).clock.now())


# --- the applicant


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
    arrival = arrived_at(request)
    language = body.language if body else "fr"

    def start(work: Work) -> DraftAnswer:
        call = applying.get_call(work, slug)
        draft = applying.start_draft(work, call, secret, language=language, arrived_at=arrival)
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
        found, call, inside = readable_application(request, db, application_id, token)
        return views.application_answer(db, found, call, inside=inside)


@router.put("/api/applications/{application_id}", response_model=SavedAnswer, tags=["applications"])
def save_application(
    request: Request, application_id: UUID, body: ApplicationBody, token: Token = None
) -> Response:
    """Save a draft, right or wrong; 409 `stale_form` when somebody saved over `version`."""

    def save(work: Work) -> SavedAnswer:
        draft = application_of_applicant(request, work.db, application_id, token)
        call = store.call_of_id(work.db, draft.call_id)
        content = _known_fields(call, body.content())
        saved = applying.save_draft_of_id(work, application_id, content, body.version)
        return SavedAnswer(id=saved.id, version=saved.version)

    return command(request, save, secret=token)


def _known_fields(call: Call, content: Content) -> Content:
    for name in content:
        if name not in fields_of(call):
            raise Refusal(
                "unknown_question",
                "L'appel « {title} » n'a pas de question « {question} ».",
                field=name,
                status=422,
                title=call.title.fr,
                question=name.removeprefix("answer-"),
            )
    return content


@router.put(
    "/api/applications/{application_id}/documents/{code}",
    response_model=DocumentAnswer,
    tags=["applications"],
)
def put_document(
    request: Request, application_id: UUID, code: str, file: UploadFile, token: Token = None
) -> Response:
    """Upload a document in place of the one of this code. 413 too large, 422 disguised."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        draft = application_of_applicant(request, db, application_id, token)
        asked = applying.asked_document(store.call_of_id(db, draft.call_id), code)
    kind, kept = keep_upload(runtime.documents, asked, file)

    def add(work: Work) -> DocumentAnswer:
        filename = safe_name(file.filename)
        applying.add_document(work, application_id, code, filename, kind, kept)
        row = store.documents_of(work.db, application_id)[code]
        return DocumentAnswer.model_validate(row, from_attributes=True)

    return command(request, add, secret=token)


@router.get("/api/applications/{application_id}/documents/{code}", tags=["applications"])
def get_document(
    request: Request, application_id: UUID, code: str, token: Token = None
) -> Response:
    """The file itself, for whoever may read the application."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        readable_application(request, db, application_id, token)
        row = store.documents_of(db, application_id).get(code)
    if row is None:
        raise unknown_application()
    return send_file(runtime.documents, row.sha256, row.filename, row.media_type)


@router.delete(
    "/api/applications/{application_id}/documents/{code}", status_code=204, tags=["applications"]
)
def delete_document(
    request: Request, application_id: UUID, code: str, token: Token = None
) -> Response:
    def remove(work: Work) -> None:
        application_of_applicant(request, work.db, application_id, token)
        applying.remove_document(work, application_id, code)

    return command(request, remove, secret=token)


@router.post(
    "/api/applications/{application_id}/submit", response_model=Receipt, tags=["applications"]
)
def submit_application(request: Request, application_id: UUID, token: Token = None) -> Response:
    """Send the draft. The number is the receipt: it is answered once all is saved.

    409 `call_closed` from the closing instant on; 422 with one error for each field.
    """
    arrival = arrived_at(request)

    def send(work: Work) -> Receipt:
        application_of_applicant(request, work.db, application_id, token)
        number = applying.submit(work, application_id, arrival)
        return Receipt(id=application_id, number=number)

    return command(request, send, secret=token)


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
        applying.withdraw_application(work, application_id, reason)

    return command(request, take_back, secret=token)


# --- the committee


@router.get("/api/applications", response_model=ApplicationList, tags=["committee"])
def applications(
    request: Request,
    call: str,
    person: Annotated[
        Person, Depends(allowed(Role.COORDINATOR, Role.COMMITTEE_MEMBER, Role.FUNDER))
    ],
) -> Any:
    """The applications received for a call; `q`, `state`, `decision`, `sort`, `page`, `size`.

    A funder sees them without their bearers.
    """
    with runtime_of(request).read() as db:
        found = store.find_call(db, call)
        if found is None:
            raise unknown_call(call)
        readers = (Role.COORDINATOR, Role.COMMITTEE_MEMBER)
        named = may(request, *readers, programme=found.programme)
        if not named:
            require(request, Role.FUNDER, programme=found.programme)
        listing = store.APPLICATIONS if named else store.UNNAMED_APPLICATIONS
        page = listing.page(request, db, store.applications(found.id, named=named))
    return {"items": [dict(row._mapping) for row in page.rows], "total": page.total}


def _programme_of(work: Work, application_id: UUID) -> str:
    application = store.find_application(work.db, application_id)
    if application is None:
        raise unknown_application()
    return store.call_of_id(work.db, application.call_id).programme


@router.put(
    "/api/applications/{application_id}/scores", response_model=MeanAnswer, tags=["committee"]
)
def put_scores(
    request: Request,
    application_id: UUID,
    body: ScoresBody,
    person: Annotated[Person, Depends(allowed(Role.COMMITTEE_MEMBER))],
) -> Response:
    """Give one's own points, criterion by criterion; nobody scores for somebody else."""

    def give(work: Work) -> MeanAnswer:
        _refuse_outsider(work, person, application_id)
        return MeanAnswer(mean=steering.give_scores(work, application_id, person, body.points))

    return command(request, give)


@router.put(
    "/api/applications/{application_id}/conflict", response_model=MeanAnswer, tags=["committee"]
)
def put_conflict(
    request: Request,
    application_id: UUID,
    body: ConflictBody,
    person: Annotated[Person, Depends(allowed(Role.COMMITTEE_MEMBER))],
) -> Response:
    """Withdraw from an application for a conflict of interest, or come back to it."""

    def declare(work: Work) -> MeanAnswer:
        _refuse_outsider(work, person, application_id)
        mean = steering.declare_conflict(work, application_id, person, body.declared)
        return MeanAnswer(mean=mean)

    return command(request, declare)


def _refuse_outsider(work: Work, person: Person, application_id: UUID) -> None:
    """Only members of the committee of this programme score: an operator is none of them."""
    today = work.now.astimezone(PARIS).date()
    if not person.holds({Role.COMMITTEE_MEMBER}, today, _programme_of(work, application_id)):
        raise Refusal(
            "not_in_committee",
            "Vous n'êtes pas membre du comité de sélection de ce programme : vous ne notez pas.",
            status=403,
        )


@router.put("/api/applications/{application_id}/decision", status_code=204, tags=["committee"])
def put_decision(
    request: Request,
    application_id: UUID,
    body: DecisionBody,
    _: Annotated[Person, Depends(allowed(Role.COORDINATOR))],
) -> Response:
    """Prepare a decision; nobody hears of it before decisions are applied."""
    reason = body.reason or REASONS[body.decision][0]
    verdict = Verdict(body.decision, reason, body.rank, body.track_code)

    def prepare(work: Work) -> None:
        require(request, Role.COORDINATOR, programme=_programme_of(work, application_id))
        steering.prepare_decision(work, application_id, verdict, body.note)

    return command(request, prepare)


@router.post("/api/calls/{slug}/decisions/apply", response_model=AppliedAnswer, tags=["committee"])
def apply_decisions(
    request: Request,
    slug: str,
    _: Annotated[Person, Depends(allowed(Role.COORDINATOR))],
    body: ApplyBody | None = None,
) -> Response:
    """Apply all prepared decisions together; only changed ones are said again."""
    asked = body or ApplyBody()

    def apply(work: Work) -> steering.Applied:
        require(request, Role.COORDINATOR, programme=applying.get_call(work, slug).programme)
        return steering.apply_prepared(
            work,
            slug,
            decided_on=asked.decided_on,
            partial=asked.partial,
            over_places=asked.over_places,
        )

    return command(request, apply)
