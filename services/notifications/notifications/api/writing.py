"""The JSON API of letters to many, and of where answers go."""

from essaim import Work
from essaim.web import command, gettext_of, runtime_of, today_of
from fastapi import APIRouter, Request, Response

from notifications.access import Coordinator, require_coordination
from notifications.commands import writing
from notifications.commands.audience import offered
from notifications.message import Template
from notifications.schemas.writing import (
    AudienceAnswer,
    AudienceList,
    LetterAnswer,
    LetterBody,
    ReplyBody,
)
from notifications.writing import read_audience, read_said

router = APIRouter(prefix="/api")


@router.get("/letters/{programme}/audiences")
def list_audiences(request: Request, _: Coordinator, programme: str) -> AudienceList:
    """Whom one may write to together in a programme."""
    require_coordination(request, programme)
    with runtime_of(request).read() as db:
        found = offered(db, programme, today_of(request), gettext_of(request))
    items = [AudienceAnswer(audience=one.code, title=one.title, people=one.people) for one in found]
    return AudienceList(items=items, total=len(items))


@router.post("/letters/{programme}", response_model=LetterAnswer)
def write_letter(request: Request, _: Coordinator, programme: str, body: LetterBody) -> Response:
    """Write to an audience; the letters are held until they are released."""
    require_coordination(request, programme)
    audience = read_audience(body.audience)
    texts = {
        "fr": read_said("fr", body.fr.subject, body.fr.body),
        "en": read_said("en", body.en.subject, body.en.body) if body.en else None,
    }

    def doing(work: Work) -> LetterAnswer:
        id, chosen = writing.write_to(work, programme, audience, texts)
        return LetterAnswer(
            id=id,
            occasion=f"{Template.LETTER}:{id}",
            held=len(chosen.readers),
            left_out=len(chosen.left_out) + chosen.unknown,
        )

    return command(request, doing)


@router.put("/reply-address/{programme}", status_code=204)
def answer_to(request: Request, _: Coordinator, programme: str, body: ReplyBody) -> Response:
    """Say where answers to a programme's letters go; empty, where the operator says."""
    require_coordination(request, programme)
    return command(request, lambda work: writing.answer_to(work, programme, body.address))
