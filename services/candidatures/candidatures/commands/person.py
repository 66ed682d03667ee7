"""People of the directory."""

from uuid import UUID

from essaim import Person, Refusal, Work
from essaim.people import directory

from candidatures.email_address import email_taken


def enter(work: Work, person: Person) -> Person:
    """Enter somebody in the directory; an address belongs to one person.

    Raises:
        Refusal: her address is somebody else's.
    """
    if person.email and directory.find_person_by_email(work.db, person.email):
        raise email_taken(person.email, "email")
    work.share(person)
    return person


def get(work: Work, person_id: UUID) -> Person:
    """
    Raises:
        Refusal: (404) the directory does not have her.
    """
    person = directory.find_person(work.db, person_id)
    if person is None:
        raise unknown_person()
    return person


def unknown_person() -> Refusal:
    return Refusal("unknown_person", "Cette personne n’est pas dans l’annuaire.", status=404)
