"""Minutes of the committee, drawn up and printed; and the pack of files for its meeting."""

from collections.abc import Sequence
from uuid import UUID

from essaim import Refusal, Role, Work
from essaim.people.directory import names_of, people_with_role
from essaim.text.departments import DEPARTMENTS, department_name
from essaim.web import (
    act,
    read_form,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
    today_of,
)
from essaim.web.site import language_of
from essaim_contracts.candidatures import Decision
from essaim_contracts.words import APPLICANT_KINDS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, lists, store
from candidatures.access import READERS, Coordinator, marks_in_list, sheets_of
from candidatures.commands.minutes import Meeting
from candidatures.minutes import Decided, Minutes
from candidatures.pages.committee import decision_words
from candidatures.schemas.minutes import MeetingForm
from candidatures.scoring import weigh

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/minutes", name="minutes")
def minutes(request: Request, slug: str) -> Response:
    """The minutes there are, and what is needed to draw up new ones."""
    return _minutes(request, slug)


def _minutes(request: Request, slug: str, refusal: Refusal | None = None) -> Response:
    today = today_of(request)
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, Role.COORDINATOR, programme=call.programme)
        members = people_with_role(db, Role.COMMITTEE_MEMBER, today, call.programme)
        outlook = store.ranking.outlook_of(db, call, marks_in_list(request, db, call))
        made = store.minutes.of_call(db, call.id)
    return render(
        request,
        "minutes.html",
        refusal=refusal,
        members=sorted(members, key=lambda one: one.name.casefold()),
        outlook=outlook,
        made=made,
        today=today,
        call=call,
        department_name=department_name,
        **decision_words(call),
    )


@router.post("/calls/{slug}/minutes")
def draw_up(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    """Keep what is prepared now as what a meeting decided."""

    def drawing(work: Work) -> str:
        require(request, Role.COORDINATOR, programme=store.call.get(work.db, slug).programme)
        asked = read_form(form, MeetingForm)
        without = asked.without_quorum is not None
        meeting = Meeting(asked.held_on, asked.present, asked.place, without)
        return str(commands.minutes.draw_up(work, slug, meeting))

    try:
        made = act(request, form, drawing)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return _minutes(request, slug, refusal)
    return redirect(request, "one-minutes", minutes_id=UUID(made))


@router.get("/minutes/{minutes_id}", name="one-minutes")
def one(request: Request, minutes_id: UUID, _coordinator: Coordinator) -> Response:
    """Minutes as they were made, to read and to print."""
    with runtime_of(request).read() as db:
        made = store.minutes.get(db, minutes_id)
        call = store.call.of_id(db, made.call_id)
        require(request, Role.COORDINATOR, programme=call.programme)
        ids = [one.application_id for one in made.decided]
        shown = store.minutes.shown_of(db, ids, marks_in_list(request, db, call))
        away = {id for kept in made.away.values() for id in kept}
        titles = {one.id: one for one in store.ranking.titled(db, [*ids, *away])}
        names = names_of(db, _people(made))
    return render(
        request,
        "one_minutes.html",
        made=made,
        groups=_by_decision([one for one in made.decided if one.application_id in shown]),
        hidden=len(ids) - len(shown),
        titles=titles,
        names=names,
        call=call,
        **decision_words(call),
    )


def _people(made: Minutes) -> list[UUID]:
    others = (made.made_by, made.without_quorum_by)
    return [*made.present, *(one for one in others if one is not None)]


def _by_decision(decided: Sequence[Decided]) -> dict[Decision, list[Decided]]:
    groups = {kind: [one for one in decided if one.verdict.decision == kind] for kind in Decision}
    for group in groups.values():
        group.sort(key=lambda one: (one.verdict.rank or 0, -(one.mean or 0)))
    return {kind: group for kind, group in groups.items() if group}


@router.get("/calls/{slug}/pack", name="decision-pack")
def pack(request: Request, slug: str) -> Response:
    """One sheet a file, in the order of the ranking: to print for the meeting."""
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, *READERS, programme=call.programme)
        seen = marks_in_list(request, db, call)
        listing = lists.ranking_listing(call, language_of(request), seen)
        page = listing.page(request, db, lists.ranking(call.id, seen))
        sheets = sheets_of(request, db, call, [row.id for row in page.rows])
        marked = [row.id for row in page.rows if row.seen]
        scores = store.committee.scores_of_each(db, marked)
        comments = store.review_comment.shared_of_each(db, marked)
        spoke = {one.evaluator_id for given in scores.values() for one in given}
        spoke |= {one.evaluator_id for told in comments.values() for one in told}
        names = names_of(db, spoke)
    return render(
        request,
        "pack.html",
        page=page,
        sheets=sheets,
        weighed={id: weigh(call.criteria, scores.get(id, [])) for id in marked},
        scores={
            id: {(one.evaluator_id, one.criterion): one.points for one in given}
            for id, given in scores.items()
        },
        comments=comments,
        prepared={row.id: store.committee.verdict_in(row, "") for row in page.rows},
        names=names,
        call=call,
        departments=DEPARTMENTS,
        applicant_kinds=APPLICANT_KINDS,
        department_name=department_name,
        **decision_words(call),
    )
