"""The facts themselves: every one is described, readable for ever, and holds nothing personal."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from essaim_contracts import Fact, all_facts
from essaim_contracts.candidatures import ApplicationDecided, PersonErased
from essaim_contracts.examples import Example, golden_examples
from essaim_contracts.schema import schema_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.contracts.strategies import Schema, payloads

FACTS = list(all_facts())
EXAMPLES = list(golden_examples())
every_fact = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
every_example = pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example.type}/{example.path.stem}"
)


def _fields(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every field of a schema and of the values inside it, with references followed."""
    for holder in (schema, *schema.get("$defs", {}).values()):
        for name, field in holder.get("properties", {}).items():
            yield f"{holder['title']}.{name}", _followed(field, schema)


def _followed(field: Schema, root: Schema) -> Schema:
    if "$ref" in field:
        return {**root["$defs"][field["$ref"].removeprefix("#/$defs/")], **field}
    return field


@every_fact
def test_every_field_says_what_it_means(fact: type[Fact]) -> None:
    silent = [path for path, field in _fields(schema_of(fact)) if "description" not in field]

    assert silent == []


@every_fact
def test_the_fields_that_count_something_give_their_unit(fact: type[Fact]) -> None:
    units = {
        "minutes": "whole minutes",
        "eur": "whole euros",
        "jobs": "heads",
        "half_days": "[Hh]alf-days",
        "score": "from 0 to 100",
    }
    for path, field in _fields(schema_of(fact)):
        for word, unit in units.items():
            if re.search(rf"(^|[._]){word}($|_)", path):
                assert re.search(unit, field["description"]), path


# A person's words or ways to reach her have no place in a stream that is kept for ever.
PERSONAL = re.compile(
    "(^|_)(name|surname|e?mail|phone|tel|mobile|address|street|birth|gender|sex|age|nationality"
    "|photo|comment|note|remark|text|answer|description|motivation|body|iban|ip)(_|$)"
)
NOT_OF_A_PERSON = {
    "PartnerJoined.name",  # of an organisation; None for a person
    "CallOpened.programme_name",
    "ApplicationDecided.track_name",
}
PUBLIC_LABELS = {
    *("name", "programme_name", "track_name", "title", "project_title", "label", "place", "topics"),
    "to_title",  # of a call
    *("fr", "en"),  # the words of a code
    *("what_fr", "what_en", "of"),  # a rule of retention, and the edition it is about
}


@every_fact
def test_no_fact_has_a_field_for_a_person_s_name_address_or_words(fact: type[Fact]) -> None:
    suspicious = [
        path for path, _ in _fields(schema_of(fact)) if PERSONAL.search(path.partition(".")[2])
    ]

    assert [path for path in suspicious if path not in NOT_OF_A_PERSON] == []


@every_fact
def test_every_text_is_an_id_a_code_an_instant_or_a_public_label(fact: type[Fact]) -> None:
    for path, field in _fields(schema_of(fact)):
        for text in _texts(field):
            bounded = text.keys() & {"format", "pattern", "enum"}
            assert bounded or path.partition(".")[2] in PUBLIC_LABELS, path


def _texts(schema: Any) -> Iterator[Schema]:
    """Every text inside a field; a value's own fields come by themselves."""
    if isinstance(schema, dict) and "properties" not in schema:
        if schema.get("type") == "string":
            yield schema
        for part in schema.values():
            yield from _texts(part)
    if isinstance(schema, list):
        for part in schema:
            yield from _texts(part)


@pytest.mark.slow
@every_fact
@settings(max_examples=40)
@given(data=st.data())
def test_what_the_schema_allows_the_class_reads_and_writes_back(
    fact: type[Fact], data: st.DataObject
) -> None:
    schema = schema_of(fact)
    payload = data.draw(payloads(schema))

    read = fact.read(json.dumps(payload))

    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert validator.is_valid(payload)
    assert validator.is_valid(json.loads(read.model_dump_json()))
    assert fact.read(read.model_dump_json()) == read


@every_example
def test_a_reader_ignores_fields_of_a_later_minor_version(example: Example) -> None:
    fact = next(fact for fact in FACTS if fact.type == example.type)
    later = json.dumps(example.data | {"a_field_to_come": {"nested": [1]}})

    assert fact.read(later) == fact.read(example.body)


def test_a_writer_may_not_add_a_field_of_its_own() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        PersonErased.model_validate(
            {
                "person_id": "016f0c3d-1a2b-7d4e-8f60-718293a4b5c6",
                "erased_at": "2021-03-01T08:00:00Z",
                "email": "",
            }
        )


def test_a_payload_with_broken_json_or_a_missing_field_is_refused_with_the_field() -> None:
    with pytest.raises(ValidationError, match="Invalid JSON"):
        PersonErased.read(b'{"person_id": ')
    with pytest.raises(ValidationError, match="erased_at\n  Field required"):
        PersonErased.read(b'{"person_id": "016f0c3d-1a2b-7d4e-8f60-718293a4b5c6"}')


def test_a_fact_is_a_value_and_two_equal_ones_compare_equal() -> None:
    refused = next(
        example
        for example in EXAMPLES
        if example.path.stem == "0.1.0-minimal" and example.type == ApplicationDecided.type
    )

    assert ApplicationDecided.read(refused.body) == ApplicationDecided.read(refused.body)
    with pytest.raises(ValidationError, match="frozen"):
        ApplicationDecided.read(refused.body).rank = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "type", ["application.received", "essaim.Candidatures.a.b.v1", "essaim.a.b.c.v0"]
)
def test_a_fact_with_a_malformed_type_cannot_be_declared(type: str) -> None:
    with pytest.raises(TypeError, match="is not of the form"):

        class Misnamed(Fact, type=type, key="id"):
            pass


def test_two_facts_cannot_have_one_type() -> None:
    with pytest.raises(TypeError, match="is taken by PersonErased"):

        class Copied(Fact, type=PersonErased.type, key="person_id"):
            pass
