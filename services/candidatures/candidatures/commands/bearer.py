"""Whoever applied bears a project of the programme."""

from dataclasses import replace
from uuid import UUID

from essaim import Person, Role, RoleHeld, Work
from essaim.people import directory


def as_bearer(work: Work, known: Person, programme: str) -> Person:
    """The same person, as one who bears a project of this programme from today on."""
    if known.holds({Role.BEARER}, work.today, programme):
        return known
    role = RoleHeld(Role.BEARER, programme, since=work.today)
    person = replace(known, roles=(*known.roles, role))
    work.share(person)
    return person


def make_bearer(work: Work, person_id: UUID, programme: str) -> None:
    known = directory.find_person(work.db, person_id)
    if known is not None:
        as_bearer(work, known, programme)
