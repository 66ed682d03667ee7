"""The service: its rooms wired together."""

from essaim.people.erasure import Erasure
from essaim.service import NavigationEntry, Service, Timer
from essaim.web import N_
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationWithdrawn,
    CallClosed,
    CallOpened,
    CohortChanged,
    CohortFormed,
    DeliverableHandedIn,
    PartnerJoined,
    PersonErased,
    TrophyAwarded,
)

from candidatures import api, api_programme, drafts, pages
from candidatures.applying import close_due_calls, open_due_calls
from candidatures.cli import commands
from candidatures.files import sweep_documents
from candidatures.handlers import facts
from candidatures.steering import expect_confirmations, forget_person
from candidatures.tables import metadata

service = Service(
    name="candidatures",
    title=N_("Candidatures"),
    purpose=N_(
        "Appels, dossiers, comité de sélection, promotions, trophées et annuaire des personnes."
    ),
    place=10,
    metadata=metadata,
    says=(
        PartnerJoined,
        CallOpened,
        CallClosed,
        ApplicationReceived,
        ApplicationWithdrawn,
        ApplicationDecided,
        CohortFormed,
        CohortChanged,
        DeliverableHandedIn,
        TrophyAwarded,
        PersonErased,
    ),
    hearing=facts,
    erasure=Erasure(forget_person, expect=expect_confirmations),
    routers=(pages.router, drafts.router, api.router, api_programme.router),
    navigation=(NavigationEntry(N_("Appels"), "/"),),
    timers=(
        Timer("open due calls", open_due_calls),
        Timer("close due calls", close_due_calls),
    ),
    workers=(sweep_documents,),
    commands=commands,
    keeps_directory=True,
)
