"""When something is refused or breaks: RFC 9457 problems for programs, clear pages for people."""

import errno
from collections.abc import Set
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from essaim.broker.asking import AskFailed
from essaim.ids import new_id
from essaim.keeping.database import is_outage
from essaim.refusal import Refusal, Refusals
from essaim.text.languages import N_
from essaim.web.expired import FormExpired
from essaim.web.pages import redirect_to, render
from essaim.web.site import gettext_of, is_api, own_path, route_of, runtime_of, site_of
from essaim.web.validation import refusal_of_error
from essaim.web.visitors import SignInNeeded, bearer_token, signed_in

log = structlog.get_logger()

TITLES = {
    400: N_("Requête illisible"),
    401: N_("Connexion nécessaire"),
    403: N_("Accès refusé"),
    404: N_("Page introuvable"),
    405: N_("Méthode non prévue ici"),
    408: N_("Envoi trop lent"),
    409: N_("Impossible pour le moment"),
    410: N_("N’est plus disponible"),
    413: N_("Envoi trop volumineux"),
    422: N_("Réponses à corriger"),
    429: N_("Trop de demandes"),
    500: N_("Erreur de notre part"),
    503: N_("Service momentanément indisponible"),
}
_DETAILS = {
    400: N_("La requête n’a pas pu être lue. Vérifiez son format et recommencez."),
    404: N_("Rien ne se trouve à cette adresse. Vérifiez-la, ou repartez de l’accueil."),
    405: N_("Cette adresse existe, mais pas avec cette méthode."),
    408: N_(
        "L’envoi s’est arrêté en route, rien n’a été enregistré. "
        "Vérifiez votre connexion et recommencez."
    ),
    413: N_(
        "L’envoi dépasse 32 Mo, rien n’a été enregistré. "
        "Réduisez les fichiers, ou envoyez-les un par un."
    ),
    500: N_(
        "Rien n’a été enregistré. Réessayez ; si l’erreur revient, transmettez la référence "
        "{reference} à la personne qui exploite ce service."
    ),
}
OUTAGE = N_(
    "La base de données ne répond pas ou n’a plus de place. Rien n’a été enregistré, et rien de ce "
    "qui l’était n’est perdu. Gardez vos réponses et réessayez dans une minute."
)
UNANSWERED = N_(
    "Un autre service du programme ne répond pas. Rien n’a été enregistré. "
    "Réessayez dans une minute."
)
NOT_HERE = N_(
    "Ce service du programme n’est pas installé à cette adresse. "
    "Demandez à la coordination où le trouver."
)
ELSEWHERE = N_("Ce service du programme est tenu ailleurs. Ouvrez {address}.")
_TOO_LARGE = N_(
    "L’envoi dépasse 32 Mo : rien n’en a été enregistré. Choisissez un fichier moins lourd, ou "
    "envoyez-les un par un. Ce qui était enregistré avant est ici ; le reste est encore sur la "
    "page précédente de votre navigateur."
)
_RETRY = {"Retry-After": "60"}


class FieldError(BaseModel):
    field: str | None
    message: str


