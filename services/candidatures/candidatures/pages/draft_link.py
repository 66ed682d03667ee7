"""The link of a draft: sent to the address it gives, and confirmed by who reads it there."""

import secrets

import structlog
from essaim import Refusal
from essaim.broker.asking import AskFailed
from essaim.web import gettext_of, redirect, render, runtime_of, submitted
from essaim_contracts.questions import SendDraftLink
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands
from candidatures.access import source_here
from candidatures.commands.draft import Link
from candidatures.pages.visit import Visit, remember, visit

log = structlog.get_logger()

router = APIRouter(include_in_schema=False)


def link_sent(request: Request, here: Visit, *, asked: bool = False) -> str | None:
    """Send the link of the draft once to each address given; or again, where she asks for it.

    Says what was done, None when nothing was to be.
    """
    _ = gettext_of(request)
    if here.draft is None:
        return None
    draft_id = here.draft.id
    try:
        with runtime_of(request).work() as work:
            source = source_here(request)
            link = commands.draft.make_link(work, draft_id, source, again=asked)
    except Refusal as refusal:
        return _.refusal(refusal)
    if link is None and asked:
        return _("Brouillon enregistré. Écrivez votre adresse pour recevoir son lien.")
    if link is None:
        return None
    if not _asked_for(request, here, link):
        return _(
            "Brouillon enregistré. Le lien pour le reprendre n’a pas pu partir par courriel : "
            "revenez sur cet appareil, ou enregistrez à nouveau plus tard."
        )
    return _("Brouillon enregistré. Un lien pour le reprendre part à {email}.", email=link.email)


def _asked_for(request: Request, here: Visit, link: Link) -> bool:
    question = SendDraftLink(
        email=link.email,
        token=link.token,
        call_title=here.call.title.say(link.language),
        language=link.language,
    )
    try:
        runtime_of(request).ask_blocking(question)
    except (AskFailed, TimeoutError) as error:
        log.warning("draft link not sent", call=here.call.slug, error=type(error).__name__)
        with runtime_of(request).work() as work:
            commands.draft.take_link_back(work, link)
        return False
    return True


@router.get("/applications/resume/{token}", name="resume")
def ask_to_resume(request: Request, token: str) -> Response:
    """What the link opens, and a button: being looked at, it changes nothing."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        draft, call = commands.draft.linked(db, token, runtime.clock.now())
    here = visit(request, call.slug)
    others = [one for one in here.held.values() if one.id != draft.id]
    return render(request, "resume.html", call=call, draft=draft, others=others, token=token)


@router.post("/applications/resume/{token}")
def resume(request: Request, token: str, form: FormData = Depends(submitted)) -> Response:
    """This browser holds the draft from now on, beside those it held."""
    secret = secrets.token_urlsafe(32)
    # No act() here: what it answers is kept, and a secret must not be. Twice makes two secrets.
    with runtime_of(request).work() as work:
        call = commands.draft.open_link(work, token, secret)
    here = visit(request, call.slug)
    response = redirect(request, "application-form", slug=call.slug)
    return remember(request, response, here, secret)
