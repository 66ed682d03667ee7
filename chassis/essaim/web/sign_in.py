"""Signing in by a one-time link: asked for by e-mail address, used once, within twenty minutes."""

from collections import defaultdict, deque
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated

from essaim_contracts.questions import SendSignInLink
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import URL, FormData

from essaim.broker.asking import AskFailed
from essaim.ids import new_id
from essaim.people import sign_in_links
from essaim.people.directory import find_person_by_email
from essaim.refusal import Refusal
from essaim.web.forms import submitted
from essaim.web.pages import redirect_to, render, set_cookie
from essaim.web.site import gettext_of, language_of, public_url, runtime_of, secret_of, site_of
from essaim.web.tokens import SIGN_IN_COOKIE, SIGN_IN_SECONDS, sign_in_cookie

router = APIRouter(include_in_schema=False)


class RateLimit:
    """At most `most` askings within `seconds` for each key, counted in this process."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._asked: dict[str, deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def refuses(self, key: str, now: float) -> bool:
        with self._lock:
            for known in [
                known for known, times in self._asked.items() if self._is_old(times, now)
            ]:
                del self._asked[known]
            times = self._asked[key]
            while times and now - times[0] > self.seconds:
                times.popleft()
            if len(times) >= self.most:
                return True
            times.append(now)
            return False

    def _is_old(self, times: deque[float], now: float) -> bool:
        return not times or now - times[-1] > self.seconds


class LinkLimits:
    """How many links may be asked for in a quarter of an hour: for one e-mail, from one address."""

    def __init__(self) -> None:
        self.per_email = RateLimit(most=5, seconds=15 * 60)
        self.per_address = RateLimit(most=40, seconds=15 * 60)


@router.get("/sign-in", name="sign-in")
def ask_for_email(request: Request, next: str = "") -> Response:
    return render(request, "chassis/sign_in.html", next=next, email="")


@router.post("/sign-in")
def send_link(request: Request, form: Annotated[FormData, Depends(submitted)]) -> Response:
    """Answers the same whether somebody has this address or nobody."""
    email, next = str(form.get("email", "")).strip(), str(form.get("next", ""))
    try:
        _check(request, email)
        _send(request, email, next)
    except Refusal as refusal:
        return render(request, "chassis/sign_in.html", refusal=refusal, next=next, email=email)
    return render(
        request, "chassis/sign_in_sent.html", email=email, minutes=sign_in_links.LINK_MINUTES
    )


@router.get("/sign-in/{token}", name="sign-in-link")
def show_link(request: Request, token: str, next: str = "") -> Response:
    """Only a button: mail scanners open links, and must not use this one up."""
    return render(request, "chassis/sign_in_link.html", token=token, next=next)


@router.post("/sign-in/{token}")
def use_link(
    request: Request, token: str, form: Annotated[FormData, Depends(submitted)]
) -> Response:
    with runtime_of(request).work() as work:
        person_id = sign_in_links.use_link(work.db, token)
    if person_id is None:
        refusal = Refusal(
            "link_spent",
            "Ce lien a déjà servi ou n’est plus valable : un lien ne sert qu’une fois, dans les "
            "{minutes} minutes. Demandez-en un autre ci-dessous.",
            status=410,
            minutes=sign_in_links.LINK_MINUTES,
        )
        return render(request, "chassis/sign_in.html", refusal=refusal, next="", email="")
    _ = gettext_of(request)
    response = redirect_to(request, _safe(request, form), flash_text=_("Connexion réussie."))
    cookie = sign_in_cookie(secret_of(request), person_id)
    set_cookie(request, response, SIGN_IN_COOKIE, cookie, SIGN_IN_SECONDS)
    return response


@router.post("/sign-out", name="sign-out")
def sign_out(request: Request) -> Response:
    _ = gettext_of(request)
    home = f"{site_of(request).service_path}/"
    response = redirect_to(request, home, flash_text=_("Déconnexion réussie."), level="info")
    response.delete_cookie(SIGN_IN_COOKIE, path="/")
    # Otherwise the Back button of a shared computer shows what was on the screen.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def local_path(address: str, otherwise: str) -> str:
    """The address when it is a path of this host, else `otherwise`: nobody is sent elsewhere."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_local and address.isprintable() else otherwise


def _safe(request: Request, form: FormData) -> str:
    return local_path(str(form.get("next", "")), f"{site_of(request).service_path}/")


def _check(request: Request, email: str) -> None:
    name, _, host = email.partition("@")
    if not (name and "." in host and len(email) <= 254 and email.isprintable()) or " " in email:
        raise Refusal(
            "email_malformed",
            "Donnez une adresse électronique complète, comme nom@exemple.fr.",
            field="email",
            status=422,
        )
    now = datetime.now(UTC).timestamp()
    address = request.client.host if request.client else "unknown"
    limits: LinkLimits = request.app.state.link_limits
    if limits.per_address.refuses(address, now) or limits.per_email.refuses(email.lower(), now):
        raise Refusal(
            "too_many_links",
            "Trop de liens ont été demandés. Regardez vos courriels, indésirables compris, "
            "ou attendez un quart d’heure.",
            status=429,
        )


def _send(request: Request, email: str, next: str) -> None:
    runtime = runtime_of(request)
    token = sign_in_links.new_token()
    with runtime.work() as work:
        person = find_person_by_email(work.db, email)
        if person is not None:
            sign_in_links.keep_link(work.db, token, person.id)
    url = URL(public_url(request, "sign-in-link", token=token))
    question = SendSignInLink(
        # For an unknown address the question is asked about nobody, so that both look alike.
        person_id=person.id if person else new_id(),
        url=str(url.include_query_params(next=next) if next else url),
        language=person.language if person else language_of(request),
    )
    try:
        runtime.ask_blocking(question)
    except (AskFailed, TimeoutError) as failure:
        raise Refusal(
            "link_not_sent",
            "Le lien n’a pas pu être envoyé : le service des messages ne répond pas. "
            "Réessayez dans quelques minutes.",
            status=503,
        ) from failure
