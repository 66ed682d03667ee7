"""Who may see what here: coordinators the messages of their programmes, operators all."""

from datetime import date
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.web import allowed, may, require, runtime_of, today_of
from fastapi import Depends, Request

from notifications import store
from notifications.message import unknown_message
from notifications.settings import settings_of
from notifications.store.message import ShownMessage
from notifications.webhook import Webhook, unknown_webhook
from notifications.webhook_delivery import Delivery, unknown_delivery

Coordinator = Annotated[Person, Depends(allowed(Role.COORDINATOR))]


def programmes_of(request: Request, person: Person) -> set[str] | None:
    """The programmes whose messages she may see today; None is all of them, for an operator."""
    return coordinated_by(person, today_of(request))


def programme_names(request: Request, person: Person) -> dict[str, str]:
    """Name by slug of the programmes whose letters she answers for, by name."""
    mine = programmes_of(request, person)
    with runtime_of(request).read() as db:
        named = store.programme.all_names(db)
        slugs = store.fact.programmes(db) if mine is None else sorted(mine)
    found = {slug: named.get(slug, slug) for slug in slugs}
    return dict(sorted(found.items(), key=lambda one: one[1]))


def coordinated_by(person: Person, today: date) -> set[str] | None:
    """The programmes she coordinates that day; None is all of them, for an operator."""
    if person.holds({Role.OPERATOR}, today):
        return None
    return {
        held.programme
        for held in person.roles
        if held.role == Role.COORDINATOR and held.is_held_on(today)
    }


def coordinated_message(request: Request, message_id: UUID) -> ShownMessage:
    """A message, when the visitor coordinates its programme.

    Raises:
        Refusal: there is none (404), or it is of a programme she does not coordinate (403).
    """
    with runtime_of(request).read() as db:
        shown = store.message.find(db, message_id)
    if shown is None:
        raise unknown_message()
    require(request, Role.COORDINATOR, programme=shown.message.programme)
    return shown


def coordinated_webhook(request: Request, webhook_id: UUID) -> Webhook:
    """A webhook, when the visitor coordinates its programme; of all programmes, as an operator.

    Raises:
        Refusal: there is none (404), or it is of a programme she does not coordinate (403).
    """
    with runtime_of(request).read() as db:
        found = store.webhook.find(db, webhook_id)
    if found is None:
        raise unknown_webhook()
    require_coordination(request, found.programme)
    return found


def coordinated_delivery(request: Request, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """A delivery of a webhook she may see.

    Raises:
        Refusal: there is none, or it is not of this webhook (404), or it is not hers to see (403).
    """
    coordinated_webhook(request, webhook_id)
    with runtime_of(request).read() as db:
        found = store.webhook_delivery.find(db, delivery_id)
    if found is None or found.webhook_id != webhook_id:
        raise unknown_delivery()
    return found


def require_coordination(request: Request, programme: str | None) -> None:
    """See that she coordinates this programme; that she is an operator, for all of them (None).

    Raises:
        Refusal: (403) she does not.
    """
    roles = (Role.COORDINATOR,) if programme else (Role.OPERATOR,)
    require(request, *roles, programme=programme)


def check_mailbox_is_open(request: Request) -> None:
    """The mailbox is open to whoever sits at the machine that keeps the mail, and to operators.

    Raises:
        Refusal: there is none (404), or the visitor is elsewhere (403).
    """
    settings = settings_of(runtime_of(request))
    if not settings.keeps_mail_here:
        raise no_mailbox()
    if not (settings.open_mailbox or is_from_here(request) or may(request, Role.OPERATOR)):
        raise mailbox_closed()


def no_mailbox() -> Refusal:
    return Refusal(
        "no_mailbox",
        "Il n’y a pas de boîte aux lettres ici : les messages partent par un serveur de "
        "courrier. Leur suivi est sur la page des messages.",
        status=404,
    )


def mailbox_closed() -> Refusal:
    return Refusal(
        "mailbox_closed",
        "La boîte aux lettres montre les liens de connexion de tout le monde : elle ne s’ouvre que "
        "depuis la machine qui la garde. Réglez ESSAIM_SMTP_URL pour que les messages partent.",
        status=403,
    )


def is_from_here(request: Request) -> bool:
    """Whether the visitor's browser runs on this machine, and means this machine.

    The name asked for is checked too: a page elsewhere may have its own name point here. Where
    people reach us by another address, a proxy brings them, and some make all look like us.
    """
    asked_for = f"//{request.headers.get('host', '')}"
    names = (asked_for, runtime_of(request).settings.public_url)
    return _is_loopback(request.client.host if request.client else "") and all(
        _names_this_machine(one) for one in names
    )


def _names_this_machine(address: str) -> bool:
    named = urlsplit(address).hostname or ""
    return named == "localhost" or _is_loopback(named)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
