"""The draft a browser holds: a cookie, the form or a link brings its secret. Nobody has an account.

A cookie holds the secret of her draft for each call; the same secret is in the form, for browsers
that keep no cookies, and in the link she receives.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from essaim.web import gettext_of, runtime_of
from essaim.web.pages import set_cookie
from fastapi import Request, Response
from starlette.datastructures import FormData

from candidatures import store
from candidatures.application import Application, ApplicationState
from candidatures.application_form import (
    Content,
    answer_field,
    document_field,
    missing_fields,
    required_fields,
)
from candidatures.call import Call
from candidatures.document import Document
from candidatures.labels import FIELDS

_KEPT_SECONDS = 200 * 86_400


@dataclass(frozen=True)
class Visit:
    """A call and the draft that `token` opens, if there is one, with its documents."""

    call: Call
    token: str
    draft: Application | None
    documents: Mapping[str, Document]

    @property
    def sent(self) -> bool:
        return self.draft is not None and self.draft.state != ApplicationState.DRAFT


def visit(request: Request, slug: str, form: FormData | None = None) -> Visit:
    """What this browser holds of a call; a new secret when it holds none.

    Raises:
        Refusal: (404) there is no such call.
    """
    # The form's own secret first: the link of another draft may have been opened meanwhile.
    token = (str(form.get("token", "")) if form else "") or request.cookies.get(_cookie(slug))
    return visit_with(request, slug, token or None)


def visit_with(request: Request, slug: str, token: str | None) -> Visit:
    """What this secret opens of a call; a new secret opens nothing yet.

    Raises:
        Refusal: (404) there is no such call.
    """
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        draft = store.application.find_draft(db, call.id, token) if token else None
        documents = store.document.of_application(db, draft.id) if draft else {}
    return Visit(call, token or secrets.token_urlsafe(32), draft, documents)


def remember(request: Request, response: Response, slug: str, token: str) -> Response:
    """This browser holds the draft of this secret from now on."""
    set_cookie(request, response, _cookie(slug), token, _KEPT_SECONDS)
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
    for question in call.questions:
        labels[answer_field(question.code)] = question.label.say(_.language)
    for document in call.documents:
        labels[document_field(document.code)] = document.label.say(_.language)
    return labels
