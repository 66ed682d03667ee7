"""The service: its rooms wired together."""

from essaim import NavigationEntry, Role, Service, Stage, Timer
from essaim.people.erasure import Erasure
from essaim.retention.saying import Says
from essaim.web import N_
from essaim_contracts.questions import (
    SendAddressLink,
    SendCallOpened,
    SendDraftLink,
    SendDraftReminder,
    SendHandoverLink,
    SendWatchLink,
)
from essaim_contracts.retention import (
    RetentionAnnouncedByCandidatures,
    RetentionAppliedByCandidatures,
)

from candidatures import api, cli, pages, store
from candidatures.answers import what_waits
from candidatures.commands.call import close_due_calls, open_due_calls
from candidatures.commands.committee import tell_due_decisions
from candidatures.commands.contact import tell_due as tell_due_takeovers
from candidatures.commands.contact import what_moves
from candidatures.commands.correction import remind_due
from candidatures.commands.deliverable import remind_by_itself
from candidatures.commands.draft import forget_abandoned
from candidatures.commands.erasure import (
    expect_confirmations,
    forget_keys_left,
    forget_person,
    note_confirmation,
)
from candidatures.commands.letters import send_letters
from candidatures.commands.retention import RULES
from candidatures.files import sweep_documents
from candidatures.handlers import facts
from candidatures.pages.welcome import welcome

COORDINATION = (Role.COORDINATOR, Role.OPERATOR)
SELECTION = (*COORDINATION, Role.COMMITTEE_MEMBER, Role.FUNDER)

COMMITTEE_PAGES = (
    *("applications", "scoring", "ranking", "compare", "pack", "minutes"),
    *("assignment", "round", "decisions", "waiting-list", "waiting-list/close"),
)

service = Service(
    name="candidatures",
    title=N_("Candidatures"),
    purpose=N_(
        "Appels, dossiers, comité de sélection, promotions, trophées et annuaire des personnes."
    ),
    place=10,
    metadata=store.metadata,
    hearing=facts,
    erasure=Erasure(forget_person, expect=expect_confirmations, confirmed=note_confirmation),
    retention=RULES,
    retention_says=Says(RetentionAnnouncedByCandidatures, RetentionAppliedByCandidatures),
    routers=(*pages.ROUTERS, *api.ROUTERS),
    navigation=(
        NavigationEntry(N_("Appels"), "/", stage=Stage.CALL),
        NavigationEntry(N_("Mise en place"), "/setup", COORDINATION, Stage.CALL),
        NavigationEntry(
            N_("Dossiers"),
            "/selection",
            SELECTION,
            Stage.SELECTION,
            (*(f"/calls/*/{page}" for page in COMMITTEE_PAGES), "/minutes/*", "/applications/*"),
        ),
        NavigationEntry(
            N_("Promotions et projets"),
            "/cohorts",
            tuple(Role),
            Stage.COHORT,
            ("/projects/*", "/calls/*/cohort"),
        ),
        NavigationEntry(
            N_("Ressources"),
            "/resources",
            tuple(Role),
            Stage.COHORT,
            ("/resources/*", "/programmes/*/resources/new"),
        ),
        NavigationEntry(
            N_("Effacements"), "/erasures", COORDINATION, Stage.OPERATION, ("/people/*",)
        ),
        NavigationEntry(
            N_("Conservation"),
            "/retention/editions",
            COORDINATION,
            Stage.OPERATION,
            ("/retention",),
        ),
        # The chassis' page, where the directory is kept.
        NavigationEntry(N_("Partenaires"), "/admin/partners", (Role.OPERATOR,), Stage.OPERATION),
    ),
    timers=(
        Timer("open due calls", open_due_calls),
        Timer("close due calls", close_due_calls),
        Timer("tell due takeovers", tell_due_takeovers),
        Timer("tell due decisions", tell_due_decisions),
        Timer("remind of corrections", remind_due, every_seconds=600.0),
        Timer("remind of late files", remind_by_itself, every_seconds=3600.0),
        Timer("forget keys left", forget_keys_left, every_seconds=86_400.0),
        Timer("forget abandoned drafts", forget_abandoned, every_seconds=3600.0),
    ),
    workers=(sweep_documents, send_letters),
    asks=(
        SendAddressLink,
        SendDraftLink,
        SendHandoverLink,
        SendDraftReminder,
        SendWatchLink,
        SendCallOpened,
    ),
    waits_for=what_waits,
    moves=what_moves,
    welcome=welcome,
    commands=cli.commands,
    keeps_directory=True,
)
