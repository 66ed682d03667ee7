"""The JSON API of what somebody wants to be written; one request of a mail program is enough."""

from essaim.web import SignedIn, command, runtime_of
from essaim.web.pages import redirect
from fastapi import APIRouter, Request, Response

from notifications import store
from notifications.commands import preference
from notifications.preference import CATEGORIES
from notifications.schemas.preference import CategoryAnswer, PreferenceBody, PreferenceList
from notifications.settings import read_unsubscribe_token

router = APIRouter(prefix="/api")


@router.get("/preferences")
def read_preferences(request: Request, person: SignedIn) -> PreferenceList:
    """What one gets, by category; `always` says that it cannot be switched off."""
    with runtime_of(request).read() as db:
        off = store.preference.off(db, person.id)
    items = [
        CategoryAnswer(
            category=one.code,
            templates=sorted(one.templates),
            wanted=one.code not in off,
            always=one.why is not None,
        )
        for one in CATEGORIES
    ]
    return PreferenceList(items=items, total=len(items))


@router.put("/preferences/{category}", status_code=204)
def choose(request: Request, person: SignedIn, category: str, body: PreferenceBody) -> Response:
    """Switch a category of one's own letters on or off."""
    return command(
        request,
        lambda work: preference.choose(work, person.id, category, wanted=body.wanted),
    )


@router.post("/unsubscribe/{token}", status_code=204)
def unsubscribe(request: Request, token: str) -> Response:
    """Switch off the letters of which one bore this address (RFC 8058): no sign-in, no question."""
    person_id, code = read_unsubscribe_token(runtime_of(request), token)
    return command(
        request,
        lambda work: preference.choose(work, person_id, code, wanted=False),
        secret=token,
    )


@router.get("/unsubscribe/{token}", include_in_schema=False)
def open_unsubscribe(request: Request, token: str) -> Response:
    """Who opens the address herself is asked first: looking at it changes nothing."""
    read_unsubscribe_token(runtime_of(request), token)
    return redirect(request, "unsubscribe", token=token)