class Problem(BaseModel):
    """RFC 9457. `code` never changes with the language; `errors` has one entry per field."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    errors: list[FieldError] = []


def add_handlers(app: FastAPI) -> None:
    """Make every failure of this application answer in one of the two forms."""
    handlers: dict[type[Exception], Any] = {
        Refusal: _refused,
        SignInNeeded: _sign_in_needed,
        RequestValidationError: _invalid,
        HTTPException: _http,
        AskFailed: _unanswered,
        ClientDisconnect: _gone,
        sa.exc.SQLAlchemyError: _database,
        OverflowError: _unstorable,
        OSError: _system,
        Exception: _broken,
    }
    for failure, handler in handlers.items():
        app.add_exception_handler(failure, handler)


def answer(request: Request, refusal: Refusal, headers: dict[str, str] | None = None) -> Response:
    """The refusal as a problem for an API call, else as an error page."""
    tongue = gettext_of(request)
    title = tongue(TITLES.get(refusal.status, TITLES[500 if refusal.status >= 500 else 400]))
    if not is_api(request):
        return _page(request, refusal, title, headers)
    problem = Problem(
        title=title,
        status=refusal.status,
        detail=tongue.refusal(refusal),
        code=refusal.code,
        field=refusal.field,
        errors=[
            FieldError(field=one.field, message=tongue.refusal(one))
            for one in refusal.all
            if one.field
        ],
    )
    headers = {"Content-Language": tongue.language} | (headers or {})
    return JSONResponse(
        problem.model_dump(), refusal.status, headers, media_type="application/problem+json"
    )


def _page(
    request: Request, refusal: Refusal, title: str, headers: dict[str, str] | None
) -> Response:
    try:
        response = render(
            request, "chassis/error.html", refusal=refusal, title=title, status=refusal.status
        )
    except sa.exc.SQLAlchemyError:
        # Without the database we cannot know who visits: the page does without.
        request.state.visitor = None
        response = render(
            request, "chassis/error.html", refusal=refusal, title=title, status=refusal.status
        )
    response.headers.update(headers or {})
    return response


def _refused(request: Request, refusal: Refusal) -> Response:
    if isinstance(refusal, FormExpired) and refusal.fields and _is_page(request):
        template, address = "chassis/form_expired.html", URL(scope=request.scope)
        back = f"{address.path}?{address.query}" if address.query else address.path
        return render(request, template, status_code=403, expired=refusal, address=back)
    return answer(request, refusal, _RETRY if refusal.status in (429, 503) else None)


def _sign_in_needed(request: Request, needed: SignInNeeded) -> Response:
    if bearer_token(request) is None and _is_known_elsewhere(request):
        runtime = runtime_of(request)
        ours = runtime.consortium.find(runtime.service.name)
        if ours is not None and ours.programmes is not None:
            return answer(request, _not_of_its_programmes(ours.programmes))
        return answer(request, _not_known_here(), _RETRY)
    if is_api(request) or request.headers.get("hx-request"):
        refusal = Refusal(
            "sign_in_needed",
            "Connectez-vous d’abord, ou donnez un jeton valable dans l’en-tête Authorization.",
            status=401,
        )
        return answer(request, refusal, {"WWW-Authenticate": "Bearer"})
    here = URL(scope=request.scope)
    back = f"{here.path}?{here.query}" if here.query else here.path
    # Only a page can be come back to; a form that was sent cannot.
    wanted = {"next": back} if request.method == "GET" else {}
    if needed.quietly:
        wanted["quiet"] = "1"
    address = URL(f"{site_of(request).service_path}/sign-in").include_query_params(**wanted)
    return redirect_to(request, str(address))


def _is_known_elsewhere(request: Request) -> bool:
    """Whether she is signed in, and our copy of the directory does not have her yet."""
    try:
        return signed_in(request) is not None
    except sa.exc.SQLAlchemyError:
        return False


def _not_known_here() -> Refusal:
    return Refusal(
        "not_known_here",
        "Vous êtes bien connectée ou connecté, mais ce service n’a pas encore reçu votre fiche de "
        "l’annuaire. Réessayez dans une minute ; si cela dure, prévenez la coordination.",
        status=503,
    )


def _not_of_its_programmes(programmes: Set[str]) -> Refusal:
    return Refusal(
        "not_of_its_programmes",
        "Vous êtes bien connectée ou connecté, mais l’annuaire ne dit à ce service que qui a un "
        "rôle dans {programmes}. Si vous venez d’en recevoir un, réessayez dans une minute ; "
        "sinon, demandez-le à la coordination.",
        status=403,
        programmes=", ".join(sorted(programmes)),
    )


def _invalid(request: Request, error: RequestValidationError) -> Response:
    errors = [dict(one) for one in error.errors()]
    if not is_api(request) and any(one["loc"][0] == "path" for one in errors):
        return answer(request, Refusal("not_found", _DETAILS[404], status=404))
    return answer(request, Refusals([refusal_of_error(one) for one in errors]))


def _http(request: Request, error: HTTPException) -> Response:
    status = error.status_code
    if status == 413 and _is_page(request) and (page := _page_before(request)):
        said = gettext_of(request)(_TOO_LARGE)
        return redirect_to(request, page, flash_text=said, level="danger")
    if status == 404 and (missing := _service_not_here(request)):
        return answer(request, missing)
    message = _DETAILS.get(status, str(error.detail).replace("{", "{{").replace("}", "}}"))
    refusal = Refusal(f"http_{status}", message, status=status)
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_methods_here(request))
    return answer(request, refusal, headers)


def _methods_here(request: Request) -> list[str]:
    """What may be done at this address: the router names the methods of its first route only."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found)


