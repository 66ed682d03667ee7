"""An organisation commits to the programme, or to nothing any more."""

from collections.abc import Iterator

from essaim.hearing.projection import Row
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import PartnerJoined
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names
from reporting.store.partner import partner_joined


def _joined(fact: PartnerJoined, _: Tongue, names: Names) -> str:
    held = ", ".join(words_of(one).say(_.language) for one in fact.commitments)
    name = fact.name or _("expert indépendant")
    if not held:
        return _("{name} ne tient plus d’engagement.", name=name)
    return _("{name} s’engage : {commitments}.", name=name, commitments=held)


def _rows_of_joined(fact: PartnerJoined, said: Values, programme: str) -> Iterator[Row]:
    # An organisation that commits to nothing any more still needs a row to replace its last list.
    for commitment in fact.commitments or ("",):
        values = {
            "commitment": str(commitment),
            "programme": programme,
            "organisation_id": fact.organisation_id,
            "name": fact.name,
            "legal_form": fact.legal_form,
        }
        yield Row(partner_joined, said | values)


KINDS: Kinds = (FactKind(PartnerJoined, _joined, _rows_of_joined),)
