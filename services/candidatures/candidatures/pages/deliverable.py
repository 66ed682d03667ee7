"""What a project owes, on its way: handed in, with its receipt, and read by the coordination."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Work
from essaim.web import (
    SignedIn,
    act,
    gettext_of,
    read_form,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
)
from essaim_contracts.candidatures import DeliverableKind
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from candidatures import commands, store
from candidatures.access.project import (
    project_to_hand_in_for,
    project_to_review,
    project_with_files,
)
from candidatures.deliverable import FILE_ASKED, HandedIn, nothing_chosen, unknown_deliverable
from candidatures.deliverable_review import OwedFile, nothing_to_review
from candidatures.document import Document
from candidatures.files import keep_upload, send_file, unnamed_if_refused
from candidatures.labels import FILE_STATES
from candidatures.pages.project import show_project
from candidatures.project import unknown_project
from candidatures.schemas.cohort import ReviewForm

router = APIRouter(include_in_schema=False)


@router.post("/projects/{project_id}/deliverables/{kind}", name="hand-in")
def hand_in(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    person: SignedIn,
    form: FormData = Depends(submitted),
) -> Response:
    """Hand in a version of what the project owes: its bearers, or a coordinator for them."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        project_to_hand_in_for(request, db, project_id)
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise nothing_chosen()
        kept = keep_upload(runtime.documents, FILE_ASKED, file, "file")
        with unnamed_if_refused(runtime, kept):
            act(request, form, lambda work: _handed(work, project_id, kind, kept))
    except Refusal as refusal:
        return show_project(request, project_id, refusal)
    return redirect(request, "deliverable-receipt", project_id=project_id, kind=kind.value)


def _handed(work: Work, project_id: UUID, kind: DeliverableKind, kept: Document) -> None:
    commands.deliverable.hand_in(work, project_id, kind, kept)


@router.get("/projects/{project_id}/deliverables/{kind}", name="deliverable")
def deliverable(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    _: SignedIn,
    version: str = "",
) -> Response:
    """A version that was handed in, the last one by default: the file itself."""
    with runtime_of(request).read() as db:
        project_with_files(request, db, project_id)
        found = _version(db, project_id, kind, version)
    if not found.sha256:
        raise unknown_project()
    return send_file(runtime_of(request).documents, found)


def _version(
    db: sa.Connection, project_id: UUID, kind: DeliverableKind, version: str = ""
) -> HandedIn:
    versions = [one for one in store.deliverable.versions_of(db, project_id) if one.kind == kind]
    wanted = [one for one in versions if version in ("", str(one.version))]
    if not wanted:
        raise unknown_project()
    return wanted[0]


@router.get("/projects/{project_id}/deliverables/{kind}/receipt", name="deliverable-receipt")
def receipt(
    request: Request, project_id: UUID, kind: DeliverableKind, _: SignedIn, version: str = ""
) -> Response:
    """What was handed in, when, and what comes next: to keep, or to print."""
    with runtime_of(request).read() as db:
        project = project_with_files(request, db, project_id)
        found = _version(db, project_id, kind, version)
        owed = _owed(request, db, project_id, kind)
    return render(request, "deliverable_receipt.html", project=project, handed=found, owed=owed)


def _owed(
    request: Request, db: sa.Connection, project_id: UUID, kind: DeliverableKind
) -> OwedFile | None:
    """None for a project that is in no cohort any more."""
    owed = store.owed.of_project(db, project_id, today_of(request))
    return next((one for one in owed if one.deliverable.kind == kind), None)


@router.get("/projects/{project_id}/deliverables/{kind}/review", name="review-deliverable")
def ask_to_review(
    request: Request, project_id: UUID, kind: DeliverableKind, _: SignedIn
) -> Response:
    """The last version, and what the coordination says of it."""
    return _review_page(request, project_id, kind)


def _review_page(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    refusal: Refusal | None = None,
    written: FormData | None = None,
) -> Response:
    with runtime_of(request).read() as db:
        project = project_to_review(request, db, project_id)
        owed = _owed(request, db, project_id, kind)
        if owed is None:
            raise unknown_deliverable(kind)
        if owed.version is None:
            raise nothing_to_review(project)
        last = _version(db, project_id, kind)
        edition_id = owed.deliverable.edition_id
        before = store.deliverable_review.last_of(db, project_id, edition_id, kind)
    shown: Any = written
    if shown is None and before and before.version == last.version:
        shown = {
            "verdict": before.verdict.value,
            "comment": before.comment,
            "correct_by": before.correct_by.isoformat() if before.correct_by else "",
        }
    ticked = written.getlist("sections") if written else (before.sections if before else ())
    return render(
        request,
        "deliverable_review.html",
        refusal=refusal,
        project=project,
        owed=owed,
        last=last,
        before=before,
        values=shown or {},
        ticked=ticked,
        file_states=FILE_STATES,
    )


@router.post("/projects/{project_id}/deliverables/{kind}/review")
def review(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    person: SignedIn,
    form: FormData = Depends(submitted),
) -> Response:
    """It is accepted, or what to correct and until when: its bearers are told by a letter."""
    with runtime_of(request).read() as db:
        project_to_review(request, db, project_id)
    try:
        act(request, form, lambda work: _reviewed(work, project_id, kind, form))
    except Refusal as refusal:
        return _review_page(request, project_id, kind, refusal, form)
    _ = gettext_of(request)
    said = _("C’est enregistré : ceux qui portent le projet l’apprennent par courriel.")
    return redirect(request, "project", project_id=project_id, flash=said)


def _reviewed(work: Work, project_id: UUID, kind: DeliverableKind, form: FormData) -> None:
    asked = read_form(form, ReviewForm)
    seen = form.get("seen")
    commands.deliverable.review(
        work,
        project_id,
        kind,
        commands.deliverable.a_review(
            work,
            asked.version,
            asked.verdict,
            asked.sections,
            asked.comment,
            asked.correct_by,
        ),
        seen=seen if isinstance(seen, str) else "",
    )
