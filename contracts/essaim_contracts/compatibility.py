"""Compare the facts' schemas with the last release: inside a major, only optional additions.

    python -m essaim_contracts.compatibility    exits 1 and prints every refusal

Old and new services live side by side, and the stream keeps old facts for ever. So data valid
under the old schema must be readable by new readers, and what new writers write by old readers, who
ignore unknown fields but stumble over a new enum value or a wider bound. What fits both ways is
equal but for fields that may be absent. The check knows the JSON Schema that pydantic emits, and
refuses the rest rather than guess.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, floor
from pathlib import Path
from typing import Any

from essaim_contracts import all_facts
from essaim_contracts.examples import SCHEMAS
from essaim_contracts.schema import schema_of

Schema = dict[str, Any]

_TO_OLD_DATA = "data written before would no longer be readable"
_TO_OLD_READERS = "readers of the last release would refuse new data"
_TO_BOTH = "data of either version may not be readable by the other"

_HEAD = ("$schema", "$id", "$defs", "title", "description")
_ANNOTATIONS = frozenset((*_HEAD, "examples", "deprecated", "default", "discriminator"))
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FORMS = ("pattern", "format", "multipleOf", "uniqueItems")
_PARTS = ("items", "prefixItems", "properties", "required", "additionalProperties", "propertyNames")
_CONSTRAINTS = frozenset(("type", *_LOWER_BOUNDS, *_UPPER_BOUNDS, *_FORMS, *_PARTS))
_ENUMERATION = frozenset(("type", "enum", "const"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """One change that a major version forbids: where (`path` in the payload), and which rule."""

    path: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the comparison is, in both documents.

    `within` holds the pairs of references being compared, so that a recursive value has an end.
    """

    old_root: Schema
    new_root: Schema
    path: str = "$"
    within: frozenset[tuple[str, str]] = frozenset()

    def at(self, step: str) -> "_Place":
        return replace(self, path=f"{self.path}{step}")

    def refuse(self, rule: str) -> Refusal:
        return Refusal(self.path, rule)


@dataclass(frozen=True, slots=True)
class _Alternative:
    """One thing a value may be: a schema without `anyOf`, and the reference it was found by."""

    reference: str | None
    schema: Schema

    def __str__(self) -> str:
        schema = self.schema
        values = _values(schema)
        if values is not None:
            return f"one of {', '.join(sorted(values))}"
        # pydantic titles a lone field after its name, which says nothing of what it may be.
        title = schema.get("title") if "properties" in schema else None
        return str(title or schema.get("type") or "any value")


def compare(old: Schema, new: Schema) -> list[Refusal]:
    """Every change from `old` to `new` that a major version forbids; empty when compatible."""
    return list(_values_differ(old, new, _Place(old, new)))


def _values_differ(old: Schema, new: Schema, place: _Place) -> Iterator[Refusal]:
    old_alternatives = _alternatives(old, place.old_root)
    new_alternatives = _alternatives(new, place.new_root)
    if len(old_alternatives) == len(new_alternatives) == 1:
        yield from _alternative_differs(old_alternatives[0], new_alternatives[0], place)
        return

    def alike(one: _Alternative, other: _Alternative) -> bool:
        return next(_alternative_differs(one, other, place), None) is None

    gone = [it for it in old_alternatives if not any(alike(it, n) for n in new_alternatives)]
    come = [it for it in new_alternatives if not any(alike(o, it) for o in old_alternatives)]
    if len(gone) == len(come) == 1:
        yield from _alternative_differs(gone[0], come[0], place)
        return
    for alternative in gone:
        yield place.refuse(f"can no longer be {alternative}: {_TO_OLD_DATA}")
    for alternative in come:
        yield place.refuse(f"can now also be {alternative}: {_TO_OLD_READERS}")


def _alternatives(schema: Any, root: Schema, reference: str | None = None) -> list[_Alternative]:
    """Follow references and flatten unions."""
    if isinstance(schema, bool):
        schema = {} if schema else {"enum": []}
    if "$ref" in schema:
        return _alternatives(_target(schema, root), root, schema["$ref"])
    for union in ("anyOf", "oneOf"):
        if union in schema and not schema.keys() - _ANNOTATIONS - {union}:
            return [it for branch in schema[union] for it in _alternatives(branch, root)]
    return [_Alternative(reference, schema)]


