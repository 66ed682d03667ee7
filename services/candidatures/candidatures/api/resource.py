"""The JSON API of shared resources."""

from typing import Any
from uuid import UUID

from essaim.person import Role
from essaim.web import SignedIn, command, require, runtime_of
from essaim.work import Work
from essaim_contracts.fact import Slug
from fastapi import APIRouter, Request, Response, UploadFile

from candidatures import commands
from candidatures.access import Coordinator
from candidatures.access.resource import kept_resource, readable_resources, usable_resource
from candidatures.files import A_FILE, keep_upload, send_file, unnamed_if_refused
from candidatures.resource import FILE_ASKED, unknown_resource
from candidatures.schemas.resource import (
    ResourceAnswer,
    ResourceBody,
    ResourceList,
    described,
    resource_answer,
)

router = APIRouter()


@router.get("/api/resources", response_model=ResourceList, tags=["resources"])
def resources(request: Request, person: SignedIn) -> Any:
    """What is for her; all of a programme, withdrawn ones too, where she coordinates it."""
    with runtime_of(request).read() as db:
        items = [resource_answer(one) for one in readable_resources(request, db, person)]
    return {"items": items, "total": len(items)}


@router.post(
    "/api/programmes/{slug}/resources",
    status_code=201,
    response_model=ResourceAnswer,
    tags=["resources"],
)
def add(request: Request, slug: Slug, body: ResourceBody, _: Coordinator) -> Response:
    """Add a resource: a link, or what is said of a file that is sent next."""

    def adding(work: Work) -> ResourceAnswer:
        require(request, Role.COORDINATOR, programme=slug)
        return resource_answer(commands.resource.add(work, slug, described(body), body.link))

    return command(request, adding, status=201)


@router.put("/api/resources/{resource_id}", response_model=ResourceAnswer, tags=["resources"])
def change(request: Request, resource_id: UUID, body: ResourceBody, _: Coordinator) -> Response:
    """Say something else of it; another link is a new version."""

    def changing(work: Work) -> ResourceAnswer:
        kept_resource(request, work.db, resource_id)
        return resource_answer(
            commands.resource.change(work, resource_id, described(body), body.link)
        )

    return command(request, changing)


@router.put("/api/resources/{resource_id}/file", response_model=ResourceAnswer, tags=["resources"])
def put_file(request: Request, resource_id: UUID, file: UploadFile, _: Coordinator) -> Response:
    """Another version of its file; each one is kept. Its content decides what it is."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        kept_resource(request, db, resource_id)
    kept = keep_upload(runtime.documents, FILE_ASKED, file)

    def replacing(work: Work) -> ResourceAnswer:
        return resource_answer(commands.resource.replace_content(work, resource_id, kept))

    with unnamed_if_refused(runtime, kept):
        return command(request, replacing)


@router.get(
    "/api/resources/{resource_id}/file",
    response_class=Response,
    responses=A_FILE,
    tags=["resources"],
)
def get_file(request: Request, resource_id: UUID, _: SignedIn) -> Response:
    """The last version of its file."""
    with runtime_of(request).read() as db:
        found = usable_resource(request, db, resource_id)
    if found.file is None:
        raise unknown_resource()
    return send_file(runtime_of(request).documents, found.file)


@router.delete("/api/resources/{resource_id}", response_model=ResourceAnswer, tags=["resources"])
def withdraw(request: Request, resource_id: UUID, _: Coordinator) -> Response:
    """Only the coordination sees it any more."""

    def withdrawing(work: Work) -> ResourceAnswer:
        kept_resource(request, work.db, resource_id)
        return resource_answer(commands.resource.withdraw(work, resource_id))

    return command(request, withdrawing)
