"""An organisation is paired with a project, until the pairing ends."""

from collections.abc import Iterator

from essaim.hearing.projection import Row
from essaim.text.languages import Tongue
from essaim_contracts.scheduling import PairingEnded, PairingMade
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names, organisation
from reporting.store.pairing import pairing_ended, pairing_made


def _made(fact: PairingMade, _: Tongue, names: Names) -> str:
    return _(
        "{kind} avec {partner} à partir du {day}.",
        kind=_(words_of(fact.kind)),
        partner=organisation(fact.organisation_id, _, names),
        day=fact.made_on,
    )


def _rows_of_made(fact: PairingMade, said: Values, programme: str) -> Iterator[Row]:
    values = {
        "pairing_id": fact.pairing_id,
        "project_id": fact.project_id,
        "kind": fact.kind.value,
        "organisation_id": fact.organisation_id,
        "method": fact.method.value,
    }
    yield Row(pairing_made, said | values)


def _ended(fact: PairingEnded, _: Tongue, names: Names) -> str:
    return _(
        "{kind} avec {partner} terminé le {day} ({reason}).",
        kind=_(words_of(fact.kind)),
        partner=organisation(fact.organisation_id, _, names),
        day=fact.ended_on,
        reason=words_of(fact.reason).say(_.language),
    )


def _rows_of_ended(fact: PairingEnded, said: Values, programme: str) -> Iterator[Row]:
    values = {"pairing_id": fact.pairing_id, "reason": fact.reason.value}
    yield Row(pairing_ended, said | values)


KINDS: Kinds = (
    FactKind(PairingMade, _made, _rows_of_made),
    FactKind(PairingEnded, _ended, _rows_of_ended),
)