def _target(schema: Schema, root: Schema) -> Schema:
    if schema.keys() - _ANNOTATIONS - {"$ref"}:
        # Constraints beside a reference: leave them together, to be refused as not known.
        return {"$ref with": sorted(schema.keys() - {"$ref"})}
    target: Any = root
    for step in schema["$ref"].removeprefix("#/").split("/"):
        target = target[step.replace("~1", "/").replace("~0", "~")]
    return dict(target)


def _alternative_differs(old: _Alternative, new: _Alternative, place: _Place) -> Iterator[Refusal]:
    if old.reference and new.reference:
        pair = (old.reference, new.reference)
        if pair in place.within:
            return
        place = replace(place, within=place.within | {pair})
    unknown = _unknown_keywords(old.schema) | _unknown_keywords(new.schema)
    if unknown:
        keywords = ", ".join(sorted(unknown))
        yield place.refuse(f"uses {keywords}, which this check cannot compare: say it otherwise")
        return
    old_values, new_values = _values(old.schema), _values(new.schema)
    if old_values is not None or new_values is not None:
        yield from _enumerations_differ(old_values, new_values, place)
    elif old.schema.get("type") != new.schema.get("type"):
        yield place.refuse(f"was {old} and is now {new}: {_TO_BOTH}")
    else:
        for rule in (_bounds_differ, _forms_differ, _arrays_differ, _objects_differ):
            yield from rule(old.schema, new.schema, place)


def _unknown_keywords(schema: Schema) -> frozenset[str]:
    known = _CONSTRAINTS if _values(schema) is None else _ENUMERATION
    return frozenset(schema.keys() - _ANNOTATIONS - known)


def _values(schema: Schema) -> frozenset[str] | None:
    """The values an enumeration or a constant allows, as JSON; None when any is allowed."""
    if "const" in schema:
        return frozenset([json.dumps(schema["const"])])
    if "enum" in schema:
        return frozenset(json.dumps(value) for value in schema["enum"])
    return None


def _enumerations_differ(
    old: frozenset[str] | None, new: frozenset[str] | None, place: _Place
) -> Iterator[Refusal]:
    if old is None:
        yield place.refuse(f"is now limited to certain values: {_TO_OLD_DATA}")
    elif new is None:
        yield place.refuse(f"is no longer limited to certain values: {_TO_OLD_READERS}")
    else:
        for value in sorted(old - new):
            yield place.refuse(f"no longer allows the value {value}: {_TO_OLD_DATA}")
        for value in sorted(new - old):
            yield place.refuse(f"now allows the value {value}: {_TO_OLD_READERS}")


def _bounds_differ(old: Schema, new: Schema, place: _Place) -> Iterator[Refusal]:
    old, new = _with_plain_bounds(old), _with_plain_bounds(new)
    for sign, keywords in ((1, _LOWER_BOUNDS), (-1, _UPPER_BOUNDS)):
        for keyword in keywords:
            before, after = old.get(keyword), new.get(keyword)
            if before == after:
                continue
            tighter = before is None or (after is not None and sign * (after - before) > 0)
            yield place.refuse(
                f"{_changed(keyword, before, after)}: "
                f"{_TO_OLD_DATA if tighter else _TO_OLD_READERS}"
            )


def _with_plain_bounds(schema: Schema) -> Schema:
    """The same bounds, said in one way only: no length is below 0; of integers, `> 0` is `>= 1`."""
    plain = {"minLength": 0, "minItems": 0, "minProperties": 0, **schema}
    if plain.get("type") != "integer":
        return plain
    if "exclusiveMinimum" in plain:
        above = floor(plain.pop("exclusiveMinimum")) + 1
        plain["minimum"] = max(above, plain.get("minimum", above))
    if "exclusiveMaximum" in plain:
        below = ceil(plain.pop("exclusiveMaximum")) - 1
        plain["maximum"] = min(below, plain.get("maximum", below))
    return plain


