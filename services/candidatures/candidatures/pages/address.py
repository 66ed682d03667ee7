"""Another address for a person: noted, and a link sent to it, for the page and for the API."""

import secrets
from datetime import timedelta
from uuid import UUID

from essaim import Person, Refusal
from essaim.broker.asking import AskFailed
from essaim.keeping.limits import Limit, admit
from essaim.text.mail_address import comparable_address
from essaim.web import act, command, runtime_of
from essaim.web.site import secret_of
from essaim.work import Work
from essaim_contracts.questions import SendAddressLink
from fastapi import Request, Response
from starlette.datastructures import FormData

from candidatures import commands

PER_PERSON = Limit("ask for another address", most=5, within=timedelta(days=1))
PER_ADDRESS = Limit("confirm an address", most=3, within=timedelta(days=1))


def ask_address(
    request: Request, person_id: UUID, editor: Person, email: str, form: FormData | None = None
) -> Response | None:
    """Note it and send the link; the answer of the API, None to a `form`.

    Raises:
        Refusal: (404, 403) she may not; (429) too many were asked; (503) no letter leaves now.
    """
    token = secrets.token_urlsafe(32)

    def ask(work: Work) -> None:
        commands.person.ask_address(work, person_id, editor, email, token)
        _refuse_many(work, secret_of(request), editor, email)

    answer = act(request, form, ask) if form else command(request, ask)
    runtime = runtime_of(request)
    question = SendAddressLink(
        person_id=person_id, email=email, token=token, language=editor.language
    )
    try:
        runtime.ask_blocking(question)
    except (AskFailed, TimeoutError) as failure:
        with runtime.work() as work:
            commands.person.cancel_address(work, person_id, editor)
        raise _not_sent() from failure
    return answer


def _refuse_many(work: Work, secret: str, editor: Person, email: str) -> None:
    if not (
        admit(work.db, PER_PERSON, str(editor.id), secret)
        and admit(work.db, PER_ADDRESS, comparable_address(email), secret)
    ):
        raise _too_many()


def _too_many() -> Refusal:
    return Refusal(
        "too_many_addresses",
        "Trop de changements d’adresse ont été demandés aujourd’hui. Regardez vos courriels, "
        "indésirables compris, ou recommencez demain.",
        status=429,
    )


def _not_sent() -> Refusal:
    return Refusal(
        "address_link_not_sent",
        "Le lien n’a pas pu partir : le service des messages ne répond pas. Rien n’est demandé ; "
        "recommencez dans quelques minutes.",
        status=503,
    )
