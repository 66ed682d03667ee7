"""An application is handed over: its bearer is asked, then its receiver, who answers."""

from essaim.text.languages import Tongue
from essaim_contracts.handover import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverProposed,
)
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _proposed(fact: HandoverProposed, _: Tongue, names: Names) -> str:
    if fact.to_title is None:
        return _("Accord demandé pour transmettre le dossier hors du réseau.")
    return _("Accord demandé pour transmettre le dossier à « {to} ».", to=fact.to_title)


def _offered(fact: HandoverOffered, _: Tongue, names: Names) -> str:
    day = fact.open_until
    if fact.to_title is None:
        return _("Dossier transmis hors du réseau, réponse avant la fin du {day}.", day=day)
    return _(
        "Dossier transmis à « {to} », réponse avant la fin du {day}.", to=fact.to_title, day=day
    )


def _accepted(fact: HandoverAccepted, _: Tongue, names: Names) -> str:
    if fact.to_title is None:
        return _("Dossier repris hors du réseau.")
    return _("Dossier repris par « {to} ».", to=fact.to_title)


def _declined(fact: HandoverDeclined, _: Tongue, names: Names) -> str:
    return _("Transmission sans suite, close par {who}.", who=words_of(fact.by).say(_.language))


KINDS: Kinds = (
    FactKind(HandoverProposed, _proposed),
    FactKind(HandoverOffered, _offered),
    FactKind(HandoverAccepted, _accepted),
    FactKind(HandoverDeclined, _declined),
)
