"""A person of the directory: who may change her, who gives which role, and that an operator stays.

A programme enters persons and gives its own roles. Who somebody is (name, address, telephone,
language) is the programme's to write only while she is nobody else's.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from essaim.text.mail_address import comparable_address

ADDRESS_LIFE = timedelta(days=1)
"""How long a new address may be confirmed."""

IDENTITY = ("name", "email", "phone", "language")
"""What says who a person is, and where she is reached."""


def programmes_of(person: Person, filed: Collection[str] = ()) -> frozenset[str]:
    """The programmes she has, or ever had, to do with. `filed` are those whose files name her."""
    return frozenset(held.programme for held in person.roles) | frozenset(filed)


def is_operator(person: Person) -> bool:
    """Also one who was, or will be."""
    return any(held.role == Role.OPERATOR for held in person.roles)


def is_of_one_programme(person: Person, programme: str, filed: Collection[str] = ()) -> bool:
    """Whether nobody but this programme ever had to do with her."""
    return not is_operator(person) and programmes_of(person, filed) <= {programme}


@dataclass(frozen=True)
class AddressChange:
    """Another address that is to become hers, once somebody who reads it says so."""

    person_id: UUID
    email: str
    asked_by: UUID
    asked_at: datetime


def refuse_editor(editor: Person, person: Person, today: date) -> None:
    """
    Raises:
        Refusal: (403) she is neither the person nor an operator.
    """
    if editor.id != person.id and not editor.holds({Role.OPERATOR}, today):
        raise not_yours_to_change()


def refuse_late(change: AddressChange, now: datetime) -> None:
    """
    Raises:
        Refusal: (410) the link was sent too long ago.
    """
    if now >= change.asked_at + ADDRESS_LIFE:
        raise address_link_spent()


def seen_in(programme: str, person: Person, filed: Collection[str], *, entered: bool) -> Person:
    """What a programme reads of her: its own roles, and her telephone if it is hers alone.

    `entered`: its file brought her into the directory, so it gave the telephone itself.
    """
    knows = entered or is_of_one_programme(person, programme, filed)
    roles = tuple(held for held in person.roles if held.programme == programme)
    return replace(person, roles=roles, phone=person.phone if knows else None)


def is_self(one: Person, other: Person) -> bool:
    """Whether she is this person, or proved to have the address that the other was said to have."""
    return one.id == other.id or (
        one.email_proved
        and not other.email_proved
        and one.email is not None
        and same_identity("email", one.email, other.email)
    )


def same_identity(field: str, one: Any, other: Any) -> bool:
    """Whether two values of a field of `IDENTITY` are the same, however an address is written."""
    if field == "email" and one and other:
        return comparable_address(one) == comparable_address(other)
    return bool(one == other)


def refuse_giver(giver: Person, role: Role, programme: str, today: date) -> None:
    """A coordinator gives roles in her programme; an operator gives all, hers too.

    Raises:
        Refusal: (403) this role is not hers to give.
    """
    if giver.holds({Role.OPERATOR}, today):
        return
    if role == Role.OPERATOR:
        raise operator_role()
    if not giver.holds({Role.COORDINATOR}, today, programme):
        raise role_elsewhere(programme)


def reachable_operators(people: Iterable[Person], today: date) -> list[Person]:
    """The operators who can sign in: those for good, or if none is, those of today."""
    now = [
        person
        for person in people
        if person.email and person.email_proved and person.holds({Role.OPERATOR}, today)
    ]
    return [person for person in now if any(map(_for_good, person.roles))] or now


def keeps_an_operator(before: Iterable[Person], after: Iterable[Person], today: date) -> bool:
    """Whether somebody can still run the consortium: one for good, where there was one."""
    had, has = reachable_operators(before, today), reachable_operators(after, today)
    for_good = [any(map(_for_good, person.roles)) for person in (*had[:1], *has[:1])]
    return not had or (bool(has) and for_good[1] >= for_good[0])


def _for_good(held: RoleHeld) -> bool:
    return held.role == Role.OPERATOR and held.until is None


# --- refusals


def unknown_person() -> Refusal:
    return Refusal("unknown_person", "Cette personne n’est pas dans l’annuaire.", status=404)


def operator_role() -> Refusal:
    return Refusal(
        "operator_role",
        "Le rôle d’opérateur (operator) ne se donne et ne s’enlève que par l’opérateur. "
        "Retirez cette personne du fichier ou de la demande.",
        status=403,
    )


def role_elsewhere(programme: str) -> Refusal:
    return Refusal(
        "role_elsewhere",
        "Vous ne coordonnez pas le programme « {programme} » : ses rôles se demandent à sa "
        "coordination, ou à l’opérateur.",
        status=403,
        programme=programme,
    )


def not_yours_to_change() -> Refusal:
    return Refusal(
        "not_yours_to_change",
        "Le nom, l’adresse, le téléphone et la langue d’une personne se changent par elle-même ou "
        "par un opérateur. Demandez-le-lui.",
        status=403,
    )


def address_link_spent() -> Refusal:
    return Refusal(
        "address_link_spent",
        "Ce lien n’ouvre plus rien : il a servi, la demande est retirée, ou elle date de plus d’un "
        "jour. Demandez à nouveau le changement, dans « Mes données ».",
        status=410,
    )


def last_operator(name: str) -> Refusal:
    return Refusal(
        "last_operator",
        "« {person} » est la dernière personne à pouvoir se connecter comme opérateur. "
        "Donnez d’abord ce rôle, et une adresse, à quelqu’un d’autre.",
        person=name,
    )


def identity_kept(key: str, said: str | None, name: str) -> Refusal:
    return Refusal(
        "identity_kept",
        "« {key}: {said} » changerait une personne que ce programme n’a pas fait entrer seul "
        "dans l’annuaire, où elle s’appelle « {name} ». Enlevez cette ligne ou remettez la valeur "
        "d’avant ; elle-même ou un opérateur peut la changer.",
        key=key,
        said=said or "",
        name=name,
    )
