"""Signing in at any service: the keeper of the directory says who she is, once, and she is known.

The browser is sent to the keeper with a `state` of its own, and comes back with a ticket. So nobody
is signed in as somebody else by a link he was given, and no ticket serves twice.
"""

import hmac
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import unquote

import structlog
from essaim_contracts.questions import EndSignIn
from fastapi import APIRouter, Depends, Request, Response
from itsdangerous import Signer
from starlette.datastructures import URL, FormData

from essaim.broker.asking import AskFailed
from essaim.clock import PARIS
from essaim.consortium.partners import Partner
from essaim.people import browsers, ended, signing
from essaim.people.answers import end_sign_in
from essaim.people.browsers import SignedIn
from essaim.people.signing import Kind
from essaim.refusal import Refusal
from essaim.text.languages import CHASSIS
from essaim.web import cookies
from essaim.web.forgery import browser_id
from essaim.web.forms import submitted
from essaim.web.pages import flash, redirect_to
from essaim.web.site import (
    gettext_of,
    is_api,
    is_keeper,
    keeper_of,
    own_path,
    path_for,
    runtime_of,
    secret_of,
    site_of,
)
from essaim.web.visitors import SignInNeeded, signed_in, visitor

log = structlog.get_logger()
here = APIRouter(include_in_schema=False)
"""Of every service but the keeper, which asks for an address itself."""
everywhere = APIRouter(include_in_schema=False)

_TRIED_SECONDS = 600
_WAYS = ("/sign-in", "/signed-in")


async def seek_sign_in(request: Request) -> None:
    """On a page for everybody, whoever signed in at another service is known here too.

    That she did, a cookie says on this host, and a link from the pages of another partner's.

    Raises:
        SignInNeeded: the keeper may know her; it is asked once, and only for a page she goes to.
    """
    if (
        request.method == "GET"
        and request.headers.get("sec-fetch-mode") == "navigate"
        and request.headers.get("sec-fetch-dest") == "document"
        and (cookies.get(request, cookies.HINT) or _comes_from_partner(request))
        and not cookies.get(request, cookies.SIGN_IN, own=True)
        and not cookies.get(request, cookies.TRIED, own=True)
        and not is_keeper(request)
        and site_of(request).package != CHASSIS
        and not is_api(request)
        and not own_path(request).startswith(_WAYS)
        and not _misses_keeper(request)
    ):
        raise SignInNeeded(quietly=True)


def _comes_from_partner(request: Request) -> bool:
    """By a link for somebody signed in there, which alone says where it stands."""
    stands_at = "/".join(request.headers.get("referer", "").split("/")[:3])
    from_elsewhere = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    return from_elsewhere and stands_at in runtime_of(request).consortium.hosts


def _misses_keeper(request: Request) -> bool:
    """Whether the keeper is away: the page is for everybody, and is shown all the same."""
    keeper = keeper_of(request)
    return any(one.partner and one.partner == keeper for one in runtime_of(request).absences())


@here.get("/sign-in", name="sign-in")
def go_to_keeper(request: Request, next: str = "", quiet: str = "") -> Response:
    """Send her to the keeper, which sends her back at once when it knows her."""
    if visitor(request) is not None:
        return redirect_to(request, page_here(request, next))
    keeper = keeper_of(request)
    if keeper is None:
        raise _no_keeper()
    asked = {"for": runtime_of(request).service.name, "state": _state(request)}
    asked["next"] = page_here(request, next)
    if quiet:
        asked["quiet"] = "1"
    response = redirect_to(
        request, str(URL(f"{keeper.root}/sign-in").include_query_params(**asked))
    )
    if quiet:
        cookies.put(request, response, cookies.TRIED, "1", _TRIED_SECONDS, own=True)
    return response


@here.get("/signed-in")
def come_back(request: Request, ticket: str = "", next: str = "", new: str = "") -> Response:
    """With a ticket the browser is known from now on; without one nobody was signed in there."""
    if not ticket:
        response = redirect_to(request, page_here(request, next))
        cookies.drop(request, response, cookies.HINT)
        return response
    runtime = runtime_of(request)
    public_key = signing.public_key_in(runtime.settings)
    proof = signing.read(public_key, ticket, Kind.TICKET, runtime.service.name)
    if proof is None:
        raise _why_not(public_key, ticket, runtime.service.name)
    if not hmac.compare_digest(proof.state, _state(request)):
        raise _not_welcome()
    who = SignedIn(proof.person_id, proof.sign_in_id, proof.until)
    with runtime.work() as work:
        secret = browsers.welcome(work.db, who, proof.id)
        is_ended = ended.is_ended(work.db, who.sign_in_id)
    if secret is None:
        raise _ended_here(keeper_of(request)) if is_ended else _not_welcome()
    if new:
        _ = gettext_of(request)
        flash(request, _("Connexion réussie."))
    return known_from_now_on(request, redirect_to(request, page_here(request, next)), who, secret)


