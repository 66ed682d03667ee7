"""The JSON API of the committee's minutes."""

from typing import Any

from essaim.web import command, require, runtime_of
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import READERS, Coordinator, coordinated_call, marks_in_list
from candidatures.commands.minutes import Meeting
from candidatures.schemas.minutes import MadeAnswer, MeetingBody, MinutesList, minutes_answer

router = APIRouter()


@router.get("/api/calls/{slug}/minutes", response_model=MinutesList, tags=["committee"])
def every(request: Request, slug: str) -> Any:
    """The minutes of a call's committee, the last first."""
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, *READERS, programme=call.programme)
        seen = marks_in_list(request, db, call)
        made = store.minutes.of_call(db, call.id)
        ids = {one.application_id for each in made for one in each.decided}
        shown = store.minutes.shown_of(db, ids, seen)
    return MinutesList(items=[minutes_answer(one, shown) for one in made])


@router.post("/api/calls/{slug}/minutes", response_model=MadeAnswer, tags=["committee"])
def draw_up(request: Request, slug: str, body: MeetingBody, _: Coordinator) -> Response:
    """Keep what is prepared now as what a meeting decided; 409 where its quorum is missing."""
    meeting = Meeting(body.held_on, body.present, body.place, body.without_quorum)

    def drawing(work: Work) -> MadeAnswer:
        coordinated_call(request, work.db, slug)
        return MadeAnswer(id=commands.minutes.draw_up(work, slug, meeting))

    return command(request, drawing)
