"""A person as the directory knows her: the only place a name and an address come from."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person may do. Rights are checked on the server, by role and programme."""

    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    COMMITTEE_MEMBER = "committee_member"
    SPEAKER = "speaker"
    MENTOR = "mentor"
    GODPARENT = "godparent"
    BEARER = "bearer"
    FUNDER = "funder"


@dataclass(frozen=True)
class RoleHeld:
    """A role, held for an organisation or for oneself, from a day to a day, both included."""

    role: Role
    programme: str
    organisation_id: UUID | None = None
    since: date | None = None
    until: date | None = None

    def is_held_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


@dataclass(frozen=True)
class Person:
    """`language` is `fr` or `en`. `name` is what she asked to be called.

    `email_proved`: whoever reads this address said that she is this person, or somebody entered it
    who has the right to. False for what a visitor typed: it may be anybody's.
    """

    id: UUID
    name: str
    email: str | None = None
    phone: str | None = None
    language: str = "fr"
    roles: tuple[RoleHeld, ...] = field(default=())
    email_proved: bool = True

    def holds(self, roles: Set[str], day: date, programme: str | None = None) -> bool:
        """Whether she holds one of these roles that day, in this programme when one is named.

        An operator's role counts in every programme.
        """
        return any(
            held.role in roles
            and held.is_held_on(day)
            and (programme is None or held.programme == programme or held.role == Role.OPERATOR)
            for held in self.roles
        )

    def acts_for(self, organisation_id: UUID, roles: Set[str], day: date, programme: str) -> bool:
        """Whether she holds one of these roles that day for this organisation of a programme."""
        return any(
            held.role in roles
            and held.organisation_id == organisation_id
            and held.programme == programme
            and held.is_held_on(day)
            for held in self.roles
        )
