"""A member of the committee scores: one application after the other, or withdraws from one."""

from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Refusal, Work
from essaim.web import (
    act,
    gettext_of,
    path_for,
    redirect,
    render,
    runtime_of,
    submitted,
)
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.access import (
    CommitteeMember,
    readable_application,
    reading_of,
    refuse_outsider,
    share_of,
)
from candidatures.call import Call
from candidatures.committee import not_in_committee
from candidatures.pages.committee import show_application
from candidatures.pages.grid import comments_in, fields_seen, fields_sent, points_in, seen_in
from candidatures.scoring import Grid

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/scoring", name="scoring")
def scoring(
    request: Request, slug: str, _member: CommitteeMember, after: UUID | None = None
) -> Response:
    """Leads to the application that a member of the committee scores next, or to all of them."""
    _ = gettext_of(request)
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        share = share_of(request, db, call)
        if share is None:
            raise not_in_committee()
        chosen = store.share.next_of(db, call, share, after)
    if chosen is None:
        said = _(
            "Vous avez noté toutes les candidatures qui vous reviennent : {count}.",
            count=share.scored,
        )
        return redirect(request, "applications", slug=slug, flash=said)
    return redirect(request, "application", application_id=chosen)


@router.post("/applications/{application_id}/scores", name="give-scores")
def give_scores(
    request: Request,
    application_id: UUID,
    person: CommitteeMember,
    form: FormData = Depends(submitted),
) -> Response:
    """Save what she gives; the button says whether the next application opens."""
    _ = gettext_of(request)
    in_background = request.headers.get("hx-request") == "true"

    def give(work: Work) -> str:
        refuse_outsider(work, person, application_id)
        call = _call_of(work.db, application_id)
        grid = Grid(points_in(call, form), comments_in(call, form))
        commands.committee.save_grid(work, application_id, person, grid, seen_in(call, form))
        return call.slug

    try:
        slug = act(request, form, give)
    except Refusal as refusal:
        if refusal.status not in (409, 422) or refusal.code == "application_withdrawn":
            raise
        if in_background:
            return _not_saved(request, application_id, refusal, form)
        return show_application(request, application_id, refusal, form)
    if in_background:
        return _scored(request, application_id, person, form)
    if form.get("action") == "next":
        return redirect(request, "scoring", slug=slug, query={"after": str(application_id)})
    said = _("Vos notes sont enregistrées.")
    return redirect(request, "application", application_id=application_id, flash=said)


def _scored(request: Request, application_id: UUID, person: Person, form: FormData) -> Response:
    with runtime_of(request).read() as db:
        call = _call_of(db, application_id)
        points = store.committee.points_of(db, application_id, person.id)
        share = share_of(request, db, call)
        nth = store.round.of_application(db, application_id)
    left = [one for one in call.criteria_of(nth) if one.code not in points]
    seen = fields_sent(call, form)
    return render(request, "_scored.html", left=len(left), share=share, seen=seen)


def _not_saved(
    request: Request, application_id: UUID, refusal: Refusal, form: FormData
) -> Response:
    with runtime_of(request).read() as db:
        call = _call_of(db, application_id)
    return render(request, "_scored.html", refusal=refusal, seen=fields_seen(call, form))


def _call_of(db: sa.Connection, application_id: UUID) -> Call:
    return store.call.of_id(db, store.application.get(db, application_id).call_id)


@router.get("/applications/{application_id}/conflict", name="declare-conflict")
def ask_conflict(request: Request, application_id: UUID, _member: CommitteeMember) -> Response:
    """What withdrawing from an application causes, before it is said."""
    _ = gettext_of(request)
    with runtime_of(request).read() as db:
        application, call, _inside = readable_application(request, db, application_id, None)
        if not reading_of(request, db, application, call).is_member:
            raise not_in_committee()
    return render(
        request,
        "confirmation.html",
        question=_(
            "Déclarer un conflit d’intérêts sur la candidature {number} ?",
            number=application.number,
        ),
        consequences=[
            _("Vous ne la notez plus, et vos notes ne comptent plus."),
            _("Vous ne voyez ni les notes des autres, ni la moyenne, ni la décision préparée."),
            _("Vous pourrez lever ce conflit s’il n’existe plus."),
        ],
        action=path_for(request, "declare-conflict", application_id=application_id),
        button=_("Déclarer un conflit d’intérêts"),
        back=path_for(request, "application", application_id=application_id),
    )


@router.post("/applications/{application_id}/conflict")
def declare_conflict(
    request: Request,
    application_id: UUID,
    person: CommitteeMember,
    form: FormData = Depends(submitted),
) -> Response:
    """Withdraw from an application, or come back to it."""
    _ = gettext_of(request)
    declared = form.get("lift") != "true"

    def declare(work: Work) -> None:
        refuse_outsider(work, person, application_id)
        commands.committee.declare_conflict(work, application_id, person, declared)

    act(request, form, declare)
    said = (
        _("Votre conflit d’intérêts est déclaré : d’autres notent cette candidature.")
        if declared
        else _("Votre conflit d’intérêts est levé : vous notez de nouveau cette candidature.")
    )
    return redirect(request, "application", application_id=application_id, flash=said)
