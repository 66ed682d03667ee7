"""Signing in where the directory is kept with OpenID Connect: sent to a provider, and back.

What it says binds an account to a person that the directory has: it makes nobody, gives no role.
"""

import secrets
from datetime import timedelta
from typing import Annotated

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from essaim.consortium.partners import Provider
from essaim.keeping.limits import Limit, admit
from essaim.people import openid
from essaim.people.directory import find_person, find_person_by_email, prove_email
from essaim.people.openid import Attempt
from essaim.person import Person
from essaim.refusal import Refusal
from essaim.text.mail_address import canonical_address
from essaim.web import cookies
from essaim.web.forgery import browser_id
from essaim.web.forms import submitted
from essaim.web.keeper import begin, form_page, go_on, partner_of
from essaim.web.openid import (
    At,
    Claims,
    ProviderRefused,
    ProviderUnreachable,
    claims_of,
    describe,
    way_out,
    way_there,
)
from essaim.web.pages import redirect, redirect_to, render
from essaim.web.sign_in import unknown_from_now_on
from essaim.web.site import gettext_of, path_for, runtime_of, secret_of, site_of
from essaim.web.source import source_of
from essaim.web.visitors import SignedIn, signed_in

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

PER_SOURCE = Limit("sign-ins by a provider from a source", most=300, within=timedelta(minutes=15))

Answer = Annotated[str, Query(max_length=4096)]


@router.post("/sign-in/with/{name}", name="sign-in-with")
def go_to_provider(
    request: Request, name: str, form: Annotated[FormData, Depends(submitted)]
) -> Response:
    """Send her to the provider, which sends her back to us with a code."""
    asking, next = str(form.get("for", "")), str(form.get("next", ""))
    partner_of(request, asking)
    provider = provider_named(request, name)
    attempt = Attempt(
        provider.name,
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(64),
        browser=browser_id(request),
        service=asking or runtime_of(request).service.name,
        next=next,
    )
    state = secrets.token_urlsafe(24)
    try:
        address = way_there(provider_at(request, provider), state, attempt)
        with runtime_of(request).work() as work:
            if not admit(work.db, PER_SOURCE, source_of(request), secret_of(request)):
                raise _too_many()
            openid.keep_attempt(work.db, state, attempt)
    except ProviderUnreachable as error:
        return _not_now(request, provider, error, asking, next)
    except Refusal as refusal:
        return form_page(request, asking, next, refusal=refusal)
    return _onward(request, provider, address)


@router.get("/sign-in/from/{name}", name="sign-in-from")
def come_from_provider(
    request: Request,
    name: str,
    code: Answer = "",
    state: Answer = "",
    error: Answer = "",
    iss: Answer = "",
) -> Response:
    """Back with a code that this browser alone may use, once; or without one, refused there."""
    provider = provider_named(request, name)
    with runtime_of(request).work() as work:
        attempt = openid.take_attempt(work.db, provider.name, state, browser_id(request))
    if attempt is None:
        return form_page(request, "", "", refusal=_not_ours(provider))
    asking, next = attempt.service, attempt.next
    try:
        if error or not code or iss not in ("", provider.issuer):
            raise ProviderRefused(f"it answered {error or 'without a code, or as another issuer'}")
        claims = claims_of(provider_at(request, provider), code, attempt)
        return _sign_in(request, provider, claims, attempt)
    except ProviderUnreachable as trouble:
        return _not_now(request, provider, trouble, asking, next)
    except ProviderRefused as refused:
        log.warning("a provider's answer was refused", provider=name, reason=str(refused))
        return form_page(request, asking, next, refusal=_not_believed(provider))
    except Refusal as refusal:
        log.info("nobody signed in", provider=name, reason=refusal.code)
        return form_page(request, asking, next, refusal=refusal)


@router.post("/sign-ins/unbind", name="unbind-account")
def unbind_account(
    request: Request, person: SignedIn, form: Annotated[FormData, Depends(submitted)]
) -> Response:
    """Her account there is hers no longer here, until a verified address binds one again."""
    with runtime_of(request).work() as work:
        openid.unbind(work.db, str(form.get("issuer", "")), person.id)
    _ = gettext_of(request)
    said = _("Ce compte n’est plus lié à vous.")
    return redirect(request, "sign-ins", flash=said)


@router.get("/signed-out", name="signed-out")
def leave_provider(
    request: Request, asking: Annotated[str, Query(alias="for", max_length=60)] = ""
) -> Response:
    """After a sign-out: the provider that she came from ends its own, where it offers that."""
    partner = partner_of(request, asking)
    home = f"{partner.root if partner else site_of(request).service_path}/home"
    if signed_in(request) is not None:
        # Nobody is signed out by a link that somebody gave her.
        return redirect_to(request, home)
    return unknown_from_now_on(request, _way_out(request) or redirect_to(request, home))


def _onward(request: Request, provider: Provider, address: str) -> Response:
    """A page that leads there by itself: browsers let no form of ours end on another host."""
    return render(request, "chassis/onward.html", provider=provider.title, address=address)


def _way_out(request: Request) -> Response | None:
    runtime = runtime_of(request)
    with runtime.work() as work:
        session = openid.take_session(work.db, cookies.get(request, cookies.SIGN_IN, own=True))
    if session is None:
        return None
    back_at = f"{runtime.settings.public_url}{site_of(request).service_path}/"
    try:
        provider = provider_named(request, session.provider)
        address = way_out(provider_at(request, provider), session, back_at)
    except (ProviderUnreachable, Refusal) as error:
        log.warning("a provider did not end its sign-in", reason=str(error))
        return None
    return _onward(request, provider, address) if address else None


