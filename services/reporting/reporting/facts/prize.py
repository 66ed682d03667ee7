"""A prize reaches the project it was awarded to."""

from essaim.text.languages import Tongue
from essaim_contracts.cohort import PrizeDelivered

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _delivered(fact: PrizeDelivered, _: Tongue, names: Names) -> str:
    return _("Dotation remise au projet le {day}.", day=fact.delivered_on)


KINDS: Kinds = (FactKind(PrizeDelivered, _delivered),)
