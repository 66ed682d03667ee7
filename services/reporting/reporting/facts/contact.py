"""Somebody takes over what another did."""

from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.contact import ContactReplaced

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _replaced(fact: ContactReplaced, _: Tongue, names: Names) -> str:
    day = formats.day(fact.from_on, _.language)
    return _("Une personne reprend ce qu’une autre faisait, à partir du {day}.", day=day)


KINDS: Kinds = (FactKind(ContactReplaced, _replaced),)
