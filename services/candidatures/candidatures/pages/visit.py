"""The drafts a browser holds: a cookie, the form or a link brings their secrets.

Nobody has an account. A cookie holds the secrets of her drafts for each call, the one in hand
first; that one is in the form too, for browsers that keep no cookies.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from essaim.web import cookies, gettext_of, runtime_of
from essaim.web.said import said
from fastapi import Request, Response
from starlette.datastructures import FormData

from candidatures import store
from candidatures.answer import answer_field, dated_field, document_field
from candidatures.application import Application, ApplicationState
from candidatures.application_form import missing_fields, required_fields
from candidatures.call import Call
from candidatures.document import Document
from candidatures.eligibility import eligibility_field
from candidatures.field_reader import Content
from candidatures.labels import FIELDS
from candidatures.party import MOST_PARTIES, party_field

_KEPT_SECONDS = 200 * 86_400
_MOST_HELD = 4


@dataclass(frozen=True)
class Visit:
    """A call and the draft that `token` opens, if there is one, with its documents.

    `held` are all drafts of this browser by their secrets; `moved` when one that it held is opened
    by the link in her mail alone, by now.
    """

    call: Call
    token: str
    draft: Application | None
    documents: Mapping[str, Document]
    held: Mapping[str, Application]
    moved: bool = False

    @property
    def sent(self) -> bool:
        return self.draft is not None and self.draft.state != ApplicationState.DRAFT

    @property
    def others(self) -> list[Application]:
        """The other drafts and applications this browser holds."""
        return [one for token, one in self.held.items() if token != self.token]


def visit(
    request: Request, slug: str, form: FormData | None = None, *, chosen: UUID | None = None
) -> Visit:
    """What this browser holds of a call; a new secret when it holds none. `chosen` is one of hers.

    Raises:
        Refusal: (404) there is no such call.
    """
    given = str(form.get("token", "")) if form else ""
    kept = [one for one in cookies.get(request, _cookie(slug), own=True).split(".") if one]
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        held = _opened(db, call, [given, *kept[:_MOST_HELD]])
        # The form's own secret first: another draft may have been opened meanwhile.
        token, moved = _in_hand(db, given or next(iter(kept), ""), held, chosen)
        draft = held.get(token)
        documents = store.document.of_application(db, draft.id) if draft else {}
    return Visit(call, token, draft, documents, held, moved)


def _opened(db: sa.Connection, call: Call, tokens: list[str]) -> dict[str, Application]:
    found = {token: store.application.find_draft(db, call.id, token) for token in tokens if token}
    return {token: draft for token, draft in found.items() if draft is not None}


def _in_hand(
    db: sa.Connection, first: str, held: Mapping[str, Application], chosen: UUID | None
) -> tuple[str, bool]:
    """The secret to go on with, and whether the first one opens nothing any more."""
    ended = store.draft_secret.opened_once(db, first) if first else None
    for token, draft in held.items():
        if draft.id in (chosen, ended):
            return token, False
    if first and ended is None:
        return first, False
    return secrets.token_urlsafe(32), ended is not None


def begun_anew(here: Visit) -> Visit:
    """The same call with a new secret, beside what this browser holds already."""
    return Visit(here.call, secrets.token_urlsafe(32), None, {}, here.held)


def again(request: Request, here: Visit) -> Visit:
    """The same draft as it is now."""
    with runtime_of(request).read() as db:
        draft = store.application.find_draft(db, here.call.id, here.token)
        documents = store.document.of_application(db, draft.id) if draft else {}
    return Visit(here.call, here.token, draft, documents, here.held)


def remember(
    request: Request, response: Response, here: Visit, token: str | None = None
) -> Response:
    """This browser goes on with the draft of this secret, and keeps the others it holds."""
    first = token or here.token
    kept = [first, *(one for one in here.held if one != first)][:_MOST_HELD]
    name, value = _cookie(here.call.slug), ".".join(kept)
    cookies.put(request, response, name, value, _KEPT_SECONDS, own=True)
    return response


def _cookie(slug: str) -> str:
    return f"essaim_draft_{slug}"


# --- what every page of a draft shows


def progress_of(call: Call, content: Content, documents: set[str]) -> dict[str, int]:
    required = required_fields(call, content)
    return {
        "required_count": len(required),
        "filled_count": len(required - missing_fields(call, content, documents)),
    }


def labels_of(request: Request, call: Call) -> dict[str, str]:
    """What the fields of the form of a call are called."""
    _ = gettext_of(request)
    labels = {name: _(label) for name, label in FIELDS.items()}
    for nth in range(1, MOST_PARTIES + 1):
        labels[party_field(nth, "name")] = _("Nom de la partie {nth}", nth=nth)
        labels[party_field(nth, "email")] = _("Adresse de la partie {nth}", nth=nth)
        labels[party_field(nth, "role")] = _("Rôle de la partie {nth}", nth=nth)
    for asked in call.eligibility:
        labels[eligibility_field(asked.code)] = said(asked.label, _.language)
    for question in call.questions:
        labels[answer_field(question.code)] = said(question.label, _.language)
    for document in call.files:
        labels[document_field(document.code)] = said(document.label, _.language)
        words = _("{document} : sa date", document=document.label.say(_.language))
        labels[dated_field(document.code)] = words
    return labels
