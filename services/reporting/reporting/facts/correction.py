"""Its bearer is asked to correct or complete an application, until a day."""

from essaim.text.languages import Tongue
from essaim_contracts.correspondence import CorrectionAsked

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _asked(fact: CorrectionAsked, _: Tongue, names: Names) -> str:
    if fact.nth > 1:
        return _("Rappel des compléments demandés avant la fin du {day}.", day=fact.open_until)
    return _("Compléments demandés avant la fin du {day}.", day=fact.open_until)


KINDS: Kinds = (FactKind(CorrectionAsked, _asked),)
