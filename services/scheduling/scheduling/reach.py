"""What a person may read today, as lists and single pages both ask it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.person import Person, Role

MANAGERS = {Role.COORDINATOR, Role.OPERATOR}
READERS = {Role.COORDINATOR, Role.FUNDER, Role.OPERATOR}
HOLDERS = frozenset({Role.MENTOR, Role.GODPARENT, Role.SPEAKER})


@dataclass(frozen=True)
class Acting:
    """A role that a person has today, for an organisation or (None) for herself."""

    role: Role
    programme: str
    organisation_id: UUID | None


@dataclass(frozen=True)
class Reach:
    """What a person may read today, beside what she is convened to and the projects she bears.

    `programmes` are those she reads whole, `managed` those whose persons she sees too; None is
    every one. `acting` is what opens the projects and sessions she accompanies or holds.
    """

    person_id: UUID
    programmes: tuple[str, ...] | None
    managed: tuple[str, ...] | None
    acting: frozenset[Acting]

    def reads(self, programme: str) -> bool:
        return self.programmes is None or programme in self.programmes

    def manages(self, programme: str) -> bool:
        return self.managed is None or programme in self.managed

    def reads_unnamed(self, programme: str) -> bool:
        """Whether she reads this programme without its persons, as who funds it does."""
        return self.reads(programme) and not self.manages(programme)


def reach_of(person: Person, alone: Iterable[tuple[str, UUID]], today: date) -> Reach:
    """`alone` are the organisations that are this person alone: (programme, organisation)."""
    held = [one for one in person.roles if one.is_held_on(today)]
    acting = {Acting(one.role, one.programme, one.organisation_id) for one in held}
    acting |= {Acting(role, programme, id) for programme, id in alone for role in HOLDERS}
    is_operator = person.holds({Role.OPERATOR}, today)

    def programmes(roles: set[Role]) -> tuple[str, ...] | None:
        found = {one.programme for one in held if one.role in roles}
        return None if is_operator else tuple(sorted(found))

    return Reach(person.id, programmes(READERS), programmes(MANAGERS), frozenset(acting))
