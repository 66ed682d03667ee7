"""What a programme file defines, in the columns of the tables, and as persons of the directory.

Ids come from the programme's slug and the codes of the file.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from essaim import Person, Role, RoleHeld
from essaim.ids import stable_id

from candidatures.call_file import CallEntry
from candidatures.form import DocumentAsked
from candidatures.partner import PartnerStatus
from candidatures.person import IDENTITY, same_identity
from candidatures.programme_file import (
    DeliverableEntry,
    EditionEntry,
    OrganisationEntry,
    PersonEntry,
    PrizeEntry,
    ProgrammeFile,
    RoleEntry,
)
from candidatures.question import Question

_LATER = ("section", "earliest", "latest", "allowed", "when", "max_months", "expires")

Row = dict[str, Any]
"""What a file defines, in the columns of its table."""

Key = tuple[Any, ...]
"""A kind of row, as files name it, and the primary key of the row."""


def programme_row(file: ProgrammeFile) -> Row:
    head = file.programme
    return {
        "slug": head.slug,
        "name": head.name,
        "steward_id": stable_id(head.slug, "organisation", head.steward),
        "sectors": [choice.model_dump(mode="json") for choice in head.sectors],
        "heard_from": [choice.model_dump(mode="json") for choice in head.heard_from],
        "tracks": [choice.model_dump(mode="json") for choice in head.tracks],
        "departments": list(head.departments),
        "invented": file.invented or head.invented,
        "contact_email": head.contact.email if head.contact else None,
        "contact_phone": head.contact.phone if head.contact else None,
        "rules": head.rules,
        "privacy": head.privacy,
    }


def organisation_row(slug: str, entry: OrganisationEntry) -> Row:
    """Without the day it joined, which depends on what was known."""
    return {
        "id": stable_id(slug, "organisation", entry.code),
        "programme": slug,
        "code": entry.code,
        "name": entry.name,
        "person_id": None,
        "legal_form": entry.legal_form,
        "department": entry.department,
        "commitments": sorted({commitment.value for commitment in entry.commitments}),
        "status": None if entry.status == PartnerStatus.CONFIRMED else entry.status.value,
        "left_on": entry.left_on,
        "terms": [term.model_dump(mode="json") for term in entry.terms] or None,
        "invented": entry.invented,
    }


def call_row(slug: str, edition: EditionEntry, entry: CallEntry) -> Row:
    return {
        "id": stable_id(slug, "call", entry.slug),
        "edition_id": edition_id(slug, edition),
        "slug": entry.slug,
        "receipt_prefix": entry.prefix,
        "kind": entry.kind.value,
        "title": entry.title.model_dump(),
        "summary": entry.summary.model_dump() if entry.summary else None,
        "track_code": entry.track_code,
        "places": entry.places,
        "opens_at": entry.opens_at,
        "closes_at": entry.closes_at,
        "eligibility": [one.model_dump(mode="json") for one in entry.eligibility] or None,
        "sections": [section.model_dump(mode="json") for section in entry.sections] or None,
        "questions": [_without_later(question) for question in entry.questions_in_order],
        "documents": [_without_later(document) for document in entry.documents],
        "criteria": [criterion.model_dump(mode="json") for criterion in entry.criteria],
        "applicants": [one.value for one in entry.applicants] or None,
        "charter": entry.charter.model_dump(mode="json") if entry.charter else None,
        "rounds": [one.model_dump(mode="json") for one in entry.rounds],
        "quorum": entry.quorum,
        "invented": entry.invented,
    }


def _without_later(asked: Question | DocumentAsked) -> dict[str, Any]:
    """What says nothing is left out of what came later: a release before it reads the rest."""
    said = asked.model_dump(mode="json")
    return {name: value for name, value in said.items() if name not in _LATER or value}


def prize_row(slug: str, edition: EditionEntry, entry: PrizeEntry) -> Row:
    return {
        "id": stable_id(slug, "prize", f"{edition.number}/{entry.code}"),
        "edition_id": edition_id(slug, edition),
        "code": entry.code,
        "contributor_id": stable_id(slug, "organisation", entry.contributor),
        "kind": entry.kind.value,
        "title": entry.title,
        "value_eur": entry.value_eur,
        "invented": entry.invented,
    }


def edition_row(slug: str, entry: EditionEntry) -> Row:
    return {
        "id": edition_id(slug, entry),
        "programme": slug,
        "number": entry.number,
        "year": entry.year,
    }


def edition_id(slug: str, entry: EditionEntry) -> UUID:
    return stable_id(slug, "edition", str(entry.number))


def deliverable_row(slug: str, edition: EditionEntry, entry: DeliverableEntry) -> Row:
    return {
        "edition_id": edition_id(slug, edition),
        "kind": entry.kind.value,
        "label": entry.label.model_dump(),
        "due_on": entry.due_on,
        "sections": [section.model_dump(mode="json") for section in entry.sections],
    }


def person_of(
    slug: str,
    person_id: UUID,
    entry: PersonEntry,
    last: PersonEntry | None,
    existing: Person | None,
) -> Person:
    """The person with what the file says anew; roles she holds for other reasons stay.

    `last` is what the file said of her before: what it did not change since is the person's.
    """
    gone = set(_roles(slug, last)) if last else set()
    new = tuple(_roles(slug, entry))
    kept = existing.roles if existing else ()
    others = tuple(held for held in kept if held not in gone and held not in new)
    if existing is None:
        said = {name: getattr(entry, name) for name in IDENTITY}
        return Person(id=person_id, roles=new, **said)
    changed = {name: getattr(entry, name) for name in changed_identity(entry, last, existing)}
    return replace(existing, roles=others + new, **changed)


def changed_identity(
    entry: PersonEntry, last: PersonEntry | None, existing: Person
) -> Iterator[str]:
    """The fields by which the file now says that she is another than the directory has her."""
    for name in IDENTITY:
        value = getattr(entry, name)
        said = name in entry.model_fields_set if last is None else value != getattr(last, name)
        if said and not same_identity(name, value, getattr(existing, name)):
            yield name


def operator_roles(entry: PersonEntry | None) -> set[RoleEntry]:
    """The roles of operator that a file gives her."""
    return {held for held in entry.roles if held.role == Role.OPERATOR} if entry else set()


def _roles(slug: str, entry: PersonEntry) -> Iterator[RoleHeld]:
    for held in entry.roles:
        organisation = held.organisation
        yield RoleHeld(
            role=held.role,
            programme=slug,
            organisation_id=stable_id(slug, "organisation", organisation) if organisation else None,
            since=held.since,
            until=held.until,
        )
