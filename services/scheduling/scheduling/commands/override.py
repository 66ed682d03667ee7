"""An exception that a named person allows: an overlap, or time beyond a package."""

from uuid import UUID

from essaim.people.directory import find_person
from essaim.work import Work

from scheduling import access


def check_override(work: Work, programme: str, override_by: UUID | None) -> None:
    """Whether the person named to allow an exception, if any, may allow it.

    Raises:
        Refusal: she does not coordinate the programme.
    """
    if override_by is None:
        return
    person = find_person(work.db, override_by)
    if person is None or not access.manages(person, programme, work.today):
        raise access.override_by_whom(override_by)
