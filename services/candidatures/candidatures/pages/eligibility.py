"""Whether somebody may apply, asked before the form. Nothing is kept of who may not."""

from collections.abc import Mapping
from urllib.parse import urlencode

import sqlalchemy as sa
from essaim.refusal import Refusals
from essaim.web import path_for, redirect, render, runtime_of, submitted
from essaim.web.pages import redirect_to
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import store
from candidatures.call import Call, CallState
from candidatures.eligibility import (
    EligibilityQuestion,
    eligibility_field,
    not_passed,
    stopped_by,
)
from candidatures.form import choice_label

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/eligible", name="eligibility")
def ask(request: Request, slug: str) -> Response:
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
    if not call.eligibility or call.state(runtime_of(request).clock.now()) != CallState.OPEN:
        return redirect(request, "call", slug=slug)
    return _questions(request, call, {})


@router.post("/calls/{slug}/eligible")
def answer(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """On to the form, or the sentence that says where to go."""
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        given = _given(call, form)
        try:
            stop = stopped_by(call.eligibility, given)
        except Refusals as refusal:
            return _questions(request, call, given, refusal)
        if stop is not None:
            return _stopped(request, db, call, stop)
    # The answers travel in the address to the form, which holds them until it is saved.
    address = path_for(request, "application-form", slug=slug)
    return redirect_to(request, f"{address}?{urlencode(given)}")


def passed_in(call: Call, said: Mapping[str, str]) -> dict[str, str]:
    """The answers that came with an address, where they are those of who may apply."""
    given = {
        eligibility_field(one.code): said.get(eligibility_field(one.code), "")
        for one in call.eligibility
    }
    return {} if not_passed(call.eligibility, given) else given


def _given(call: Call, form: FormData) -> dict[str, str]:
    names = [eligibility_field(one.code) for one in call.eligibility]
    return {name: str(form.get(name, "")) for name in names}


def _questions(
    request: Request, call: Call, given: Mapping[str, str], refusal: Refusals | None = None
) -> Response:
    return render(request, "eligibility.html", refusal=refusal, call=call, given=given)


def _stopped(
    request: Request, db: sa.Connection, call: Call, stop: EligibilityQuestion
) -> Response:
    return render(
        request,
        "not_eligible.html",
        call=call,
        stop=stop,
        other=store.call.find(db, stop.call) if stop.call else None,
        track=choice_label(call.tracks, stop.track) if stop.track else None,
        programme=store.programme.get(db, call.programme),
    )
