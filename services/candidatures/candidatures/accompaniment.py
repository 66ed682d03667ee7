"""Who accompanies a project, as scheduling says it: those who may read its page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.person import Person, Role
from essaim_contracts.scheduling import PairingKind

BESIDE = {
    PairingKind.GODPARENT: {Role.GODPARENT},
    PairingKind.MENTOR: {Role.MENTOR},
    PairingKind.REFERENT: {Role.COORDINATOR, Role.MENTOR, Role.SPEAKER},
    None: {Role.MENTOR, Role.SPEAKER, Role.GODPARENT},
}
"""The roles in which a person acts for an organisation that is paired so; None: it gave hours."""


@dataclass(frozen=True)
class Accompaniment:
    """An organisation beside a project. `kind` is None when it gave a session of it.

    `source_id` is the pairing or the session; `person_id` who acts for it, when she was named.
    """

    source_id: UUID
    project_id: UUID
    organisation_id: UUID
    person_id: UUID | None
    kind: PairingKind | None


def accompanies(
    person: Person, programme: str, beside: Iterable[Accompaniment], today: date
) -> bool:
    """Whether she acts, today, for one of those beside a project of this programme."""
    return any(_acts(person, programme, one, today) for one in beside)


def _acts(person: Person, programme: str, one: Accompaniment, today: date) -> bool:
    if one.person_id == person.id:
        return person.holds(BESIDE[one.kind], today, programme)
    return person.acts_for(one.organisation_id, BESIDE[one.kind], today, programme)
