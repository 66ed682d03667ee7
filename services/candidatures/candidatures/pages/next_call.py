"""« Prévenez-moi du prochain appel »: asked by anybody, confirmed or stopped by a mailed link."""

from collections.abc import Callable

import structlog
from essaim import Refusal, Work
from essaim.broker.asking import AskFailed
from essaim.running.runtime import Runtime
from essaim.web import act, command, gettext_of, redirect, render, runtime_of, submitted
from essaim.web.site import language_of
from essaim_contracts.questions import SendWatchLink
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.access import source_here
from candidatures.call_watch import watch_not_sent
from candidatures.schemas.call_watch import WatchBody

log = structlog.get_logger()

router = APIRouter(include_in_schema=False)
api = APIRouter(tags=["calls"])


def ask(request: Request, programme: str, email: str, language: str) -> None:
    """Keep the address for a day and mail its link. Answered alike whoever asked before.

    Raises:
        Refusal: it is no address, there is no such programme, enough left, or mail is away.
    """
    runtime: Runtime = runtime_of(request)
    with runtime.work() as work:
        link = commands.call_watch.ask(work, source_here(request), programme, email, language)
    question = SendWatchLink(
        email=link.watch.email,
        token=link.token,
        programme_name=link.programme_name,
        language=language,
    )
    try:
        runtime.ask_blocking(question)
    except (AskFailed, TimeoutError) as error:
        log.warning("watch link not sent", programme=programme, error=type(error).__name__)
        with runtime.work() as work:
            commands.call_watch.take_back(work, link)
        raise watch_not_sent() from error


@router.get("/programmes/{slug}/next-call", name="next-call")
def form(request: Request, slug: str) -> Response:
    return _form(request, slug)


def _form(request: Request, slug: str, refusal: Refusal | None = None, email: str = "") -> Response:
    with runtime_of(request).read() as db:
        programme = store.programme.get(db, slug)
    return render(
        request, "next_call.html", refusal=refusal, programme=programme, email=email, asked=False
    )


@router.post("/programmes/{slug}/next-call")
def ask_here(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    email = str(form.get("email", ""))[:320]
    try:
        ask(request, slug, email, language_of(request))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _form(request, slug, refusal, email)
    with runtime_of(request).read() as db:
        programme = store.programme.get(db, slug)
    return render(request, "next_call.html", programme=programme, email=email, asked=True)


@router.get("/next-call/{token}", name="next-call-link")
def show(request: Request, token: str) -> Response:
    """What the link does, and buttons: being looked at, it changes nothing."""
    with runtime_of(request).read() as db:
        watch = commands.call_watch.opened_by(db, token)
        programme = store.programme.get(db, watch.programme)
    return render(
        request, "next_call_link.html", watch=watch, programme=programme, token=token, stopped=False
    )


@router.post("/next-call/{token}")
def answer(request: Request, token: str, form: FormData = Depends(submitted)) -> Response:
    _, stops = gettext_of(request), form.get("action") == "stop"
    with runtime_of(request).read() as db:
        watch = commands.call_watch.opened_by(db, token)
        programme = store.programme.get(db, watch.programme)
    done = commands.call_watch.stop if stops else commands.call_watch.confirm
    act(request, form, lambda work: done(work, token))
    if stops:
        return render(
            request, "next_call_link.html", watch=watch, programme=programme, stopped=True
        )
    flash = _("C’est confirmé : un seul courriel partira, à l’ouverture.")
    return redirect(request, "next-call-link", token=token, flash=flash)


# --- the same for programs


@api.post("/api/programmes/{slug}/next-call", status_code=204)
def ask_by_program(request: Request, slug: str, body: WatchBody) -> Response:
    """Mail the link that confirms an address; it is then told once when a call opens."""
    ask(request, slug, body.email, body.language)
    return Response(status_code=204)


@api.post("/api/next-call/{token}", status_code=204)
def confirm(request: Request, token: str) -> Response:
    return command(request, _by(token, commands.call_watch.confirm), secret=token)


@api.delete("/api/next-call/{token}", status_code=204)
def stop(request: Request, token: str) -> Response:
    """The address is forgotten."""
    return command(request, _by(token, commands.call_watch.stop), secret=token)


def _by(token: str, decide: Callable[[Work, str], None]) -> Callable[[Work], None]:
    return lambda work: decide(work, token)
