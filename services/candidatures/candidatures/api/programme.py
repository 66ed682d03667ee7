"""The JSON API of programmes: their files, and what they are made of."""

from typing import Annotated, Any

from essaim import Role
from essaim.text.file_errors import WrongFile
from essaim.web import command, gettext_of, require, runtime_of
from essaim.work import Work
from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from candidatures import commands, store
from candidatures.access import Coordinator
from candidatures.contact import Takeover
from candidatures.pages.contact import moves_of
from candidatures.programme_export import written
from candidatures.programme_file import read_programme
from candidatures.schemas.contact import TakeoverAnswer, TakeoverBody
from candidatures.schemas.programme import (
    FileProblem,
    ImportAnswer,
    ProgrammeAnswer,
    file_problem,
    programme_answer,
)

router = APIRouter()


@router.post(
    "/api/programmes",
    response_model=ImportAnswer,
    responses={422: {"model": FileProblem, "content": {"application/problem+json": {}}}},
    tags=["programmes"],
)
def post_programme(
    request: Request,
    person: Coordinator,
    text: Annotated[bytes, Body(media_type="application/yaml")],
    check: bool = False,
) -> Response:
    """Import a programme file (YAML), or only `check` it. Nothing is imported if anything is wrong.

    A new programme needs an operator; its coordinators may import it again.
    """
    try:
        sound = read_programme(text)

        def bring_in(work: Work) -> dict[str, Any]:
            report = commands.programme.import_programme(work, sound, importer=person, check=check)
            return report.as_json()

        return command(request, bring_in)
    except WrongFile as wrong:
        problem = file_problem(wrong, gettext_of(request))
        return JSONResponse(problem.model_dump(), 422, media_type="application/problem+json")


@router.post("/api/programmes/{slug}/contacts", response_model=TakeoverAnswer, tags=["programmes"])
def replace_contact(
    request: Request, slug: str, person: Coordinator, body: TakeoverBody, check: bool = False
) -> Response:
    """Somebody takes over what another did, from a day; or only `check` what that moves."""
    require(request, Role.COORDINATOR, programme=slug)
    asked = Takeover(body.person, body.replaced_by, body.organisation, body.from_on)
    if check:
        found = moves_of(request, slug, asked)
        answer = TakeoverAnswer(
            from_on=asked.from_on,
            moves={name: list(one.moving) for name, one in found.answers.items()},
            silent=[one.service for one in found.silent],
        )
        return JSONResponse(answer.model_dump(mode="json"))

    def replacing(work: Work) -> TakeoverAnswer:
        made = commands.contact.replace(work, slug, asked, person)
        return TakeoverAnswer(from_on=made.from_on, told=made.from_on <= work.today)

    return command(request, replacing)


@router.get("/api/programmes/{slug}", response_model=ProgrammeAnswer, tags=["programmes"])
def programme(request: Request, slug: str) -> Any:
    """A programme with its partners, editions, calls, prizes and trophies. Open to all."""
    with runtime_of(request).read() as db:
        return programme_answer(db, store.programme.get(db, slug), runtime_of(request).clock.now())


@router.get(
    "/api/programmes/{slug}/file",
    response_class=PlainTextResponse,
    responses={200: {"content": {"application/yaml": {}}}},
    tags=["programmes"],
)
def programme_file(request: Request, slug: str, _: Coordinator) -> Response:
    """The file of a programme, with its people: imported again, it changes nothing."""
    require(request, Role.COORDINATOR, programme=slug)
    with runtime_of(request).read() as db:
        text = written(commands.programme.definition(db, slug))
    return Response(text, media_type="application/yaml")
