"""The JSON API of projects and what they hand in."""

from typing import Annotated, Any
from uuid import UUID

from essaim.text.bounded import Count
from essaim.web import SignedIn, command, runtime_of
from essaim.work import Work
from essaim_contracts.candidatures import DeliverableKind
from fastapi import APIRouter, Query, Request, Response, UploadFile

from candidatures import commands, store
from candidatures.access import Coordinator
from candidatures.access.project import (
    project_to_hand_in_for,
    project_to_review,
    project_with_files,
    readable_project,
)
from candidatures.deliverable import FILE_ASKED
from candidatures.files import A_FILE, keep_upload, send_file, unnamed_if_refused
from candidatures.project import unknown_project
from candidatures.schemas.cohort import (
    HandedInAnswer,
    ProjectAnswer,
    ReviewAnswer,
    ReviewBody,
    project_answer,
    review_answer,
)

router = APIRouter()


@router.get("/api/projects/{project_id}", response_model=ProjectAnswer, tags=["cohorts"])
def project(request: Request, project_id: UUID, _: SignedIn) -> Any:
    """A project: its cohort, what scheduling said of it, what it handed in.

    A funder sees neither persons nor files.
    """
    with runtime_of(request).read() as db:
        found, named = readable_project(request, db, project_id)
        life = store.project.life_of(db, project_id)
        versions = store.deliverable.versions_of(db, project_id)
        return project_answer(found, life, versions, named=named)


@router.put(
    "/api/projects/{project_id}/deliverables/{kind}",
    response_model=HandedInAnswer,
    tags=["cohorts"],
)
def put_deliverable(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    file: UploadFile,
    _: SignedIn,
) -> Response:
    """Hand in a version of what the project owes: its bearers, or a coordinator for them."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        project_to_hand_in_for(request, db, project_id)
    kept = keep_upload(runtime.documents, FILE_ASKED, file)

    def hand_in(work: Work) -> HandedInAnswer:
        handed = commands.deliverable.hand_in(work, project_id, kind, kept)
        versions = store.deliverable.versions_of(work.db, project_id)
        last = next(one for one in versions if one.kind == kind)
        return HandedInAnswer(
            project_id=project_id,
            kind=kind,
            version=last.version,
            late=last.late,
            unchanged=handed is None,
        )

    with unnamed_if_refused(runtime, kept):
        return command(request, hand_in)


@router.post(
    "/api/projects/{project_id}/deliverables/{kind}/review",
    response_model=ReviewAnswer,
    tags=["cohorts"],
)
def review(
    request: Request, project_id: UUID, kind: DeliverableKind, body: ReviewBody, _: Coordinator
) -> Response:
    """Say of the last version that it is accepted, or what to correct in it and until when."""

    def reviewing(work: Work) -> ReviewAnswer:
        project_to_review(request, work.db, project_id)
        given = commands.deliverable.a_review(
            work, body.version, body.verdict, body.sections, body.comment, body.correct_by
        )
        commands.deliverable.review(work, project_id, kind, given)
        return review_answer(project_id, kind, given)

    return command(request, reviewing)


@router.get(
    "/api/projects/{project_id}/deliverables/{kind}",
    response_class=Response,
    responses=A_FILE,
    tags=["cohorts"],
)
def get_deliverable(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    _: SignedIn,
    version: Annotated[Count, Query(ge=1, le=100_000)] | None = None,
) -> Response:
    """A version handed in, the last one by default: the file itself."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        project_with_files(request, db, project_id)
        versions = store.deliverable.versions_of(db, project_id)
    wanted = [one for one in versions if one.kind == kind and version in (None, one.version)]
    if not wanted or not wanted[0].sha256:
        raise unknown_project()
    return send_file(runtime.documents, wanted[0])
