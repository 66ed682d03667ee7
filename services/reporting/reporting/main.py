"""The service: what it hears and how it keeps it, and the pages that show it."""

from essaim import NavigationEntry, Projection, Role, Service, Stage
from essaim.people.erasure import Erasure
from essaim.web import N_
from essaim_contracts.reporting import PersonForgottenByReporting

from reporting import api
from reporting.answers import what_waits
from reporting.counting import DERIVED, follow
from reporting.pages import edition, evidence, export
from reporting.pages import project as project_page
from reporting.projector import TABLES, project
from reporting.store.table import metadata

projection = Projection(project, TABLES, DERIVED, follow)

READERS = (Role.COORDINATOR, Role.OPERATOR, Role.COMMITTEE_MEMBER, Role.FUNDER)

service = Service(
    name="reporting",
    title=N_("Bilan"),
    purpose=N_("Chiffres de l’édition avec leurs preuves, parcours des projets, exports."),
    place=40,
    metadata=metadata,
    hearing=projection,
    erasure=Erasure(confirms=PersonForgottenByReporting),
    waits_for=what_waits,
    routers=(edition.router, export.router, evidence.router, project_page.router, api.router),
    navigation=(
        NavigationEntry(N_("Éditions"), "/", READERS, Stage.REPORT, ("/editions/*", "/projects/*")),
    ),
)
