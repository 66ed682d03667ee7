"""The service: what it hears and how it keeps it, and the pages that show it."""

from essaim.hearing.projection import Projection
from essaim.people.erasure import Erasure
from essaim.service import NavigationEntry, Service
from essaim.web import N_
from essaim_contracts.reporting import PersonForgottenByReporting

from reporting import api, store
from reporting.pages import edition, evidence, export
from reporting.pages import project as project_page
from reporting.projector import project

projection = Projection(project, store.TABLES)

service = Service(
    name="reporting",
    title=N_("Bilan"),
    metadata=store.metadata,
    says=(PersonForgottenByReporting,),
    hearing=projection,
    erasure=Erasure(confirms=PersonForgottenByReporting),
    routers=(edition.router, export.router, evidence.router, project_page.router, api.router),
    navigation=(NavigationEntry(N_("Éditions"), "/"),),
)