def _sign_in(request: Request, provider: Provider, claims: Claims, attempt: Attempt) -> Response:
    """
    Raises:
        Refusal: she is nobody here, or the provider may not say so.
    """
    with runtime_of(request).work() as work:
        person = _person(work.db, provider, claims)
        who, secret = begin(request, work, person.id)
        openid.keep_session(work.db, secret, who, claims.session)
    return go_on(request, attempt.service, attempt.next, who, secret)


def _person(db: sa.Connection, provider: Provider, claims: Claims) -> Person:
    """Whose account it is: once bound by a verified address, hers whatever address it gives."""
    bound = openid.person_of(db, provider.issuer, claims.subject)
    if bound is not None:
        person = find_person(db, bound)
        if person is None or not provider.speaks_for(person.email or ""):
            raise _speaks_for_others(provider)
        return person
    try:
        email = canonical_address(claims.email)
    except ValueError:
        raise _without_address(provider) from None
    if not claims.verified:
        raise _not_verified(provider)
    if not provider.speaks_for(email):
        raise _speaks_for_others(provider)
    person = find_person_by_email(db, email)
    if person is None:
        raise _nobody(email)
    if openid.has_account(db, provider.issuer, person.id):
        raise _another_account(provider)
    # What she would show by reading a letter there, the provider has shown.
    prove_email(db, person.id, share=True)
    openid.bind(db, provider.issuer, claims.subject, person.id)
    return person


def provider_at(request: Request, provider: Provider) -> At:
    settings = runtime_of(request).settings
    back_at = f"{settings.public_url}{path_for(request, 'sign-in-from', name=provider.name)}"
    return describe(provider, settings.openid_secret_of(provider.name), back_at)


def provider_named(request: Request, name: str) -> Provider:
    """
    Raises:
        Refusal: (404) nobody signs in with it here.
    """
    for one in runtime_of(request).consortium.providers:
        if one.name == name:
            return one
    raise _unknown_provider(name)


def _not_now(
    request: Request, provider: Provider, error: ProviderUnreachable, asking: str, next: str
) -> Response:
    log.warning("a provider is out of reach", provider=provider.name, reason=str(error))
    return form_page(request, asking, next, refusal=_unreachable(provider))


# --- refusals


def _unknown_provider(name: str) -> Refusal:
    return Refusal(
        "unknown_provider",
        "Personne ne se connecte ici avec « {name} ». Revenez à la page de connexion.",
        status=404,
        name=name,
    )


def _unreachable(provider: Provider) -> Refusal:
    return Refusal(
        "provider_unreachable",
        "{provider} ne répond pas. Réessayez dans quelques minutes, ou recevez un lien par "
        "courriel ci-dessous.",
        status=503,
        provider=provider.title,
    )


def _too_many() -> Refusal:
    return Refusal(
        "too_many_sign_ins",
        "Trop de connexions ont été commencées depuis votre réseau. Attendez un quart d’heure.",
        status=429,
    )


def _not_ours(provider: Provider) -> Refusal:
    return Refusal(
        "sign_in_not_ours",
        "Cette connexion avec {provider} n’a pas commencé dans ce navigateur, a déjà servi ou date "
        "de plus d’un quart d’heure. Recommencez ci-dessous.",
        status=403,
        provider=provider.title,
    )


def _not_believed(provider: Provider) -> Refusal:
    return Refusal(
        "provider_refused",
        "{provider} ne vous a pas connectée, ou sa réponse n’est pas valable. Recommencez, ou "
        "recevez un lien par courriel ci-dessous.",
        status=403,
        provider=provider.title,
    )


def _without_address(provider: Provider) -> Refusal:
    return Refusal(
        "provider_gives_no_address",
        "{provider} n’a pas dit votre adresse électronique, qui seule dit ici qui vous êtes. "
        "Recevez un lien par courriel ci-dessous.",
        status=403,
        provider=provider.title,
    )


def _not_verified(provider: Provider) -> Refusal:
    return Refusal(
        "address_not_verified",
        "{provider} n’a pas vérifié que votre adresse électronique est bien la vôtre. "
        "Faites-la vérifier là-bas, ou recevez un lien par courriel ci-dessous.",
        status=403,
        provider=provider.title,
    )


def _speaks_for_others(provider: Provider) -> Refusal:
    return Refusal(
        "provider_speaks_for_others",
        "{provider} ne connecte ici que les adresses de son organisation, et la vôtre n’en est "
        "pas. Recevez un lien par courriel ci-dessous.",
        status=403,
        provider=provider.title,
    )


def _nobody(email: str) -> Refusal:
    return Refusal(
        "nobody_has_address",
        "Personne ici n’a l’adresse {email}. Demandez à la coordination du programme de "
        "l’inscrire, ou connectez-vous avec celle qu’elle connaît.",
        status=403,
        email=email,
    )


def _another_account(provider: Provider) -> Refusal:
    return Refusal(
        "another_account_bound",
        "Un autre compte de {provider} est déjà lié à cette adresse. Connectez-vous avec lui, ou "
        "recevez un lien par courriel ci-dessous et déliez-le sur la page « Mes connexions ».",
        status=403,
        provider=provider.title,
    )
