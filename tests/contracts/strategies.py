"""What Hypothesis draws: envelopes, and payloads from a JSON Schema as pydantic emits it."""

import re
from datetime import timedelta, timezone
from typing import Any

from essaim_contracts import all_facts
from essaim_contracts.envelope import Envelope
from hypothesis import strategies as st

Schema = dict[str, Any]

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
IDS = st.uuids().map(str)
# What CloudEvents lets an attribute hold: no control character, no lone surrogate.
FREE_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=200)
TRACES = st.from_regex("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True)
PROGRAMMES = st.from_regex(r"(?=.{1,60}\Z)[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    """Any envelope of any fact."""
    fact = draw(st.sampled_from(list(all_facts())))
    return Envelope(
        id=draw(IDS),
        type=fact.type,
        source=f"/{draw(PROGRAMMES)}/{fact.owner}",
        key=draw(IDS),
        time=draw(st.datetimes(timezones=ZONES).filter(_has_a_year_in_utc)),
        correlation_id=draw(FREE_TEXTS),
        causation_id=draw(st.none() | FREE_TEXTS),
        actor=draw(st.none() | IDS),
        traceparent=draw(st.none() | TRACES),
    )


def _has_a_year_in_utc(time: Any) -> bool:
    return bool(2 <= time.year <= 9998)


def payloads(schema: Schema) -> st.SearchStrategy[Any]:
    """Data a writer of this schema may write: unknown fields are forbidden to it."""
    return _values(schema, schema)


def _values(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _values(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in schema:
        return st.one_of([_values(branch, root) for branch in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    match schema["type"]:
        case "string":
            return _strings(schema)
        case "integer":
            return _integers(schema)
        case "number":
            return _numbers(schema)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            return _arrays(schema, root)
        case "object":
            return _objects(schema, root)
    raise NotImplementedError(f"pydantic emits no such schema: {schema}")


def _strings(schema: Schema) -> st.SearchStrategy[str]:
    formats = {
        "uuid": st.uuids().map(str),
        "date": st.dates().map(lambda date: date.isoformat()),
        "date-time": st.datetimes(timezones=ZONES).map(lambda instant: instant.isoformat()),
    }
    if "format" in schema:
        return formats[schema["format"]]
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 300)
    if "pattern" not in schema:
        return st.text(min_size=shortest, max_size=longest)
    # In a schema `$` is the very end; in Python it also stands before a last line feed.
    pattern = re.sub(r"\$$", r"\\Z", schema["pattern"])
    return st.from_regex(pattern).filter(lambda text: shortest <= len(text) <= longest)


def _integers(schema: Schema) -> st.SearchStrategy[int]:
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        lowest = schema["exclusiveMinimum"] + 1
    return st.integers(lowest, highest)


def _numbers(schema: Schema) -> st.SearchStrategy[float]:
    return st.floats(
        schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False
    )


def _arrays(schema: Schema, root: Schema) -> st.SearchStrategy[list[Any]]:
    if "prefixItems" in schema:
        places = [_values(place, root) for place in schema["prefixItems"]]
        return st.tuples(*places).map(list)
    fewest = schema.get("minItems", 0)
    most = schema.get("maxItems", fewest + 3)
    return st.lists(_values(schema["items"], root), min_size=fewest, max_size=most)


def _objects(schema: Schema, root: Schema) -> st.SearchStrategy[dict[str, Any]]:
    if "additionalProperties" in schema:
        return st.dictionaries(st.text(), _values(schema["additionalProperties"], root), max_size=3)
    fields = {name: _values(field, root) for name, field in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=fields)
