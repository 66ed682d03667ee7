"""Signing in where the directory is kept: by a one-time link, asked for by e-mail address.

Whoever is signed in here is handed over to the other services, each time with a ticket of its own.
"""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from essaim_contracts.questions import SendSignInLink
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import URL, FormData

from essaim.broker.asking import AskFailed
from essaim.consortium.partners import Partner
from essaim.ids import new_id
from essaim.keeping.limits import Limit, admit
from essaim.people import browsers, openid, sign_in_links, sign_ins
from essaim.people.directory import find_person, find_person_by_email, prove_email
from essaim.people.sign_in_links import Used
from essaim.refusal import Refusal
from essaim.text.mail_address import canonical_address, comparable_address
from essaim.web import cookies
from essaim.web.agents import browser_label
from essaim.web.forms import submitted
from essaim.web.pages import flash, redirect, redirect_to, render
from essaim.web.sign_in import hinted, known_from_now_on, page_here, unknown_from_now_on
from essaim.web.site import gettext_of, language_of, runtime_of, secret_of
from essaim.web.source import source_of
from essaim.web.visitors import SignedIn, bearer_token, signed_in, visitor
from essaim.work import Work

router = APIRouter(include_in_schema=False)

PER_ADDRESS = Limit("sign-in links to an address", most=5, within=timedelta(minutes=15))
PER_SOURCE = Limit("sign-in links from a source", most=300, within=timedelta(minutes=15))

Asking = Annotated[str, Query(alias="for", max_length=60)]
State = Annotated[str, Query(max_length=100)]


@router.get("/sign-in", name="sign-in")
def ask_for_email(
    request: Request, asking: Asking = "", state: State = "", next: str = "", quiet: str = ""
) -> Response:
    """The form; whoever is signed in already goes straight on to where she came from."""
    partner = partner_of(request, asking)
    if visitor(request) is not None and bearer_token(request) is None:
        return _hand_over(request, partner, state, next)
    if quiet and partner is not None:
        response = redirect_to(request, address_at(partner, "signed-in", next=next))
        cookies.drop(request, response, cookies.HINT)
        return response
    return form_page(request, asking, next)


@router.post("/sign-in")
def send_link(request: Request, form: Annotated[FormData, Depends(submitted)]) -> Response:
    """Answers the same whether somebody has this address or nobody."""
    email, next = str(form.get("email", "")).strip(), str(form.get("next", ""))
    asking = str(form.get("for", ""))
    try:
        _check(email)
        _send(request, email, partner_of(request, asking), next)
    except Refusal as refusal:
        return form_page(request, asking, next, email=email, refusal=refusal)
    minutes = sign_in_links.LINK_MINUTES
    return render(request, "chassis/sign_in_sent.html", email=email, minutes=minutes)


@router.get("/sign-in/{token}", name="sign-in-link")
def show_link(request: Request, token: str) -> Response:
    """Only a button: mail scanners open links, and must not use this one up.

    It says whose link it is: nobody goes on in the name of somebody who sent her his own.
    """
    with runtime_of(request).read() as db:
        person_id = sign_in_links.find_link(db, token)
        person = find_person(db, person_id) if person_id else None
    email = person.email if person else None
    return render(request, "chassis/sign_in_link.html", token=token, email=email)


@router.post("/sign-in/{token}")
def use_link(request: Request, token: str, _: Annotated[FormData, Depends(submitted)]) -> Response:
    with runtime_of(request).work() as work:
        used = sign_in_links.use_link(work.db, token)
        if used is None:
            return form_page(request, "", "", refusal=_link_spent())
        # Whoever read the letter has the address.
        prove_email(work.db, used.person_id, share=True)
        who, secret = begin(request, work, used.person_id)
    return go_on(request, used.service, used.next, who, secret)


def begin(request: Request, work: Work, person_id: UUID) -> tuple[browsers.SignedIn, str]:
    """Sign this browser in, whoever it belonged to before; gives the secret of its cookie."""
    before = signed_in(request)
    if before is not None and (earlier := sign_ins.find(work.db, before.sign_in_id)):
        sign_ins.end(work.db, earlier)
    label = browser_label(request.headers.get("user-agent", ""))
    begun = sign_ins.begin_browser(work.db, person_id, label)
    return begun.signed_in, browsers.welcome(work.db, begun.signed_in, str(begun.id)) or ""


def go_on(
    request: Request, service: str, next: str, who: browsers.SignedIn, secret: str
) -> Response:
    """To the page that she had asked for before she signed in."""
    partner = partner_of(request, service)
    if partner is None:
        _ = gettext_of(request)
        flash(request, _("Connexion réussie."))
        response = redirect_to(request, page_here(request, next))
    else:
        # Not straight with a ticket: the letter may have been opened in another browser.
        response = redirect_to(request, address_at(partner, "sign-in", next=next))
    hint = cookies.NEW if partner else "1"
    return known_from_now_on(request, response, who, secret, hint)


@router.get("/sign-ins", name="sign-ins")
def show_sign_ins(request: Request, person: SignedIn) -> Response:
    """Where she is signed in, and the tokens that speak for her."""
    current = signed_in(request)
    with runtime_of(request).read() as db:
        found = sign_ins.of_person(db, person.id)
        accounts = openid.accounts_of(db, person.id)
    consortium = runtime_of(request).consortium
    return render(
        request,
        "chassis/sign_ins.html",
        sign_ins=found,
        current=current.sign_in_id if current else None,
        titles=consortium.titles,
        accounts=accounts,
        providers={one.issuer: one.title for one in consortium.providers},
    )


