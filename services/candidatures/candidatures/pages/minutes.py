"""Minutes of the committee, drawn up, read and printed."""

from collections.abc import Sequence
from uuid import UUID

from essaim import Refusal, Role, Work
from essaim.people.directory import names_of, people_with_role
from essaim.web import may, read_form, redirect, require, runtime_of, submitted, today_of
from essaim_contracts.candidatures import Decision
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.access import READERS, Coordinator, knows_names, marks_in_list
from candidatures.commands.minutes import Meeting
from candidatures.minutes import Decided, Minutes
from candidatures.pages.steering import by_name, show, steer
from candidatures.schemas.minutes import MeetingForm

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/minutes", name="minutes")
def minutes(request: Request, slug: str) -> Response:
    """The minutes there are; and for the coordination what is needed to draw up new ones."""
    return _minutes(request, slug)


def _minutes(request: Request, slug: str, refusal: Refusal | None = None) -> Response:
    today = today_of(request)
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, *READERS, programme=call.programme)
        decides = may(request, Role.COORDINATOR, programme=call.programme)
        members, outlook = [], None
        if decides:
            members = people_with_role(db, Role.COMMITTEE_MEMBER, today, call.programme)
            outlook = store.ranking.outlook_of(db, call, marks_in_list(request, db, call))
        made = store.minutes.of_call(db, call.id)
    return show(
        request,
        "minutes.html",
        call,
        refusal,
        decides=decides,
        members=by_name(members),
        outlook=outlook,
        made=made,
        today=today,
    )


@router.post("/calls/{slug}/minutes")
def draw_up(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    """Keep what is prepared now as what a meeting decided."""

    def drawing(work: Work) -> str:
        asked = read_form(form, MeetingForm)
        without = asked.without_quorum is not None
        meeting = Meeting(asked.held_on, asked.present, asked.place, without)
        return str(commands.minutes.draw_up(work, slug, meeting))

    def done(made: str) -> Response:
        return redirect(request, "one-minutes", minutes_id=UUID(made))

    return steer(request, slug, form, drawing, done=done, again=_minutes)


@router.get("/minutes/{minutes_id}", name="one-minutes")
def one(request: Request, minutes_id: UUID) -> Response:
    """Minutes as they were made, to read and to print; without what their reader may not see."""
    require(request, *READERS)
    with runtime_of(request).read() as db:
        made = store.minutes.get(db, minutes_id)
        call = store.call.of_id(db, made.call_id)
        require(request, *READERS, programme=call.programme)
        named = knows_names(request, call)
        ids = [one.application_id for one in made.decided]
        shown = store.minutes.shown_of(db, ids, marks_in_list(request, db, call))
        away = {id for kept in made.away.values() for id in kept}
        titles = {one.id: one for one in store.ranking.titled(db, [*ids, *away])}
        names = names_of(db, _people(made))
    return show(
        request,
        "one_minutes.html",
        call,
        made=made,
        groups=_by_decision([one for one in made.decided if one.application_id in shown]),
        hidden=len(ids) - len(shown),
        titles=titles,
        names=names,
        named=named,
        shown=shown,
    )


def _people(made: Minutes) -> list[UUID]:
    others = (made.made_by, made.without_quorum_by)
    return [*made.present, *(one for one in others if one is not None)]


def _by_decision(decided: Sequence[Decided]) -> dict[Decision, list[Decided]]:
    groups = {kind: [one for one in decided if one.verdict.decision == kind] for kind in Decision}
    for group in groups.values():
        group.sort(key=lambda one: (one.verdict.rank or 0, -(one.mean or 0)))
    return {kind: group for kind, group in groups.items() if group}
