"""A person asked to be forgotten, and each partner erased what it held of her."""

from essaim.text.languages import Tongue
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.fact import Fact
from essaim_contracts.notifications import PersonForgottenByNotifications
from essaim_contracts.reporting import PersonForgottenByReporting
from essaim_contracts.scheduling import PersonForgottenByScheduling

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _erased(fact: PersonErased, _: Tongue, names: Names) -> str:
    return _("Une personne a demandé à être oubliée : ses données sont effacées partout.")


def _forgotten(fact: Fact, _: Tongue, names: Names) -> str:
    return _("Ce partenaire a effacé ce qu’il détenait de la personne.")


KINDS: Kinds = (
    FactKind(PersonErased, _erased),
    FactKind(PersonForgottenByScheduling, _forgotten),
    FactKind(PersonForgottenByNotifications, _forgotten),
    FactKind(PersonForgottenByReporting, _forgotten),
)
