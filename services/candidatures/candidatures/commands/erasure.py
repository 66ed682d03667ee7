"""Forgetting a person: here at once, at the partners when they hear it."""

from uuid import UUID

from essaim import Work
from essaim.broker.topology import DIRECTORY_KEEPER, SERVICES
from essaim.people import directory
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import NETWORK

from candidatures import store
from candidatures.commands import person
from candidatures.erasure import expected

PARTNERS = tuple(service for service in SERVICES if service != DIRECTORY_KEEPER)
"""The services that hold something about people and confirm that they erased it."""


def erase(work: Work, person_id: UUID) -> None:
    """Forget a person who asks for it, and tell the partners.

    Raises:
        Refusal: (404) the directory does not have her.
    """
    person.get(work, person_id)
    forget_person(work, person_id)
    work.forget(person_id)
    work.tell(PersonErased(person_id=person_id, erased_at=work.now), programme=NETWORK)


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase what this service holds about a person, and expect the partners to do so."""
    known = directory.find_person(work.db, person_id)
    store.erasure.erase_person(work.db, person_id, known.email if known else None)
    store.erasure.await_confirmations(work.db, expected(person_id, work.now, PARTNERS))
