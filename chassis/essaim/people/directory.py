"""People: a local copy of the directory in every service's database, so that pages never wait.

The `directory` key-value bucket carries it from its keeper (candidatures) to the others; see
`directory_sync`. Personal data is here and in the owner's tables, never in a fact.
"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from essaim.keeping.database import insert, note_erasure, upsert
from essaim.keeping.listed import order_of
from essaim.keeping.tables import command, erased_person, unshared
from essaim.keeping.tables import person as table
from essaim.people import openid, sign_ins
from essaim.person import Person, Role, RoleHeld
from essaim.text.mail_address import comparable_address


def save_person(db: sa.Connection, person: Person, *, share: bool) -> None:
    """Save a person; `share` also queues her for the bucket (the keeper's side).

    At the keeper another address ends all her sign-ins: whoever had the old one is out.
    """
    if share and _has_another_address(db, person):
        sign_ins.end_all(db, person.id)
        openid.forget_accounts(db, person.id)
    row = to_json(person) | {"id": person.id}
    upsert(db, table, [row])
    if share:
        db.execute(sa.insert(unshared), {"id": person.id})


def erase_person(db: sa.Connection, person_id: UUID, at: datetime, *, share: bool = False) -> None:
    """Erase a person, her sign-in links and the answers kept for her repeated requests.

    Her id stays as erased `at`. `share` also queues her for the bucket (the keeper's side).
    """
    note_erasure(db)
    noted = insert(db, erased_person).values(id=person_id, erased_at=at)
    db.execute(noted.on_conflict_do_nothing())
    db.execute(sa.delete(table).where(table.c.id == person_id))
    sign_ins.forget_person(db, person_id)
    db.execute(sa.delete(command).where(command.c.actor == str(person_id)))
    if share:
        db.execute(sa.insert(unshared), {"id": person_id})


def drop_person(db: sa.Connection, person_id: UUID) -> None:
    """Know her no more, of whom we are not told any longer. She may come back."""
    note_erasure(db)
    db.execute(sa.delete(table).where(table.c.id == person_id))
    sign_ins.forget_person(db, person_id)


def known_ids(db: sa.Connection) -> set[UUID]:
    return set(db.scalars(sa.select(table.c.id)))


def is_erased(db: sa.Connection, person_id: UUID) -> bool:
    query = sa.select(sa.exists().where(erased_person.c.id == person_id))
    return bool(db.scalar(query))


def erased_ids(db: sa.Connection) -> set[UUID]:
    return set(db.scalars(sa.select(erased_person.c.id)))


def find_person(db: sa.Connection, person_id: UUID) -> Person | None:
    row = db.execute(sa.select(table).where(table.c.id == person_id)).one_or_none()
    return _person(row) if row else None


def find_person_by_email(db: sa.Connection, email: str) -> Person | None:
    """The person whose address this is proved to be; else who was last said to have it."""
    found = people_of_email(db, email)
    return found[0] if found else None


def people_of_email(db: sa.Connection, email: str) -> list[Person]:
    """The one whose address this is proved to be, then those it is said of, the last one first.

    Two writings of one address are equal: its case, its accents or their ASCII.
    """
    query = sa.select(table).where(sa.func.lower(table.c.email) == comparable_address(email))
    query = query.order_by(table.c.email_proved.desc(), table.c.id.desc())
    return [_person(row) for row in db.execute(query)]


def own_ids(db: sa.Connection, person: Person) -> set[UUID]:
    """Her id, and those of persons only said to have the address that is proved to be hers."""
    same = people_of_email(db, person.email) if person.email and person.email_proved else []
    return {person.id} | {one.id for one in same if not one.email_proved}


def prove_email(db: sa.Connection, person_id: UUID, *, share: bool) -> None:
    """She has read what was sent to her address, which belongs to one proved person at most."""
    known = find_person(db, person_id)
    if known is None or known.email is None or known.email_proved:
        return
    if not people_of_email(db, known.email)[0].email_proved:
        save_person(db, replace(known, email_proved=True), share=share)


def all_people(db: sa.Connection) -> list[Person]:
    """Everybody, by name."""
    return [_person(row) for row in db.execute(_BY_NAME)]


_BY_NAME = sa.select(table).order_by(order_of(table.c.name), table.c.id)


def people_with_role(
    db: sa.Connection, role: Role, day: date, programme: str | None = None
) -> list[Person]:
    """Who holds it that day, by name."""
    # Roles are one JSON text: most people hold none, and are not read.
    named = sa.cast(table.c.roles, sa.String).contains(f'"{role.value}"')
    people = map(_person, db.execute(_BY_NAME.where(named)))
    return [person for person in people if person.holds({role}, day, programme)]


def names_of(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of those who are known; whoever is erased, unknown or nameless here is absent."""
    query = sa.select(table.c.id, table.c.name).where(table.c.id.in_(set(ids)), table.c.name != "")
    return {row.id: row.name for row in db.execute(query)}


def to_json(person: Person, told: Iterable[RoleHeld] | None = None) -> dict[str, Any]:
    """A person as the table has her in its columns; with the roles that are told, where given."""
    roles = [
        {
            "role": held.role.value,
            "programme": held.programme,
            "organisation_id": str(held.organisation_id) if held.organisation_id else None,
            "since": held.since.isoformat() if held.since else None,
            "until": held.until.isoformat() if held.until else None,
        }
        for held in (person.roles if told is None else told)
    ]
    return asdict(person) | {"id": str(person.id), "roles": roles}


def from_json(data: dict[str, Any]) -> Person:
    return Person(
        id=UUID(str(data["id"])),
        name=data["name"],
        email=data["email"],
        phone=data["phone"],
        language=data["language"],
        roles=tuple(_role(held) for held in data["roles"]),
        # What an earlier version of the keeper shared does not say.
        email_proved=data.get("email_proved", True),
    )


def _has_another_address(db: sa.Connection, person: Person) -> bool:
    known = db.scalar(sa.select(table.c.email).where(table.c.id == person.id))
    if known is None:
        return False
    return person.email is None or comparable_address(known) != comparable_address(person.email)


def _person(row: Any) -> Person:
    return from_json(row._mapping)


def _role(held: dict[str, Any]) -> RoleHeld:
    return RoleHeld(
        role=Role(held["role"]),
        programme=held["programme"],
        organisation_id=UUID(held["organisation_id"]) if held["organisation_id"] else None,
        since=date.fromisoformat(held["since"]) if held["since"] else None,
        until=date.fromisoformat(held["until"]) if held["until"] else None,
    )
