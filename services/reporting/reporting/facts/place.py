"""A place that freed is offered to a project of the waiting list."""

from essaim.text.languages import Tongue
from essaim_contracts.selection import PlaceOffered

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _offered(fact: PlaceOffered, _: Tongue, names: Names) -> str:
    return _(
        "Place proposée depuis la liste d’attente, à accepter avant la fin du {day}.",
        day=fact.open_until,
    )


KINDS: Kinds = (FactKind(PlaceOffered, _offered),)
