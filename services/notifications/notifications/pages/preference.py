"""The pages where somebody chooses what she is written, signed in or from a letter."""

from typing import Annotated

from essaim import Refusal
from essaim.web import N_, SignedIn, act, gettext_of, redirect, render, runtime_of, submitted
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from notifications import store
from notifications.commands import preference
from notifications.preference import CATEGORIES, choosable
from notifications.settings import read_unsubscribe_token

router = APIRouter(include_in_schema=False)

Form = Annotated[FormData, Depends(submitted)]


@router.get("/preferences", name="preferences")
def home(request: Request, person: SignedIn) -> Response:
    """What she gets, by category: what may be switched off, and what always comes and why."""
    with runtime_of(request).read() as db:
        off = store.preference.off(db, person.id)
    return render(request, "preferences.html", categories=CATEGORIES, off=off)


@router.post("/preferences")
def choose(request: Request, person: SignedIn, form: Form) -> Response:
    code, wanted = str(form.get("category", "")), form.get("wanted") == "true"
    try:
        act(request, form, lambda work: preference.choose(work, person.id, code, wanted=wanted))
    except Refusal as refusal:
        with runtime_of(request).read() as db:
            off = store.preference.off(db, person.id)
        return render(request, "preferences.html", refusal=refusal, categories=CATEGORIES, off=off)
    done = (
        N_("C’est noté : vous recevrez de nouveau ces messages.")
        if wanted
        else N_("C’est noté : vous ne recevrez plus ces messages.")
    )
    return redirect(request, "preferences", flash=gettext_of(request)(done))


@router.get("/unsubscribe/{token}", name="unsubscribe")
def ask(request: Request, token: str) -> Response:
    """From a letter, without signing in; a question, for programs open addresses by themselves."""
    _, code = read_unsubscribe_token(runtime_of(request), token)
    return render(request, "unsubscribe.html", category=choosable(code), token=token, is_done=False)


@router.post("/unsubscribe/{token}")
def leave(request: Request, token: str, form: Form) -> Response:
    person_id, code = read_unsubscribe_token(runtime_of(request), token)
    wanted = form.get("wanted") == "true"
    act(request, form, lambda work: preference.choose(work, person_id, code, wanted=wanted))
    return render(
        request,
        "unsubscribe.html",
        category=choosable(code),
        token=token,
        is_done=not wanted,
    )
