"""The wiring of scheduling: what the chassis runs."""

from essaim import NavigationEntry, Role, Service, Stage, Timer
from essaim.people.erasure import Erasure
from essaim.retention.saying import Says
from essaim.web import N_
from essaim_contracts.retention import RetentionAnnouncedByScheduling, RetentionAppliedByScheduling
from essaim_contracts.scheduling import PersonForgottenByScheduling

from scheduling import api, pages
from scheduling.answers import what_waits
from scheduling.commands.contact import what_moves
from scheduling.commands.erasure import forget_person
from scheduling.commands.retention import RULES
from scheduling.commands.track import give_tracks_to_waiting_cohorts
from scheduling.handlers import facts
from scheduling.store import metadata

EVERY_ROLE = tuple(Role)
"""Whoever has to do with a programme: each sees her own."""

service = Service(
    name="scheduling",
    title=N_("Accompagnement"),
    purpose=N_("Journées collectives, rendez-vous, parrainages, forfaits d’heures et émargements."),
    place=20,
    metadata=metadata,
    hearing=facts,
    erasure=Erasure(forget_person, confirms=PersonForgottenByScheduling),
    retention=RULES,
    retention_says=Says(RetentionAnnouncedByScheduling, RetentionAppliedByScheduling),
    # Pages first: the API names its functions alike, and a link goes to the first of a name.
    routers=(pages.router, *api.routers),
    navigation=(
        NavigationEntry(N_("Vue d’ensemble"), "/", EVERY_ROLE, Stage.CALENDAR),
        NavigationEntry(N_("Séances"), "/sessions", EVERY_ROLE, Stage.CALENDAR),
        NavigationEntry(N_("Mon agenda"), "/feeds", EVERY_ROLE, Stage.CALENDAR),
        NavigationEntry(N_("Heures"), "/hours", EVERY_ROLE, Stage.COHORT),
        NavigationEntry(
            N_("Parrainages et mentorats"), "/pairings", EVERY_ROLE, Stage.COHORT, ("/projects/*",)
        ),
        NavigationEntry(N_("Parcours"), "/tracks", EVERY_ROLE, Stage.COHORT),
    ),
    waits_for=what_waits,
    moves=what_moves,
    timers=(Timer("tracks of waiting cohorts", give_tracks_to_waiting_cohorts),),
)
