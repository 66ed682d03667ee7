"""The committee decides: applications side by side, decisions prepared, reviewed and applied."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from essaim import Refusal, Role, Work
from essaim.web import (
    gettext_of,
    may,
    read_form,
    redirect,
    runtime_of,
    submitted,
)
from essaim.web.listing import ListPage
from essaim.web.site import language_of
from essaim_contracts.candidatures import Decision
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, lists, store
from candidatures.access import (
    Coordinator,
    coordinated_call,
    kept_away,
    marks_in_list,
    require_coordinator_of,
)
from candidatures.call import CallState
from candidatures.committee import Applied, Verdict
from candidatures.pages.committee import show_application
from candidatures.pages.ranking_export import export_ranking
from candidatures.pages.steering import act_or_again, id_in, show, steer
from candidatures.ranking import Asked, decision_in, with_choices
from candidatures.schemas.committee import ApplyForm, PreparedForm
from candidatures.scoring import weigh

router = APIRouter(include_in_schema=False)

FIRST = 100
"""Decisions of each kind that are read again on one page; the ranking has all of them."""

FEW = 20
"""How many numbers of applications a sentence may list."""


@router.get("/calls/{slug}/ranking", name="ranking")
def ranking(request: Request, slug: str) -> Response:
    """Points, means and prepared decisions, for those who may see them, row by row."""
    return _ranking(request, slug)


def _ranking(request: Request, slug: str, refusal: Refusal | None = None) -> Response:
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        seen = marks_in_list(request, db, call)
        decides = may(request, Role.COORDINATOR, programme=call.programme)
        listing = lists.ranking_listing(call, language_of(request), seen)
        shown = marks_in_list(request, db, call, beside=True)
        query = lists.ranking(call.id, shown, kept_away(request, db, call))
        if request.query_params.get("format") == "csv":
            return export_ranking(request, call, listing, query)
        page = listing.page(request, db, query)
        scores = store.committee.scores_of_each(db, [row.id for row in page.rows if row.seen])
        outlook = store.ranking.outlook_of(db, call, seen) if decides else None
    return show(
        request,
        "ranking.html",
        call,
        refusal,
        page=page,
        decides=decides,
        outlook=outlook,
        weighed={row.id: weigh(call.criteria, scores.get(row.id, [])) for row in page.rows},
        prepared=_prepared(page),
    )


def _prepared(page: ListPage) -> dict[UUID, Verdict | None]:
    return {row.id: store.committee.verdict_in(row, "") for row in page.rows}


@router.post("/calls/{slug}/ranking")
def prepare(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    """Prepare all decisions that were changed in the table; nobody hears of them yet."""
    _ = gettext_of(request)

    def preparing(work: Work) -> int:
        return commands.committee.prepare_decisions(work, slug, _asked(form))

    def done(changed: int) -> Response:
        flash = _("Décisions préparées : {count}. Personne n’en est encore averti.", count=changed)
        asked = dict(request.query_params)
        return redirect(request, "ranking", slug=slug, flash=flash, query=asked)

    return steer(request, slug, form, preparing, done=done, again=_ranking)


def _asked(form: FormData) -> list[Asked]:
    """The rows of the form in which something was chosen."""
    asked = []
    for name, chosen in form.items():
        code = name.removeprefix("decision-")
        if code == name or not chosen:
            continue
        rank = str(form.get(f"rank-{code}", ""))
        whole = int(rank) if rank.isascii() and rank.isdecimal() and 0 < len(rank) < 6 else None
        shown = str(form.get(f"shown-{code}", ""))
        asked.append(Asked(id_in(code), shown, str(chosen), whole))
    return asked


@router.post("/calls/{slug}/outlook", name="outlook")
def outlook(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    """What the decisions chosen in the table would make together; nothing of it is kept."""
    chosen = {one.application_id: decision_in(one.chosen) for one in _asked(form)}
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)
        seen = marks_in_list(request, db, call)
        prepared = store.ranking.outlook_of(db, call, seen)
        chances = store.ranking.chances_of(db, call, seen, chosen)
    return show(request, "_outlook.html", call, outlook=with_choices(prepared, chances, chosen))


@router.post("/applications/{application_id}/decision", name="prepare-decision")
def prepare_one(
    request: Request,
    application_id: UUID,
    _coordinator: Coordinator,
    form: FormData = Depends(submitted),
) -> Response:
    """Prepare the decision on one application, with a note for the coordination alone."""
    _ = gettext_of(request)

    def preparing(work: Work) -> None:
        require_coordinator_of(request, work.db, application_id)
        body = read_form(form, PreparedForm)
        asked = Asked(application_id, body.shown, body.decision, body.rank)
        commands.committee.prepare_seen(work, asked, body.note, body.feedback)

    def done(_result: None) -> Response:
        said = _("La décision est préparée ; personne n’en est encore averti.")
        return redirect(request, "application", application_id=application_id, flash=said)

    def again(refusal: Refusal) -> Response:
        return show_application(request, application_id, refusal)

    return act_or_again(request, form, preparing, done=done, again=again)


@router.get("/calls/{slug}/decisions", name="decisions")
def decisions(request: Request, slug: str) -> Response:
    """What was prepared and not said yet, with the letter that each decision will cause."""
    return _decisions(request, slug)


def _decisions(request: Request, slug: str, refusal: Refusal | None = None) -> Response:
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)
        seen = marks_in_list(request, db, call)
        counts = store.ranking.how_many_change(db, call, seen)
        groups = {
            kind: store.ranking.changes_of(db, call, seen, kind, FIRST)
            for kind in Decision
            if kind in counts
        }
        prepared = store.ranking.outlook_of(db, call, seen)
        undecided = store.ranking.undecided_of(db, call, seen, FEW)
        leaving = store.decision_round.waiting(db, call.id)
    now = runtime_of(request).clock.now()
    return show(
        request,
        "decisions.html",
        call,
        refusal,
        changes=sum(counts.values()),
        counts=counts,
        groups=groups,
        outlook=prepared,
        undecided=undecided,
        leaving=leaving,
        is_closed=call.state(now) == CallState.CLOSED,
    )


@router.post("/calls/{slug}/decisions")
def apply(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    """Apply the prepared decisions together: from now on their bearers are told."""
    _ = gettext_of(request)

    def applying(work: Work) -> Applied:
        asked = read_form(form, ApplyForm)
        return commands.committee.apply_prepared(
            work,
            slug,
            decided_on=asked.decided_on,
            partial=asked.partial is not None,
            over_places=asked.over_places is not None,
            grace=timedelta(minutes=asked.grace_minutes),
        )

    def done(made: Mapping[str, Any]) -> Response:
        waits = datetime.fromisoformat(made["due_at"]) > runtime_of(request).clock.now()
        flash = (
            _(
                "Décisions appliquées : {count}. Personne n’est averti avant la fin du délai.",
                count=made["changed"],
            )
            if waits
            else _(
                "Décisions appliquées : {count}. Un courriel part pour chacune.",
                count=made["changed"],
            )
        )
        return redirect(request, "decisions", slug=slug, flash=flash)

    return steer(request, slug, form, applying, done=done, again=_decisions)


@router.post("/calls/{slug}/decisions/undo", name="undo-decisions")
def undo(
    request: Request, slug: str, _coordinator: Coordinator, form: FormData = Depends(submitted)
) -> Response:
    """Take back what was applied, while nobody is told."""
    _ = gettext_of(request)

    def done(undone: int) -> Response:
        flash = _("Décisions reprises : {count}. Personne n’en a été averti.", count=undone)
        return redirect(request, "decisions", slug=slug, flash=flash)

    def undoing(work: Work) -> int:
        return commands.committee.undo_decisions(work, slug)

    return steer(request, slug, form, undoing, done=done, again=_decisions)
