"""The partners of a programme, and what they committed to."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from essaim.refusal import Refusal
from essaim_contracts.candidatures import Commitment


@dataclass(frozen=True)
class Organisation:
    """A partner of a programme. `person_id` is set for a person who acts alone."""

    id: UUID
    programme: str
    name: str | None
    person_id: UUID | None
    commitments: frozenset[Commitment]


def unknown_organisation(organisation_id: UUID) -> Refusal:
    return Refusal(
        "unknown_organisation",
        "L’organisation {organisation} n’est pas un partenaire du programme. "
        "Vérifiez l’identifiant, ou attendez qu’elle l’ait rejoint.",
        field="organisation_id",
        status=422,
        organisation=organisation_id,
    )


def unknown_speakers(organisation_ids: Iterable[UUID]) -> Refusal:
    return Refusal(
        "unknown_organisation",
        "Organisation inconnue du programme : {unknown}. "
        "Vérifiez l’identifiant, ou attendez que le partenaire ait rejoint le programme.",
        field="speaker_ids",
        status=422,
        unknown=", ".join(sorted(map(str, organisation_ids))),
    )
