"""The public page of a call."""

from essaim.people import directory
from essaim.web import render, runtime_of, visitor
from essaim_contracts.words import APPLICANT_KINDS, CALL_KINDS
from fastapi import APIRouter, Request, Response

from candidatures import store
from candidatures.call import CallState
from candidatures.labels import CALL_STATES
from candidatures.pages.visit import visit

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}", name="call")
def call(request: Request, slug: str) -> Response:
    here = visit(request, slug)
    person = visitor(request)
    with runtime_of(request).read() as db:
        programme = store.programme.get(db, here.call.programme)
        stewards = store.programme.stewards_of(db, programme.slug)
        hers = directory.own_ids(db, person) if person else ()
        siblings = [one for one in store.call.every(db) if one.programme == programme.slug]
        sent = store.project.applications_of(db, hers) if hers else []
    now = runtime_of(request).clock.now()
    state = here.call.state(now)
    to_come = [one for one in siblings if one.state(now) == CallState.TO_COME]
    return render(
        request,
        "call.html",
        call=here.call,
        draft=here.draft,
        others=here.others,
        mine=[one for one in sent if one.slug == slug],
        programme=programme,
        open_now=[one for one in siblings if one.state(now) == CallState.OPEN],
        next_call=min(to_come, key=lambda one: one.opens_at, default=None),
        stewards=stewards,
        state=state,
        state_label=CALL_STATES[state],
        applicant_kinds=APPLICANT_KINDS,
        kind_label=CALL_KINDS[here.call.kind],
    )
