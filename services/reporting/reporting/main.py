"""The service: what it hears and how it keeps it, and the pages that show it."""

from essaim.hearing.projection import Projection
from essaim.people.erasure import Erasure
from essaim.service import NavigationEntry, Service
from essaim.web import N_
from essaim_contracts.reporting import PersonForgottenByReporting

from reporting import api, evidence_pages, pages, store
from reporting.projectors import project

projection = Projection(project, store.TABLES)

service = Service(
    name="reporting",
    title=N_("Bilan"),
    purpose=N_("Chiffres de l’édition avec leurs preuves, parcours des projets, exports."),
    place=40,
    metadata=store.metadata,
    says=(PersonForgottenByReporting,),
    hearing=projection,
    erasure=Erasure(confirms=PersonForgottenByReporting),
    routers=(pages.router, evidence_pages.router, api.router),
    navigation=(NavigationEntry(N_("Éditions"), "/"),),
)
