"""The public page of a call."""

from essaim.web import render, runtime_of
from essaim_contracts.words import CALL_KINDS
from fastapi import APIRouter, Request, Response

from candidatures.labels import CALL_STATES
from candidatures.pages.visit import visit

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}", name="call")
def call(request: Request, slug: str) -> Response:
    here = visit(request, slug)
    state = here.call.state(runtime_of(request).clock.now())
    return render(
        request,
        "call.html",
        call=here.call,
        draft=here.draft,
        others=here.others,
        state=state,
        state_label=CALL_STATES[state],
        kind_label=CALL_KINDS[here.call.kind],
    )
