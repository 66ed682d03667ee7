"""People of the directory."""

from uuid import UUID

from essaim import Person, Work
from essaim.people import directory

from candidatures.email_address import email_taken
from candidatures.person import refuse_giver, unknown_person


def enter(work: Work, person: Person, giver: Person) -> None:
    """Enter somebody in the directory, with roles that `giver` may give.

    Raises:
        Refusal: her address is somebody else's; (403) a role is not `giver`'s to give.
    """
    for held in person.roles:
        refuse_giver(giver, held.role, held.programme, work.today)
    refuse_taken(work, person.email)
    work.share(person)


def refuse_taken(work: Work, email: str | None) -> None:
    """An address belongs to one person; who only typed it does not keep it from her."""
    owner = directory.find_person_by_email(work.db, email) if email else None
    if owner is not None and owner.email_proved:
        raise email_taken(email, "email")


def get(work: Work, person_id: UUID) -> Person:
    """
    Raises:
        Refusal: (404) the directory does not have her.
    """
    person = directory.find_person(work.db, person_id)
    if person is None:
        raise unknown_person()
    return person
