"""A person takes over what another did: her roles end and begin on a day, what is open moves."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from essaim import Refusal
from essaim_contracts.contact import ContactReplaced

from candidatures.programme_export import Definition

KEPT = ("operator", "bearer")
"""Roles that nobody takes over: one is an operator's to give, the other a project's."""


@dataclass(frozen=True)
class Takeover:
    """`person` and `replaced_by` are codes of the programme's file, as `organisation`, if any."""

    person: str
    replaced_by: str
    organisation: str | None
    from_on: date


@dataclass(frozen=True)
class Replacement:
    """A takeover as it was asked for, and when the others were told: on its first day."""

    id: UUID
    programme: str
    person_id: UUID
    replaced_by_id: UUID
    organisation_id: UUID | None
    from_on: date
    asked_by: UUID | None
    asked_at: datetime
    told_at: datetime | None = None

    def told(self) -> ContactReplaced:
        return ContactReplaced(
            person_id=self.person_id,
            replaced_by_id=self.replaced_by_id,
            organisation_id=self.organisation_id,
            from_on=self.from_on,
        )


def with_roles_passed_on(definition: Definition, asked: Takeover) -> Definition:
    """The programme in which her roles end the day before, and the other's begin.

    Raises:
        Refusal: both are one person, or there is nothing to take over.
    """
    if asked.person == asked.replaced_by:
        raise one_person()
    changed = deepcopy(definition)
    people = {one["code"]: one for one in changed.get("people", [])}
    if asked.person not in people or asked.replaced_by not in people:
        raise nothing_to_take_over()
    leaving, taking = people[asked.person], people[asked.replaced_by]
    kept, passed = [], []
    for role in leaving.get("roles", []):
        if not _passes(role, asked):
            kept.append(role)
            continue
        passed.append({**role, "since": max(role.get("since", ""), asked.from_on.isoformat())})
        if role.get("since", "") < asked.from_on.isoformat():
            last = asked.from_on - timedelta(days=1)
            kept.append({**role, "until": last.isoformat()})
    if not passed:
        raise nothing_to_take_over()
    leaving["roles"] = kept
    taking["roles"] = [*taking.get("roles", []), *passed]
    return changed


def _passes(role: Definition, asked: Takeover) -> bool:
    is_over = role.get("until", "9999") < asked.from_on.isoformat()
    is_meant = asked.organisation is None or role.get("organisation") == asked.organisation
    return is_meant and not is_over and role["role"] not in KEPT


# --- refusals


def one_person() -> Refusal:
    return Refusal(
        "one_person",
        "Choisissez deux personnes : celle qui part, et celle qui reprend.",
        field="replaced_by",
        status=422,
    )


def nothing_to_take_over() -> Refusal:
    return Refusal(
        "nothing_to_take_over",
        "Cette personne n’a, à partir de ce jour, aucun rôle à reprendre ici. Choisissez un autre "
        "jour, une autre organisation ou une autre personne.",
        field="person",
        status=422,
    )
