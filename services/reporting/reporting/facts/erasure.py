"""It is asked that a person be forgotten, or that is taken back."""

from essaim.text.languages import Tongue
from essaim_contracts.erasure import ErasureChange, ErasureChanged
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _changed(fact: ErasureChanged, _: Tongue, names: Names) -> str:
    by = words_of(fact.by).say(_.language)
    if fact.change == ErasureChange.TAKEN_BACK:
        return _("L’effacement d’une personne n’est plus demandé ; l’a retiré : {by}.", by=by)
    return _("L’effacement d’une personne est demandé ; l’a demandé : {by}.", by=by)


KINDS: Kinds = (FactKind(ErasureChanged, _changed),)