def _is_page(request: Request) -> bool:
    return not is_api(request) and not request.headers.get("hx-request")


def _page_before(request: Request) -> str | None:
    """The page of ours that a form was on, as the browser says; its path alone."""
    page = urlsplit(request.headers.get("referer", ""))
    if request.method != "POST" or page.netloc != request.headers.get("host"):
        return None
    return f"/{page.path.lstrip('/')}"


def _service_not_here(request: Request) -> Refusal | None:
    """The bar names all services; one that does not run at this address deserves an explanation."""
    site = site_of(request)
    if site.service_path == request.scope.get("root_path", ""):
        return None
    partner = site.runtime.consortium.find(own_path(request).strip("/").split("/")[0])
    if partner is None:
        return None
    if partner.has_own_host:
        return Refusal("service_elsewhere", ELSEWHERE, status=404, address=partner.pages)
    return Refusal("service_not_here", NOT_HERE, status=404)


def _gone(request: Request, _: ClientDisconnect) -> Response:
    """A visitor left while she sent something: nobody reads the answer, and nothing is wrong."""
    log.info("visitor left", route=route_of(request))
    return Response(status_code=400)


def _unanswered(request: Request, error: AskFailed) -> Response:
    log.warning("question not answered", route=route_of(request), error=str(error))
    return answer(request, Refusal("service_unanswered", UNANSWERED, status=503), _RETRY)


def _database(request: Request, error: sa.exc.SQLAlchemyError) -> Response:
    if isinstance(error, sa.exc.DataError):
        return _unstorable(request, error)
    if not is_outage(error):
        return _broken(request, error)
    log.error("database unavailable", route=route_of(request), error=str(error).splitlines()[0])
    return answer(request, Refusal("database_unavailable", OUTAGE, status=503), _RETRY)


def _unstorable(request: Request, error: Exception) -> Response:
    log.warning("value not storable", route=route_of(request), error=str(error).splitlines()[0])
    refusal = Refusal(
        "value_unstorable",
        "Une des valeurs est trop grande ou contient un caractère interdit. "
        "Rien n’a été enregistré. Corrigez-la et recommencez.",
        status=422,
    )
    return answer(request, refusal)


def _system(request: Request, error: OSError) -> Response:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return _broken(request, error)
    log.error("disk full", route=route_of(request), error=str(error))
    return answer(request, Refusal("database_unavailable", OUTAGE, status=503), _RETRY)


def _broken(request: Request, error: Exception) -> Response:
    # A mounted application and the root each call this for the same error: one line, one reference.
    if not hasattr(request.state, "reference"):
        request.state.reference = str(new_id())[-12:]
        log.error(
            "request failed",
            route=route_of(request),
            reference=request.state.reference,
            exc_info=error,
        )
    reference = request.state.reference
    return answer(request, Refusal("broken", _DETAILS[500], status=500, reference=reference))
