"""People of the directory."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from essaim import Person, Work
from essaim.people import directory

from candidatures import store
from candidatures.email_address import email_taken
from candidatures.person import (
    AddressChange,
    address_link_spent,
    refuse_editor,
    refuse_giver,
    refuse_late,
    unknown_person,
)


def enter(work: Work, person: Person, giver: Person) -> None:
    """Enter somebody in the directory, with roles that `giver` may give.

    Raises:
        Refusal: her address is somebody else's; (403) a role is not `giver`'s to give.
    """
    for held in person.roles:
        refuse_giver(giver, held.role, held.programme, work.today)
    refuse_taken(work, person.email)
    work.share(person)


def refuse_taken(work: Work, email: str | None, *, by: UUID | None = None) -> None:
    """An address belongs to one person; who only typed it does not keep it from her."""
    owner = directory.find_person_by_email(work.db, email) if email else None
    if owner is not None and owner.email_proved and owner.id != by:
        raise email_taken(email, "email")


def correct(work: Work, person_id: UUID, editor: Person, changed: Mapping[str, Any]) -> None:
    """Write another name, telephone or language, by their fields.

    Raises:
        Refusal: (404) the directory does not have her; (403) `editor` may not.
    """
    known = get(work, person_id)
    refuse_editor(editor, known, work.today)
    work.share(replace(known, **changed))


def ask_address(work: Work, person_id: UUID, editor: Person, email: str, token: str) -> None:
    """Note that this address is to become hers, once `token`, which is sent to it, is brought back.

    Whether it is somebody else's is said to whoever reads it, not to whoever asks.

    Raises:
        Refusal: (404, 403) as for the rest.
    """
    refuse_editor(editor, get(work, person_id), work.today)
    change = AddressChange(person_id, email, editor.id, work.now)
    store.address_change.save(work.db, change, token)


def cancel_address(work: Work, person_id: UUID, editor: Person) -> None:
    """Take back what was asked; nothing happens where nothing was.

    Raises:
        Refusal: (404, 403) as for asking.
    """
    refuse_editor(editor, get(work, person_id), work.today)
    store.address_change.delete(work.db, person_id)


def confirm_address(work: Work, token: str) -> None:
    """Whoever reads the new address says that it is hers; she signs in again, with it.

    Raises:
        Refusal: (410) the link opens nothing any more; the address is somebody else's by now.
    """
    change = store.address_change.opened_by(work.db, token)
    known = directory.find_person(work.db, change.person_id) if change else None
    if change is None or known is None:
        raise address_link_spent()
    refuse_late(change, work.now)
    refuse_taken(work, change.email, by=known.id)
    store.address_change.delete(work.db, known.id)
    work.share(replace(known, email=change.email, email_proved=True))


def get(work: Work, person_id: UUID) -> Person:
    """
    Raises:
        Refusal: (404) the directory does not have her.
    """
    person = directory.find_person(work.db, person_id)
    if person is None:
        raise unknown_person()
    return person
