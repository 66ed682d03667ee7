"""A form whose token died with a cookie or a sign-in: what was typed in it is given back."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from essaim.refusal import Refusal
from essaim.text.languages import N_

F = TypeVar("F", bound=Callable[..., Any])

OURS = ("csrf_token", "command_key")
_NOT_VALID = N_(
    "Cette page n’est plus valable : elle est restée ouverte trop longtemps, ou une connexion ou "
    "une déconnexion a eu lieu depuis. Rien n’a été enregistré. Revenez à la page précédente, "
    "copiez vos réponses si besoin, rechargez-la et recommencez."
)
_PROVE_THEMSELVES: set[Callable[..., Any]] = set()


class FormExpired(Refusal):
    """`fields` are those to be sent again, once she has seen them; empty when the form was another
    site's. `has_files` when there were files, which no page can give back.
    """

    def __init__(self, fields: list[tuple[str, str]], *, has_files: bool = False) -> None:
        super().__init__(
            "form_expired",
            _NOT_VALID,
            status=403,
        )
        self.fields = fields
        self.has_files = has_files


def proves_itself(endpoint: F) -> F:
    """Mark an endpoint whose form brings a secret that nobody else knows.

    It is answered also when the token of its form died, where the browser says that the form came
    from a page of ours: what was typed is saved, and a new token goes with the answer.
    """
    _PROVE_THEMSELVES.add(endpoint)
    return endpoint


def may_do_without_token(request: Request) -> bool:
    return request.scope.get("endpoint") in _PROVE_THEMSELVES and is_from_our_page(request)


def form_expired(request: Request, form: FormData) -> FormExpired:
    """The refusal of a form with a wrong token; a forged one is not offered again."""
    if _is_from_elsewhere(request):
        return FormExpired([])
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return FormExpired(
        [(name, value) for name, value in fields if name not in OURS],
        has_files=any(isinstance(one, UploadFile) and one.filename for one in form.values()),
    )


def is_from_our_page(request: Request) -> bool:
    """Whether the browser itself says so: no page can make it say that of another site's form."""
    return _said_of_its_page(request) is True


def _is_from_elsewhere(request: Request) -> bool:
    """Whether the browser says that. One that says nothing, as a few old ones and programs do, may
    have sent our own form: then what was typed is shown, and sent only by who presses the button.
    """
    return _said_of_its_page(request) is False


def _said_of_its_page(request: Request) -> bool | None:
    """Whether the page that sent a form was ours; None when the browser does not say."""
    fetched = request.headers.get("sec-fetch-site")
    if fetched == "none":
        return None  # no page did: a tab that is opened again
    if fetched is not None:
        return fetched == "same-origin"
    for name in ("origin", "referer"):
        if address := request.headers.get(name):
            return urlsplit(address).netloc == request.headers.get("host")
    return None
