"""Every fact of the contracts as a page shows it: its schema, its releases, its examples."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from essaim_contracts import all_facts
from essaim_contracts.envelope import subjects_of_type
from essaim_contracts.examples import SCHEMAS, golden_examples
from essaim_contracts.schema import schema_of
from essaim_contracts.words import FACT_TYPES, UNITS, Table, Words, table_of

from essaim.text.collation import search_text, search_words
from essaim.text.languages import N_
from essaim.text.typography import typeset

Schema = dict[str, Any]

KINDS = {
    "uuid": N_("identifiant (UUID)"),
    "date-time": N_("instant (RFC 3339)"),
    "date": N_("jour (AAAA-MM-JJ)"),
    "string": N_("texte"),
    "integer": N_("nombre entier"),
    "number": N_("nombre"),
    "boolean": N_("oui ou non (true, false)"),
}

_FRENCH: dict[str, str] = json.loads((SCHEMAS.parent / "meanings_fr.json").read_text("utf-8"))


@dataclass(frozen=True)
class Field:
    """`kind` is a key of KINDS; instead, `part` names a part of the sheet. Bounds are included."""

    name: str
    meaning: str
    kind: str
    part: str
    is_list: bool
    unit: Words | None
    least: int | float | None
    most: int | float | None
    most_signs: int | None
    pattern: str
    default: str | None
    """In JSON, of a field that may be absent; None of one that is always there."""
    since: str | None
    """The release that first had it; None when none had it yet."""


@dataclass(frozen=True)
class Part:
    """A value inside a fact, with `fields`, or a list of codes."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    codes: Table


@dataclass(frozen=True)
class Sheet:
    """All there is to say of a fact."""

    type: str
    name: str
    words: Words
    owner: str
    subjects: str
    key: str
    meaning: str
    fields: tuple[Field, ...]
    parts: tuple[Part, ...]
    releases: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    """The name and the text, a whole message in JSON, of each golden example."""

    def holds(self, query: str) -> bool:
        """Whether every word asked for is somewhere in it, in French or in English."""
        found = self._search_text()
        return all(word in found for word in search_words(query))

    def _search_text(self) -> str:
        texts = [self.type, self.name, self.words.fr, self.words.en]
        holders: list[Sheet | Part] = [self, *self.parts]
        for holder in holders:
            texts += [holder.meaning, *(one.name for one in holder.fields)]
            # What an id is of is the same in many facts: « trophy » would find them all.
            texts += [one.meaning for one in holder.fields if not one.name.endswith("_id")]
        return " ".join(search_text(text) for it in texts for text in (it, _FRENCH.get(it, "")))


def meaning_in(text: str, language: str) -> tuple[str, str]:
    """What the contracts say in English, in this language where it was translated; and which."""
    if language == "fr" and text in _FRENCH:
        return typeset(_FRENCH[text]), "fr"
    return text, "en"


@cache
def sheets() -> dict[str, Sheet]:
    """Every fact by its type: owner after owner, each in the order in which people read them."""
    types = list(FACT_TYPES)
    owners = list(dict.fromkeys(type.split(".")[1] for type in types))
    facts = sorted(
        (fact for fact in all_facts() if fact.type in FACT_TYPES),
        key=lambda fact: (owners.index(fact.owner), types.index(fact.type)),
    )
    return {fact.type: _sheet(fact.type, fact.key_field, schema_of(fact)) for fact in facts}


def _sheet(type: str, key: str, schema: Schema) -> Sheet:
    releases = _releases(type)
    return Sheet(
        type=type,
        name=schema["title"],
        words=FACT_TYPES[type],
        owner=type.split(".")[1],
        subjects=subjects_of_type(type),
        key=key,
        meaning=schema["description"],
        fields=tuple(_fields(schema, [(version, one) for version, one in releases])),
        parts=tuple(_part(part, one, releases) for part, one in schema.get("$defs", {}).items()),
        releases=tuple(version for version, _ in releases),
        examples=tuple(
            (it.path.stem, it.path.read_text("utf-8"))
            for it in golden_examples()
            if it.type == type
        ),
    )


def _releases(type: str) -> list[tuple[str, Schema]]:
    """The schema of each release that has this type, the oldest first."""
    paths = SCHEMAS.glob(f"released/*/{type}.json")
    versions = sorted(paths, key=lambda path: [int(part) for part in path.parent.name.split(".")])
    return [(path.parent.name, json.loads(path.read_text("utf-8"))) for path in versions]


def _part(name: str, schema: Schema, releases: list[tuple[str, Schema]]) -> Part:
    within = [(version, one.get("$defs", {}).get(name, {})) for version, one in releases]
    codes = table_of(name) if "enum" in schema else {}
    return Part(name, schema.get("description", ""), tuple(_fields(schema, within)), codes)


def _fields(schema: Schema, releases: list[tuple[str, Schema]]) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        known = (version for version, one in releases if name in one.get("properties", {}))
        default = None if name in required else json.dumps(field.get("default"))
        yield _field(name, field, default, next(known, None))


def _field(name: str, schema: Schema, default: str | None, since: str | None) -> Field:
    is_list = schema.get("type") == "array"
    one = _not_null(schema["items"] if is_list else schema)
    least = one.get("minimum")
    if "exclusiveMinimum" in one:
        # Only whole numbers have such a bound.
        least = one["exclusiveMinimum"] + 1
    return Field(
        name=name,
        meaning=schema.get("description", ""),
        kind=str(one.get("format") or one.get("type")),
        part=one.get("$ref", "").rpartition("/")[2],
        is_list=is_list,
        unit=_unit(name) if one.get("type") in ("integer", "number") else None,
        least=least,
        most=one.get("maximum"),
        most_signs=one.get("maxLength"),
        pattern=one.get("pattern", ""),
        default=default,
        since=since,
    )


def _not_null(schema: Schema) -> Schema:
    options: list[Schema] = schema.get("anyOf", [schema])
    return next(one for one in options if one.get("type") != "null")


def _unit(name: str) -> Words | None:
    found = (words for start, words in UNITS.items() if f"{name}_".startswith(f"{start}_"))
    return next(found, None)
