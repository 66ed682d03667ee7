"""The JSON API of projects and what they hand in."""

from typing import Any
from uuid import UUID

from essaim.web import SignedIn, command, runtime_of
from essaim.work import Work
from essaim_contracts.candidatures import DeliverableKind
from fastapi import APIRouter, Request, Response, UploadFile

from candidatures import commands, store
from candidatures.deliverable import FILE_ASKED
from candidatures.files import A_FILE, keep_upload, send_file, unnamed_if_refused
from candidatures.project import unknown_project
from candidatures.project_access import project_to_hand_in_for, project_with_files, readable_project
from candidatures.schemas.cohort import HandedInAnswer, ProjectAnswer, project_answer

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
) -> Response:
    """The last version handed in: the file itself."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        project_with_files(request, db, project_id)
        versions = store.deliverable.versions_of(db, project_id)
    last = next((one for one in versions if one.kind == kind), None)
    if last is None or not last.sha256:
        raise unknown_project()
    return send_file(runtime.documents, last)