@everywhere.post("/sign-out", name="sign-out")
def sign_out(request: Request, _: Annotated[FormData, Depends(submitted)]) -> Response:
    """End the sign-in everywhere: here at once, and the keeper tells the others."""
    tell = gettext_of(request)
    who = signed_in(request)
    is_told = who is None or _end(request, who)
    if is_told:
        flash(request, tell("Déconnexion réussie."), "info")
    else:
        flash(
            request,
            tell(
                "Déconnexion réussie ici. Les autres services l’apprendront dès que celui qui "
                "tient l’annuaire répondra : sur un ordinateur partagé, fermez aussi le navigateur."
            ),
            "warning",
        )
    # For everybody, as not every service's own is: where she stood, she would be asked to sign in.
    home, keeper = path_for(request, "all-services-home"), keeper_of(request)
    if not is_told or keeper is None or not runtime_of(request).consortium.providers:
        return unknown_from_now_on(request, redirect_to(request, home))
    # The keeper alone knows, by its own cookie, whether a provider signed her in and still knows.
    service = runtime_of(request).service.name
    away = str(URL(f"{keeper.root}/signed-out").include_query_params(**{"for": service}))
    response = redirect_to(request, away)
    return response if is_keeper(request) else unknown_from_now_on(request, response)


def page_here(request: Request, address: str) -> str:
    """The address when it is a page of this service, else where what waits for her is shown.

    Nobody is sent elsewhere.
    """
    root = f"{site_of(request).service_path}/"
    first = f"{root}home"
    # Browsers read a written-out dot or a backslash as what it stands for.
    path = unquote(address.partition("?")[0]).replace("\\", "/")
    is_here = path == "/" or (path.startswith(root) and ".." not in path.split("/"))
    return local_path(address, first) if is_here else first


def local_path(address: str, otherwise: str) -> str:
    """The address when it is a path of this host, else `otherwise`: nobody is sent elsewhere."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_local and address.isprintable() else otherwise


def known_from_now_on(
    request: Request, response: Response, who: SignedIn, secret: str, hint: str = "1"
) -> Response:
    cookies.put(request, response, cookies.SIGN_IN, secret, _seconds_left(who), own=True)
    cookies.drop(request, response, cookies.TRIED, own=True)
    return hinted(request, response, who, hint)


def hinted(request: Request, response: Response, who: SignedIn, hint: str = "1") -> Response:
    """The other services of this host learn that somebody signed in."""
    cookies.put(request, response, cookies.HINT, hint, _seconds_left(who))
    return response


def _seconds_left(who: SignedIn) -> int:
    return int((who.ends_at - datetime.now(UTC)).total_seconds())


def unknown_from_now_on(request: Request, response: Response) -> Response:
    cookies.drop(request, response, cookies.SIGN_IN, own=True)
    cookies.drop(request, response, cookies.HINT)
    # Otherwise the Back button of a shared computer shows what was on the screen.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _end(request: Request, who: SignedIn) -> bool:
    """Whether the keeper knows; otherwise it is told as soon as it answers."""
    runtime = runtime_of(request)
    if is_keeper(request):
        end_sign_in(EndSignIn(sign_in_id=who.sign_in_id), runtime.work)
        return True
    with runtime.work() as work:
        ended_here = {who.sign_in_id: who.ends_at}
        ended.note_ended(work.db, who.person_id, ended_here, untold=True)
    try:
        runtime.ask_blocking(EndSignIn(sign_in_id=who.sign_in_id))
    except (AskFailed, TimeoutError):
        return False
    with runtime.work() as work:
        ended.note_told(work.db, [who.sign_in_id])
    return True


def _state(request: Request) -> str:
    """What a ticket must bring back: only this browser, at this service, has it."""
    return (
        Signer(secret_of(request), salt="essaim.sign-in")
        .get_signature(browser_id(request))
        .decode()
    )


def _no_keeper() -> Refusal:
    return Refusal(
        "no_keeper",
        "Personne ne tient ici l’annuaire des personnes, qui seul connecte. Demandez à la "
        "coordination où se trouve ce service.",
        status=503,
    )


def _ended_here(keeper: Partner | None) -> Refusal:
    return Refusal(
        "sign_in_ended",
        "Cette connexion est terminée, et le service qui tient l’annuaire ne le sait pas encore. "
        "Déconnectez-vous aussi chez lui, sur {address}, puis reconnectez-vous.",
        status=403,
        address=f"{keeper.root}/" if keeper else "",
    )


def _why_not(public_key: str, ticket: str, service: str) -> Refusal:
    """A ticket lasts a minute: one of another time is old, or one of two clocks is wrong."""
    there, here = signing.signed_at(public_key, ticket, service), datetime.now(UTC)
    if there is None:
        return _not_welcome()
    log.warning(
        "a sign-in of another time was refused: an old address, or a wrong clock",
        signed_at=there.isoformat(), our_clock=here.isoformat(),
        seconds=round((here - there).total_seconds()),
    )  # fmt: skip
    return Refusal(
        "sign_in_of_another_time",
        "Cette connexion a été signée le {there}, et il est ici le {here} : l’adresse a trop "
        "attendu, ou l’une des deux horloges n’est pas à l’heure. Recommencez ; si cela se répète, "
        "dites-le à qui exploite ce service.",
        status=403,
        there=_instant(there),
        here=_instant(here),
    )


def _instant(at: datetime) -> str:
    return f"{at.astimezone(PARIS):%d/%m/%Y, %H:%M:%S}"


def _not_welcome() -> Refusal:
    return Refusal(
        "ticket_refused",
        "La connexion n’a pas abouti : cette adresse a déjà servi, date de plus d’une minute, ou "
        "votre navigateur n’a pas gardé notre cookie. Autorisez les cookies de ce site, puis "
        "cliquez sur « Se connecter ».",
        status=403,
    )
