"""Wiring only: what the chassis runs as the notifications service."""

from essaim import NavigationEntry, Role, Service, Stage, Timer
from essaim.people.erasure import Erasure
from essaim.retention.saying import Says
from essaim.web import N_
from essaim_contracts.notifications import PersonForgottenByNotifications
from essaim_contracts.retention import (
    RetentionAnnouncedByNotifications,
    RetentionAppliedByNotifications,
)

from notifications import api, pages, store
from notifications.answers import questions, what_waits
from notifications.bounce_worker import read_bounces
from notifications.cli import commands
from notifications.commands.delivery import give_up_late
from notifications.commands.erasure import forget_person
from notifications.commands.message import give_up_unknown_people, write_for_known_people
from notifications.commands.reminder import queue_due_reminders
from notifications.commands.retention import RULES
from notifications.commands.webhook_delivery import forget_old_deliveries
from notifications.handlers import facts
from notifications.settings import NotificationsSettings
from notifications.store.figures import figures
from notifications.webhook_worker import deliver_webhooks
from notifications.worker import send_queued

COORDINATION = (Role.COORDINATOR, Role.OPERATOR)

service = Service(
    name="notifications",
    title=N_("Messages"),
    purpose=N_("Convocations, rappels et réponses envoyés aux personnes concernées."),
    place=30,
    metadata=store.metadata,
    hearing=facts,
    erasure=Erasure(forget_person, confirms=PersonForgottenByNotifications),
    retention=RULES,
    retention_says=Says(RetentionAnnouncedByNotifications, RetentionAppliedByNotifications),
    routers=(*pages.ROUTERS, *api.ROUTERS),
    settings=NotificationsSettings,
    navigation=(
        NavigationEntry(N_("Boîte d’envoi"), "/outbox", COORDINATION, Stage.MESSAGES),
        NavigationEntry(
            N_("Écrire"), "/letters", COORDINATION, Stage.MESSAGES, covers=("/letters/*",)
        ),
        NavigationEntry(N_("Suivi des envois"), "/", COORDINATION, Stage.MESSAGES),
        NavigationEntry(N_("Modèles"), "/templates", COORDINATION, Stage.MESSAGES),
        NavigationEntry(N_("Boîte aux lettres"), "/mailbox", COORDINATION, Stage.MESSAGES),
        NavigationEntry(N_("Ce que je reçois"), "/preferences", tuple(Role), Stage.MESSAGES),
        NavigationEntry(N_("Webhooks"), "/webhooks", COORDINATION, Stage.MESSAGES),
    ),
    timers=(
        Timer("write for known people", write_for_known_people, every_seconds=2.0),
        Timer("queue reminders", queue_due_reminders),
        Timer("give up unknown people", give_up_unknown_people),
        Timer("give up what is late", give_up_late),
        Timer("forget old deliveries", forget_old_deliveries, every_seconds=3600),
    ),
    workers=(send_queued, deliver_webhooks, read_bounces),
    commands=commands,
    figures=figures,
    questions=(questions,),
    waits_for=what_waits,
)
