"""Questions of the other services: send somebody a secret link, say what waits for somebody.

The address of a link opens what it leads to: it is a message's secret. We make it ourselves, so
that a letter in the consortium's name leads to the consortium.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.person import Person
from essaim.running.runtime import Here, Runtime
from essaim.text.languages import Tongue
from essaim_contracts.questions import (
    Queued,
    SendAddressLink,
    SendCallOpened,
    SendDraftLink,
    SendDraftReminder,
    SendHandoverLink,
    SendSignInLink,
    SendWatchLink,
    ToDo,
    Waits,
)
from faststream.nats import NatsRouter

from notifications import store
from notifications.access import coordinated_by
from notifications.commands.message import queue_secret
from notifications.message import CAME_BACK, GIVE_UP_AFTER, Secret, Template
from notifications.settings import page_of

LINK_LIFE = timedelta(minutes=20)
"""How long a sign-in link opens anything; sending it later would only annoy."""

DRAFT_PATIENCE = timedelta(days=1)

ADDRESS_LIFE = timedelta(days=1)
"""How long the link that confirms an address opens anything."""

_ASKS_FOR_DRAFTS = "candidatures"

questions = NatsRouter()


@questions.subscriber(SendSignInLink.subject, queue="notifications")
def send_sign_in_link(asked: SendSignInLink, runtime: Here) -> Queued:
    """Also for a person nobody knows, so that both look alike."""
    with runtime.work() as work:
        queue_secret(
            work,
            Template.SIGN_IN_LINK,
            Secret(_sign_in_address(runtime, asked.token)),
            language=asked.language,
            life=LINK_LIFE,
            recipient_id=asked.person_id,
        )
    return Queued()


def _sign_in_address(runtime: Runtime, token: str) -> str:
    """Of the service that keeps the directory: nobody else signs people in."""
    root = runtime.consortium.keeping.root_at(runtime.settings.public_url)
    return f"{root}/sign-in/{token}"


@questions.subscriber(SendAddressLink.subject, queue="notifications")
def send_address_link(asked: SendAddressLink, runtime: Here) -> Queued:
    """The link goes to the new address; where she is reached now, she learns that it was asked."""
    root = runtime.consortium.keeping.root_at(runtime.settings.public_url)
    page = f"{root}/my-data"
    with runtime.work() as work:
        queue_secret(
            work,
            Template.ADDRESS_LINK,
            Secret(f"{page}/address/{asked.token}", address=asked.email),
            language=asked.language,
            life=ADDRESS_LIFE,
        )
        queue_secret(
            work,
            Template.ADDRESS_NOTICE,
            Secret(page),
            language=asked.language,
            life=ADDRESS_LIFE,
            recipient_id=asked.person_id,
        )
    return Queued()


@questions.subscriber(SendDraftLink.subject, queue="notifications")
def send_draft_link(asked: SendDraftLink, runtime: Here) -> Queued:
    """To an address that nobody proved: the letter holds nothing of what was typed with it."""
    page = asked.page.format(token=asked.token)
    with runtime.work() as work:
        queue_secret(
            work,
            Template.DRAFT_LINK,
            Secret(page_of(runtime, _ASKS_FOR_DRAFTS, page), asked.email),
            language=asked.language,
            life=DRAFT_PATIENCE,
            call_title=asked.call_title,
        )
    return Queued()


@questions.subscriber(SendHandoverLink.subject, queue="notifications")
def send_handover_link(asked: SendHandoverLink, runtime: Here) -> Queued:
    """To an address that a coordination gave: the letter says who hands over, and nothing else."""
    page = asked.page.format(token=asked.token)
    with runtime.work() as work:
        queue_secret(
            work,
            Template.HANDOVER_LINK,
            Secret(page_of(runtime, _ASKS_FOR_DRAFTS, page), asked.email),
            language=asked.language,
            life=DRAFT_PATIENCE,
            programme_name=asked.programme_name,
            answer_by=asked.answer_by.isoformat(),
        )
    return Queued()


@questions.subscriber(SendDraftReminder.subject, queue="notifications")
def send_draft_reminder(asked: SendDraftReminder, runtime: Here) -> Queued:
    """Before the call closes, or never."""
    page = asked.page.format(token=asked.token)
    with runtime.work() as work:
        queue_secret(
            work,
            Template.DRAFT_REMINDER,
            Secret(page_of(runtime, _ASKS_FOR_DRAFTS, page), asked.email),
            language=asked.language,
            life=DRAFT_PATIENCE,
            call_title=asked.call_title,
            closes_at=asked.closes_at.isoformat(),
            missing=list(asked.missing),
        )
    return Queued()


@questions.subscriber(SendWatchLink.subject, queue="notifications")
def send_watch_link(asked: SendWatchLink, runtime: Here) -> Queued:
    """To an address that nobody proved: the letter holds nothing of what was typed with it."""
    page = asked.page.format(token=asked.token)
    with runtime.work() as work:
        queue_secret(
            work,
            Template.WATCH_LINK,
            Secret(page_of(runtime, _ASKS_FOR_DRAFTS, page), asked.email),
            language=asked.language,
            life=ADDRESS_LIFE,
            programme_name=asked.programme_name,
        )
    return Queued()


@questions.subscriber(SendCallOpened.subject, queue="notifications")
def send_call_opened(asked: SendCallOpened, runtime: Here) -> Queued:
    page = asked.page.format(slug=asked.slug)
    with runtime.work() as work:
        queue_secret(
            work,
            Template.CALL_OPENED,
            Secret(page_of(runtime, _ASKS_FOR_DRAFTS, page), asked.email),
            language=asked.language,
            life=GIVE_UP_AFTER,
            call_title=asked.call_title,
            closes_at=asked.closes_at.isoformat(),
            programme_name=asked.programme_name,
        )
    return Queued()


def what_waits(db: sa.Connection, person: Person, now: datetime, tongue: Tongue) -> Waits:
    """For who coordinates: letters to read, those that did not arrive, webhooks that stopped."""
    programmes = coordinated_by(person, now.astimezone(PARIS).date())
    if programmes is not None and not programmes:
        return Waits()
    to_do = [*_letters(db, programmes, tongue), *_webhooks(db, programmes, tongue)]
    return Waits(to_do=tuple(to_do[:50]))


def _letters(db: sa.Connection, programmes: set[str] | None, _: Tongue) -> Iterator[ToDo]:
    if back := store.message.count_failed(db, programmes, CAME_BACK):
        text = _.counted(
            "Quelqu’un devrait téléphoner : {number} message est revenu",
            "Quelqu’un devrait téléphoner : {number} messages sont revenus",
            back,
        )
        yield ToDo(text=text, button=_("Voir à qui"), page="/?state=failed")
    if held := store.held.count(db, programmes):
        text = _.counted(
            "{number} message attend d’être relu avant de partir",
            "{number} messages attendent d’être relus avant de partir",
            held,
        )
        yield ToDo(text=text, button=_("Relire"), page="/outbox")
    if failed := store.message.count_failed(db, programmes) - back:
        text = _.counted(
            "{number} message n’a pas pu partir", "{number} messages n’ont pas pu partir", failed
        )
        yield ToDo(text=text, button=_("Voir pourquoi"), page="/?state=failed")


def _webhooks(db: sa.Connection, programmes: set[str] | None, _: Tongue) -> Iterator[ToDo]:
    for one in store.webhook.of_programmes(db, programmes):
        if one.is_stopped:
            text = _("Le webhook « {name} » est arrêté", name=one.name)
            yield ToDo(text=text, button=_("Ouvrir"), page=f"/webhooks/{one.id}")
