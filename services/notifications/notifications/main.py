"""Wiring only: what the chassis runs as the notifications service."""

from essaim.people.erasure import Erasure
from essaim.person import Role
from essaim.service import NavigationEntry, Service, Timer
from essaim.web import N_
from essaim_contracts.notifications import (
    MessageFailed,
    MessageSent,
    PersonForgottenByNotifications,
)

from notifications import api, links, outgoing, pages, queue, store
from notifications.delivery import send_queued
from notifications.handlers import facts
from notifications.settings import NotificationsSettings

service = Service(
    name="notifications",
    title=N_("Messages"),
    purpose=N_("Convocations, rappels et réponses envoyés aux personnes concernées."),
    place=30,
    metadata=store.metadata,
    says=(MessageSent, MessageFailed, PersonForgottenByNotifications),
    hearing=facts,
    erasure=Erasure(queue.forget, confirms=PersonForgottenByNotifications),
    routers=(pages.router, api.router),
    settings=NotificationsSettings,
    navigation=(
        NavigationEntry(N_("Messages"), "/"),
        NavigationEntry(N_("Boîte aux lettres"), "/mailbox"),
        NavigationEntry(N_("Modèles"), "/templates", (Role.COORDINATOR,)),
    ),
    timers=(
        Timer("write for known people", queue.write_for_known_people, every_seconds=1.0),
        Timer("queue reminders", queue.queue_due_reminders),
        Timer("give up unknown people", queue.give_up_unknown_people),
        Timer("give up late reminders", outgoing.give_up_late_reminders),
        Timer("delete spent links", links.delete_spent),
    ),
    workers=(send_queued,),
    questions=(links.questions,),
)
