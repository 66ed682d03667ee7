"""The coordination shares applications out among the committee, pins conflicts, begins a round."""

from collections.abc import Mapping
from uuid import UUID

from essaim import Refusal, Role, Work
from essaim.people.directory import find_person, people_with_role
from essaim.web import (
    act,
    gettext_of,
    path_for,
    read_form,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
)
from essaim.web.site import language_of
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, lists, store
from candidatures.access import Coordinator, coordinated_call, require_coordinator_of
from candidatures.assignment import Assigned, Given, ReaderCounts
from candidatures.pages.steering import by_name, id_in, show, steer
from candidatures.person import unknown_person
from candidatures.schemas.assignment import DayForm, ShareOutForm
from candidatures.schemas.body import Body

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/assignment", name="assignment")
def assignment(request: Request, slug: str) -> Response:
    """Who reads which applications: members × applications, to tick, or to share out evenly."""
    return _assignment(request, slug)


def _assignment(request: Request, slug: str, refusal: Refusal | None = None) -> Response:
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)
        members = by_name(
            people_with_role(db, Role.COMMITTEE_MEMBER, today_of(request), call.programme)
        )
        named = [(one.id, one.name or "–") for one in members]
        listing = lists.assignment_listing(call, language_of(request), named)
        page = listing.page(request, db, lists.to_assign(call))
        ids = [row.id for row in page.rows]
        counts = store.assignment.counts_of(db, call)
        readers = store.assignment.readers_of_each(db, ids)
        scored = store.assignment.scored_of_each(db, call, ids)
        barred = {one.id: store.conflict.in_call(db, call.id, one) for one in members}
        due_on = store.assignment.day_of(db, call.id)
        kept = store.ranking.how_many_left(db, call) if call.round < len(call.rounds) else 0
    return show(
        request,
        "assignment.html",
        call,
        refusal,
        page=page,
        members=members,
        counts={one.id: counts.get(one.id, ReaderCounts()) for one in members},
        readers={id: readers.get(id, frozenset()) for id in ids},
        scored={id: scored.get(id, frozenset()) for id in ids},
        barred=barred,
        due_on=due_on or call.rounds[call.round - 1].due_on,
        kept=kept,
    )


@router.post("/calls/{slug}/assignment")
def assign(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    """Give what was ticked and take back what no longer is; or share out evenly."""
    _ = gettext_of(request)

    def giving(work: Work) -> Assigned:
        if form.get("action") == "even":
            asked = read_form(_only(form, ShareOutForm), ShareOutForm)
            return commands.assignment.share_out(work, slug, each=asked.each, due_on=asked.due_on)
        given, taken_back = _ticked(form)
        day = read_form(_only(form, DayForm), DayForm).due_on
        return commands.assignment.change(work, slug, given, taken_back, day)

    def done(made: Mapping[str, int]) -> Response:
        flash = _(
            "Confiés : {given}, repris : {taken_back}. Chaque membre concerné reçoit un courriel.",
            **made,
        )
        if made["skipped"]:
            flash += " " + _(
                "Non confiés, faute de membre sans conflit d’intérêts : {skipped}.", **made
            )
        asked = dict(request.query_params)
        return redirect(request, "assignment", slug=slug, flash=flash, query=asked)

    return steer(request, slug, form, giving, done=done, again=_assignment)


def _only(form: FormData, model: type[Body]) -> FormData:
    """What a model reads of a form that also holds a field for each row."""
    return FormData([one for one in form.multi_items() if one[0] in model.model_fields])


def _ticked(form: FormData) -> tuple[list[Given], list[Given]]:
    """What was ticked that did not stand there when the page was made, and the other way round."""
    given, taken_back = [], []
    for name, shown in form.multi_items():
        code = name.removeprefix("shown-")
        if code == name:
            continue
        before = {one for one in str(shown).split() if one}
        now = {str(one) for one in form.getlist(f"reads-{code}")}
        id = id_in(code)
        given += [Given(id, id_in(one)) for one in sorted(now - before)]
        taken_back += [Given(id, id_in(one)) for one in sorted(before - now)]
    return given, taken_back


@router.post("/applications/{application_id}/conflicts", name="pin-conflicts")
def pin(
    request: Request,
    application_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    """Say which members are in conflict with an application, and which are not though guessed."""
    _ = gettext_of(request)

    def pinning(work: Work) -> None:
        require_coordinator_of(request, work.db, application_id)
        for name, chosen in form.items():
            code = name.removeprefix("pin-")
            if code == name or chosen == form.get(f"shown-{code}"):
                continue
            member = find_person(work.db, id_in(code))
            if member is None:
                raise unknown_person()
            stands = {"yes": True, "no": False}.get(str(chosen))
            commands.committee.pin_conflict(work, application_id, member, stands)

    act(request, form, pinning)
    said = _("Les conflits d’intérêts sont enregistrés.")
    return redirect(request, "application", application_id=application_id, flash=said)


@router.get("/calls/{slug}/round", name="begin-round")
def ask_round(request: Request, slug: str) -> Response:
    """What beginning the next round causes, in numbers."""
    _ = gettext_of(request)
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)
        kept = store.ranking.how_many_left(db, call)
        others = len(store.assignment.to_read(db, call)) - kept
    return render(
        request,
        "confirmation.html",
        question=_("Ouvrir le tour {nth} ?", nth=call.round + 1),
        consequences=[
            _("{count} candidatures sans décision préparée y entrent.", count=kept),
            _("{count} restent en arrière avec leur décision préparée.", count=others),
            _("Les notes du tour {nth} sont closes et restent visibles.", nth=call.round),
            _("La répartition entre les membres recommence."),
        ],
        action=f"{path_for(request, 'begin-round', slug=slug)}?to={call.round + 1}",
        button=_("Ouvrir le tour {nth}", nth=call.round + 1),
        back=path_for(request, "assignment", slug=slug),
    )


@router.post("/calls/{slug}/round")
def begin_round(
    request: Request,
    slug: str,
    to: int,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    _ = gettext_of(request)

    def beginning(work: Work) -> int:
        return commands.committee.begin_round(work, slug, to)

    def done(kept: int) -> Response:
        flash = _("Le tour suivant est ouvert : {count} candidatures à noter.", count=kept)
        return redirect(request, "assignment", slug=slug, flash=flash)

    return steer(request, slug, form, beginning, done=done, again=_assignment)
