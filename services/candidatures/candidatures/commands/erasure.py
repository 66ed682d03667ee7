"""Forgetting a person: here at once, at the partners when they hear it."""

from collections.abc import Iterable
from uuid import UUID

from essaim import Work
from essaim.people import directory
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import NETWORK
from essaim_contracts.fact import PersonForgotten

from candidatures import store
from candidatures.commands import person
from candidatures.erasure import Confirmation, expected


def erase(work: Work, person_id: UUID, services: Iterable[str]) -> None:
    """Forget a person who asks for it, and tell the partners, whose services will confirm it.

    Raises:
        Refusal: (404) the directory does not have her.
    """
    person.get(work, person_id)
    forget_person(work, person_id)
    expect_confirmations(work, person_id, services)
    work.forget(person_id)
    work.tell(PersonErased(person_id=person_id, erased_at=work.now), programme=NETWORK)


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase what this service holds about a person."""
    known = directory.find_person(work.db, person_id)
    store.erasure.erase_person(work.db, person_id, known.email if known else None)
    store.accompaniment.forget_person(work.db, person_id)


def note_confirmation(work: Work, service: str, forgotten: PersonForgotten) -> None:
    """A partner forgot her too; the first time it says so counts."""
    at = forgotten.forgotten_at
    store.erasure.save_confirmation(
        work.db, Confirmation(forgotten.person_id, service, erased_at=at, confirmed_at=at)
    )


def expect_confirmations(work: Work, person_id: UUID, services: Iterable[str]) -> None:
    """Note that these services have to confirm that they forgot her too."""
    store.erasure.await_confirmations(work.db, expected(person_id, work.now, services))
