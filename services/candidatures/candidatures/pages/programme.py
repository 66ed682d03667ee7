"""The public page of a programme: who carries it, whom to ask, what applies."""

from essaim.web import render, runtime_of, today_of
from essaim_contracts.words import COMMITMENTS
from fastapi import APIRouter, Request, Response

from candidatures import store
from candidatures.labels import CALL_STATES

router = APIRouter(include_in_schema=False)


@router.get("/programmes/{slug}", name="programme")
def programme(request: Request, slug: str) -> Response:
    with runtime_of(request).read() as db:
        found = store.programme.get(db, slug)
        stewards = store.programme.stewards_of(db, slug)
        everyone = store.programme.organisations_of(db, slug)
        calls = [call for call in store.call.every(db) if call.programme == slug]
    return render(
        request,
        "programme.html",
        programme=found,
        stewards=stewards,
        partners=[one for one in everyone if one.name and one.is_partner(today_of(request))],
        commitments=COMMITMENTS,
        calls=calls,
        state_labels=CALL_STATES,
    )
