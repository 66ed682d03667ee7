"""A message is left on the page of an application."""

from essaim.text.languages import Tongue
from essaim_contracts.correspondence import NoteLeft

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _left(fact: NoteLeft, _: Tongue, names: Names) -> str:
    if fact.by_bearer:
        return _("Message laissé à la coordination.")
    return _("Message laissé par la coordination.")


KINDS: Kinds = (FactKind(NoteLeft, _left),)
