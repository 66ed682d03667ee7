"""The site a request is for: one service's part of the pages, or the home page of all."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from fastapi import Request
from jinja2 import Environment

from essaim.clock import PARIS
from essaim.consortium.partners import NoKeeper, Partner
from essaim.text.languages import Tongue, negotiate, tongue_of

if TYPE_CHECKING:
    from essaim.running.runtime import Runtime

LANGUAGE_COOKIE = "essaim_language"


@dataclass(frozen=True)
class Site:
    """What the pages of one mounted application stand on.

    `package` gives templates and words; `service_path` is where sign-in and language live, also
    for the home page, which has no service of its own.
    """

    runtime: "Runtime"
    package: str
    service_path: str
    environment: Environment
    paths: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Paths asked for before, with places for their parameters: lists ask for one in each row."""


rendered: ContextVar[Request] = ContextVar("rendered")
"""The request whose page is being rendered, for the functions templates call."""


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def runtime_of(request: Request) -> "Runtime":
    """The running service this request is for."""
    return site_of(request).runtime


def keeper_of(request: Request) -> Partner | None:
    """Who keeps the people directory, and signs who signed in; None when nobody does."""
    try:
        return runtime_of(request).consortium.keeping
    except NoKeeper:
        return None


def is_keeper(request: Request) -> bool:
    """Whether the service this request is for keeps the people directory."""
    return runtime_of(request).service.keeps_directory


def secret_of(request: Request) -> str:
    return runtime_of(request).settings.secret.get_secret_value()


def is_secure(request: Request) -> bool:
    """Whether people reach us by https, so that cookies may be kept from anything else."""
    return runtime_of(request).settings.public_url.startswith("https:")


def is_api(request: Request) -> bool:
    """Whether a program asks, which wants problems in JSON rather than pages."""
    own = own_path(request)
    if not request.scope.get("root_path"):
        # Not in a service: what this address is like there.
        own = "/" + own.lstrip("/").partition("/")[2]
    return own.startswith(("/api/", "/clock"))


def own_path(request: Request) -> str:
    """The path of this request inside its service."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def route_of(request: Request) -> str:
    """What the address is an instance of: `/candidatures/resume/{token}`, without the token."""
    route = request.scope.get("route")
    template = getattr(route, "path", None)
    if template is None:
        return f"{request.scope.get('root_path', '')}/…"
    return f"{request.scope.get('root_path', '')}{template}"


def arrived_at(request: Request) -> datetime:
    """When the request came in: whoever waits for her turn at a deadline is not late."""
    arrival: datetime = request.state.arrived_at
    return arrival


def today_of(request: Request) -> date:
    """The day it is in Paris for the service this request is for."""
    return runtime_of(request).clock.now().astimezone(PARIS).date()


def path_for(request: Request, name: str, /, **path_params: object) -> str:
    """The address of a page of this service, from the root of the host.

    Raises:
        starlette.routing.NoMatchFound: no route has this name and these parameters.
    """
    paths, asked = site_of(request).paths, (name, *path_params)
    if asked not in paths:
        places = {param: _place(param) for param in path_params}
        paths[asked] = str(request.app.url_path_for(name, **places))
    path = paths[asked]
    for param, value in path_params.items():
        path = path.replace(_place(param), str(value))
    return f"{request.scope.get('root_path', '')}{path}"


def _place(param: str) -> str:
    return f"{{{param}}}"


def public_url(request: Request, name: str, /, **path_params: object) -> str:
    """The same address as people outside see it, for messages."""
    return runtime_of(request).settings.public_url.rstrip("/") + path_for(
        request, name, **path_params
    )


def language_of(request: Request) -> str:
    """The language chosen here, else the person's own, else the browser's, else French."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in ("fr", "en"):
        return chosen
    # Only when the visitor is known already: finding the language must not need the database.
    person = getattr(request.state, "visitor", None)
    if person is not None and not is_api(request):
        return str(person.language)
    return negotiate(request.headers.get("accept-language", ""))


def gettext_of(request: Request) -> Tongue:
    """A function that translates into the reader's language: `_("Bonjour {name}", name=…)`."""
    return tongue_of(site_of(request).package, language_of(request))
