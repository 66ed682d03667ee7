"""What each reader of the directory is told of a person, and for how long.

A partner whose entry names programmes is told of who has, or soon had, a role there; of operators
too where people sign in, since an operator may look after any service.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from essaim.consortium.partners import Partner, Seen
from essaim.people.directory import to_json
from essaim.person import Person, Role, RoleHeld

KEPT_AFTER = timedelta(days=90)
"""How long a partner still sees somebody after her last role of its programmes ended.

Attendance sheets and reports of the time are signed and printed, and letters to her leave, for a
season; after that its pages call her a person.
"""
_OF_AN_OPERATOR = frozenset({Seen.NAME, Seen.LANGUAGE, Seen.ROLES})


def entries(
    partners: Iterable[Partner], person: Person, ended: Mapping[UUID, datetime], day: date
) -> dict[str, bytes]:
    """What the directory holds of a person that day, by who reads it.

    `ended` are those of her sign-ins that are over before their time.
    """
    told = ((one, told_roles(one, person, day)) for one in partners)
    return {
        partner.service: _entry(partner, person, roles, ended)
        for partner, roles in told
        if roles is not None
    }


def told_roles(partner: Partner, person: Person, day: date) -> tuple[RoleHeld, ...] | None:
    """Those of her roles a partner is told of; None where it is not told of her at all."""
    if partner.programmes is None:
        return person.roles
    roles = tuple(held for held in person.roles if _concerns(partner, held, day))
    return roles or None


def _concerns(partner: Partner, held: RoleHeld, day: date) -> bool:
    if held.until is not None and day - held.until > KEPT_AFTER:
        return False
    if held.role == Role.OPERATOR:
        return partner.knows_people
    return partner.programmes is None or held.programme in partner.programmes


def _entry(
    partner: Partner, person: Person, roles: tuple[RoleHeld, ...], ended: Mapping[UUID, datetime]
) -> bytes:
    sees = partner.sees
    if partner.programmes is not None and all(held.role == Role.OPERATOR for held in roles):
        sees &= _OF_AN_OPERATOR
    whole = to_json(person, roles)
    told = {"id": whole["id"]} | {one.value: whole[one.value] for one in Seen if one in sees}
    if Seen.EMAIL in sees:
        told["email_proved"] = whole["email_proved"]
    if partner.knows_people:
        over = {str(id): ends_at.isoformat() for id, ends_at in ended.items()}
        told["ended_sign_ins"] = over
    return json.dumps(told).encode()