def _forms_differ(old: Schema, new: Schema, place: _Place) -> Iterator[Refusal]:
    """Keywords of which no program can say whether one allows what the other does."""
    for keyword in _FORMS:
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            yield place.refuse(f"{_changed(keyword, before, after)}: {_TO_BOTH}")


def _changed(keyword: str, before: object, after: object) -> str:
    if before is None:
        return f"{keyword} {json.dumps(after)} was added"
    if after is None:
        return f"{keyword} {json.dumps(before)} was removed"
    return f"{keyword} changed from {json.dumps(before)} to {json.dumps(after)}"


def _arrays_differ(old: Schema, new: Schema, place: _Place) -> Iterator[Refusal]:
    old_places, new_places = old.get("prefixItems", []), new.get("prefixItems", [])
    if len(old_places) != len(new_places):
        yield place.refuse(
            f"had {len(old_places)} fixed places and now has {len(new_places)}: {_TO_BOTH}"
        )
        return
    for index, (before, after) in enumerate(zip(old_places, new_places, strict=True)):
        yield from _values_differ(before, after, place.at(f"[{index}]"))
    if "items" in old or "items" in new:
        yield from _values_differ(old.get("items", True), new.get("items", True), place.at("[*]"))


def _objects_differ(old: Schema, new: Schema, place: _Place) -> Iterator[Refusal]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    old_required, new_required = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(old_fields.keys() - new_fields.keys()):
        yield place.at(f".{name}").refuse("was removed: facts that have it are kept for ever")
    for name in sorted(new_fields.keys() - old_fields.keys()):
        if name in new_required:
            yield place.at(f".{name}").refuse(f"is new and required: {_TO_OLD_DATA}")
    for name in sorted(old_fields.keys() & new_fields.keys()):
        field = place.at(f".{name}")
        if name in new_required - old_required:
            yield field.refuse(f"was optional and is now required: {_TO_OLD_DATA}")
        if name in old_required - new_required:
            yield field.refuse(f"was required and is now optional: {_TO_OLD_READERS}")
        yield from _defaults_differ(old_fields[name], new_fields[name], field)
        yield from _values_differ(old_fields[name], new_fields[name], field)
    for keyword in ("additionalProperties", "propertyNames"):
        # true, false and absent are one: readers ignore what they do not know.
        before, after = (it if isinstance(it := s.get(keyword), dict) else {} for s in (old, new))
        if before or after:
            yield from _values_differ(before, after, place.at(".*"))


def _defaults_differ(old: Schema, new: Schema, place: _Place) -> Iterator[Refusal]:
    if "default" in old and "default" in new and old["default"] != new["default"]:
        yield place.refuse(
            f"{_changed('default', old['default'], new['default'])}: "
            "old and new readers would read the same fact differently"
        )


def last_release(schemas: Path = SCHEMAS) -> Path:
    """The folder of the last release, the highest version under `schemas/released`.

    Raises:
        FileNotFoundError: nothing was ever released.
    """
    versions = [path for path in (schemas / "released").glob("*") if path.is_dir()]
    if not versions:
        raise FileNotFoundError(f"{schemas / 'released'} holds no release to compare with.")
    return max(versions, key=lambda path: [int(number) for number in path.name.split(".")])


def refusals(release: Path, current: dict[str, Schema]) -> dict[str, list[Refusal]]:
    """What each type of a release, a folder of schemas, refuses of the current schemas by type."""
    found = {}
    for path in sorted(release.glob("*.json")):
        if path.stem not in current:
            found[path.stem] = [Refusal("$", "the fact was removed: old ones are kept for ever")]
            continue
        found[path.stem] = compare(json.loads(path.read_text()), current[path.stem])
    return {type: refused for type, refused in found.items() if refused}


def main(schemas: Path = SCHEMAS) -> int:
    """Print every refusal; the exit code is 1 when there is one."""
    release = last_release(schemas)
    found = refusals(release, {fact.type: schema_of(fact) for fact in all_facts()})
    for type, refused in found.items():
        for refusal in refused:
            print(f"{type} {refusal}")
    if found:
        print(
            f"Inside a major version, facts of release {release.name} may only gain optional "
            "fields. Keep what is there, and say the new thing as the next major version."
        )
    else:
        print(f"The facts are compatible with release {release.name}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
