"""The programme file of what is kept: importing it again changes nothing.

`programme_rows` is the way there. What a file may leave out is left out.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import yaml
from essaim.clock import PARIS
from essaim.text.collation import order_key

from candidatures.charter import Charter
from candidatures.eligibility import EligibilityQuestion
from candidatures.file_links import default_prefix
from candidatures.form import Choice, Criterion, DocumentAsked, Part, Round
from candidatures.partner import Term
from candidatures.programme_file import PersonEntry
from candidatures.programme_rows import Key, Row
from candidatures.question import Question, Section

Definition = dict[str, Any]
"""A programme file as `yaml_source` reads one: mappings, lists, texts, and None."""

FORMAT_NAME = "essaim-programme/1"


def definition_of(rows: Mapping[Key, Row]) -> Definition:
    """What the rows of one programme say, in the shape of its file; empty when there is none."""
    by_kind = _by_kind(rows)
    organisations = {row["id"]: row["code"] for row in by_kind["organisation"]}
    people = {row["person_id"]: row["code"] for row in by_kind["person"]}
    found = {
        "format": FORMAT_NAME,
        "programme": [_head(row, organisations) for row in by_kind["programme"]],
        "organisations": [
            _organisation(row, people) for row in _ordered(by_kind["organisation"], "code")
        ],
        "people": [_part(PersonEntry, row["entry"]) for row in _ordered(by_kind["person"], "code")],
        "editions": [
            _edition(row, by_kind, organisations)
            for row in sorted(by_kind["edition"], key=lambda row: row["number"])
        ],
    }
    return {**found, "programme": found["programme"][0]} if found["programme"] else {}


def written(definition: Definition) -> str:
    """The text of the file."""
    return yaml.safe_dump(definition, allow_unicode=True, sort_keys=False, width=100)


def _by_kind(rows: Mapping[Key, Row]) -> dict[str, list[Row]]:
    kinds = ("programme", "organisation", "edition", "call", "deliverable", "prize", "person")
    return {kind: [row for key, row in rows.items() if key[0] == kind] for kind in kinds}


def _ordered(rows: list[Row], name: str) -> list[Row]:
    return sorted(rows, key=lambda row: order_key(row[name]))


def _head(row: Row, organisations: Mapping[UUID, str]) -> Definition:
    contact = _said({"email": row["contact_email"], "phone": row["contact_phone"]})
    return _said(
        {
            "slug": row["slug"],
            "name": row["name"],
            "steward": organisations[row["steward_id"]],
            "sectors": [_part(Choice, one) for one in row["sectors"]],
            "heard_from": [_part(Choice, one) for one in row["heard_from"]],
            "tracks": [_part(Choice, one) for one in row["tracks"]],
            "departments": row["departments"],
            "contact": contact or None,
            "rules": row["rules"],
            "privacy": row["privacy"],
            "invented": row["invented"],
        }
    )


def _organisation(row: Row, people: Mapping[UUID, str]) -> Definition:
    return _said(
        {
            "code": row["code"],
            "name": row["name"],
            "person": people.get(row["person_id"]),
            "legal_form": row["legal_form"],
            "department": row["department"],
            "commitments": row["commitments"],
            "status": row["status"],
            "terms": [_part(Term, one) for one in row["terms"] or ()],
            "left_on": row["left_on"],
            "joined_on": row["joined_on"],
            "invented": row["invented"],
        }
    )


def _edition(
    row: Row, by_kind: Mapping[str, list[Row]], organisations: Mapping[UUID, str]
) -> Definition:
    def its(kind: str, order: str) -> list[Row]:
        found = (one for one in by_kind[kind] if one["edition_id"] == row["id"])
        return sorted(found, key=lambda one: one[order])

    return _said(
        {
            "number": row["number"],
            "year": row["year"],
            "calls": [_call(one) for one in its("call", "opens_at")],
            "deliverables": [_deliverable(one) for one in its("deliverable", "due_on")],
            "prizes": [_prize(one, organisations) for one in its("prize", "code")],
        }
    )


def _deliverable(row: Row) -> Definition:
    return _said(
        {
            "kind": row["kind"],
            "label": row["label"],
            "due_on": row["due_on"],
            "sections": [_part(Choice, one) for one in row["sections"]],
        }
    )


def _call(row: Row) -> Definition:
    prefix = row["receipt_prefix"]
    return _said(
        {
            "slug": row["slug"],
            "kind": row["kind"],
            "title": row["title"],
            "summary": row["summary"],
            "track_code": row["track_code"],
            "receipt_prefix": None if prefix == default_prefix(row["slug"]) else prefix,
            "opens_at": row["opens_at"],
            "closes_at": row["closes_at"],
            "places": row["places"],
            "eligibility": [_part(EligibilityQuestion, one) for one in row["eligibility"] or ()],
            "sections": [_part(Section, one) for one in row["sections"] or ()],
            "questions": [_part(Question, one) for one in row["questions"]],
            "documents": [_part(DocumentAsked, one) for one in row["documents"]],
            "criteria": [_part(Criterion, one) for one in row["criteria"]],
            "applicants": row["applicants"] or (),
            "charter": _part(Charter, row["charter"]) if row["charter"] else None,
            "rounds": _rounds(row["rounds"]),
            "quorum": row["quorum"],
            "invented": row["invented"],
        }
    )


def _rounds(entries: list[Mapping[str, Any]] | None) -> list[Definition]:
    """None where there is the one that every call has."""
    rounds = [_part(Round, one) for one in entries or []]
    return rounds if any(rounds) else []


def _prize(row: Row, organisations: Mapping[UUID, str]) -> Definition:
    return _said(
        {
            "code": row["code"],
            "contributor": organisations[row["contributor_id"]],
            "kind": row["kind"],
            "title": row["title"],
            "value_eur": row["value_eur"],
            "invented": row["invented"],
        }
    )


def _part(model: type[Part], entry: Mapping[str, Any]) -> Definition:
    return _said(model.model_validate(entry).model_dump(exclude_defaults=True))


def _said(values: Mapping[str, Any]) -> Definition:
    """Without what says nothing, each value as a file has it."""
    found = {name: _value(value) for name, value in values.items()}
    return {name: value for name, value in found.items() if value not in (None, "", [], False)}


def _value(value: Any) -> Any:
    match value:
        case None | "" | bool():
            return "true" if value else None
        case datetime():
            local = value.astimezone(PARIS).replace(tzinfo=None)
            return local.isoformat(" ", "seconds" if local.second else "minutes")
        case date():
            return value.isoformat()
        case float() | Decimal():
            return f"{Decimal(str(value)):f}"
        case int():
            return str(value)
        case str():
            return str(value)
        case {"fr": str(french), **other} if not any(other.values()):
            return french
        case Mapping():
            return _said(value)
        case _:
            return [_value(one) for one in value]
