"""An exception that who asks allows in her own name: an overlap, or time beyond a package."""

from uuid import UUID

from essaim.person import Person
from essaim.work import Work

from scheduling import access


def check_override(work: Work, person: Person, programme: str, override_by: UUID | None) -> None:
    """Whether `person`, who asks, may allow the exception she asks for, if any.

    `override_by` is her own id: naming somebody else authorises nothing.

    Raises:
        Refusal: (403) she named another person, or does not coordinate the programme.
    """
    if override_by is None:
        return
    if override_by != person.id or not access.manages(person, programme, work.today):
        raise access.override_by_whom(override_by)