@router.post("/sign-ins/end", name="end-sign-ins")
def end_sign_ins(
    request: Request, person: SignedIn, form: Annotated[FormData, Depends(submitted)]
) -> Response:
    """End the one whose id is given, or all of hers."""
    _ = gettext_of(request)
    chosen, current = str(form.get("id", "")), signed_in(request)
    with runtime_of(request).work() as work:
        hers = sign_ins.of_person(work.db, person.id)
        ended = [one for one in hers if chosen in ("all", str(one.id))]
        for one in ended:
            sign_ins.end(work.db, one)
    if current is not None and current.sign_in_id in {one.id for one in ended}:
        flash(request, _("Déconnexion réussie."), "info")
        return unknown_from_now_on(request, redirect_to(request, page_here(request, "")))
    return redirect(
        request, "sign-ins", flash=_("C’est terminé : cette connexion n’ouvre plus rien.")
    )


def form_page(
    request: Request, asking: str, next: str, *, email: str = "", refusal: Refusal | None = None
) -> Response:
    partner = partner_of(request, asking)
    title = partner.title if partner else None
    return render(
        request,
        "chassis/sign_in.html",
        refusal=refusal,
        asking=asking,
        next=next,
        email=email,
        service_asking=title,
        providers=runtime_of(request).consortium.providers,
    )


def partner_of(request: Request, asking: str) -> Partner | None:
    """The other service that sent her; None for our own pages.

    Raises:
        Refusal: (404) nobody signs in at this service.
    """
    runtime = runtime_of(request)
    if asking in ("", runtime.service.name):
        return None
    partner = runtime.consortium.find(asking)
    if partner is None or not partner.knows_people:
        raise _unknown_service(asking)
    return partner


def _hand_over(request: Request, partner: Partner | None, state: str, next: str) -> Response:
    current = signed_in(request)
    if partner is None or current is None:
        return redirect_to(request, page_here(request, next))
    runtime = runtime_of(request)
    with runtime.work() as work:
        begun = sign_ins.find(work.db, current.sign_in_id)
        if begun is None:
            return form_page(request, partner.service, next)
        key = runtime.settings.sign_in_key.get_secret_value()
        ticket = sign_ins.ticket_for(work.db, key, begun, partner.service, state)
    asked = {"ticket": ticket, "next": next}
    if cookies.get(request, cookies.HINT) != cookies.NEW:
        return redirect_to(request, address_at(partner, "signed-in", **asked))
    # Its page says so, which may be on another host.
    response = redirect_to(request, address_at(partner, "signed-in", **asked, new="1"))
    return hinted(request, response, current)


def address_at(partner: Partner, way: str, **query: str) -> str:
    return str(URL(f"{partner.root}/{way}").include_query_params(**query))


def _check(email: str) -> None:
    try:
        canonical_address(email)
    except ValueError as error:
        raise Refusal(
            "email_malformed",
            "Donnez une adresse électronique complète, comme nom@exemple.fr.",
            field="email",
            status=422,
        ) from error


def _send(request: Request, email: str, partner: Partner | None, next: str) -> None:
    """Send the link, if this is not too often: who asks for others learns nothing of that."""
    runtime, secret = runtime_of(request), secret_of(request)
    token = sign_in_links.new_token()
    with runtime.work() as work:
        if not admit(work.db, PER_SOURCE, source_of(request), secret):
            raise _too_many()
        is_admitted = admit(work.db, PER_ADDRESS, comparable_address(email), secret)
        person = find_person_by_email(work.db, email) if is_admitted else None
        if person is not None:
            service = partner.service if partner else runtime.service.name
            sign_in_links.keep_link(work.db, token, Used(person.id, service, next))
    if not is_admitted:
        return
    question = SendSignInLink(
        # For an unknown address the question is asked about nobody, so that both look alike.
        person_id=person.id if person else new_id(),
        token=token,
        language=person.language if person else language_of(request),
    )
    try:
        runtime.ask_blocking(question)
    except (AskFailed, TimeoutError) as failure:
        raise _not_sent() from failure


def _too_many() -> Refusal:
    return Refusal(
        "too_many_links",
        "Trop de liens ont été demandés depuis votre réseau. Regardez vos courriels, indésirables "
        "compris, ou attendez un quart d’heure.",
        status=429,
    )


def _not_sent() -> Refusal:
    return Refusal(
        "link_not_sent",
        "Le lien n’a pas pu être envoyé : le service des messages ne répond pas. "
        "Réessayez dans quelques minutes.",
        status=503,
    )


def _link_spent() -> Refusal:
    return Refusal(
        "link_spent",
        "Ce lien a déjà servi ou n’est plus valable : un lien ne sert qu’une fois, dans les "
        "{minutes} minutes. Demandez-en un autre ci-dessous.",
        status=410,
        minutes=sign_in_links.LINK_MINUTES,
    )


def _unknown_service(asking: str) -> Refusal:
    return Refusal(
        "unknown_service",
        "Aucun service « {service} » de ce programme ne demande de se connecter. Revenez à la page "
        "d’où vous venez, ou repartez de l’accueil.",
        status=404,
        service=asking,
    )
