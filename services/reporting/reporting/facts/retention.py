"""How long the personal data of an edition is kept changes."""

from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import RetentionChanged
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _changed(fact: RetentionChanged, _: Tongue, names: Names) -> str:
    if fact.suspended_for is not None:
        return _(
            "Rien ne s’efface des données de l’édition pour l’instant : {reason}.",
            reason=words_of(fact.suspended_for).say(_.language),
        )
    if fact.last_payment_on is None:
        return _("La conservation des données de l’édition suit de nouveau ses durées.")
    return _(
        "La conservation des preuves de l’édition part de son dernier paiement, le {day}.",
        day=formats.day(fact.last_payment_on, _.language),
    )


KINDS: Kinds = (FactKind(RetentionChanged, _changed),)
