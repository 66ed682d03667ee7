"""Inside a major version a fact only gains optional fields; every other change is refused."""

import copy
import json
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest
from essaim_contracts import Fact, all_facts, compatibility
from essaim_contracts.compatibility import Refusal, compare, last_release, refusals
from essaim_contracts.fact import Value
from essaim_contracts.schema import schema_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import Field, PositiveInt, create_model

from tests.contracts.strategies import Schema, payloads

FACTS = list(all_facts())
SCHEMAS = {fact.type: schema_of(fact) for fact in FACTS}
RELEASED = sorted(last_release().glob("*.json"))


def _accepts(schema: Schema, payload: Any) -> bool:
    """Whether a reader of this schema, who ignores unknown fields, can read the payload."""
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(payload)


# --- the released contracts


def test_the_facts_are_compatible_with_the_last_release(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert compatibility.main() == 0, capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
@settings(max_examples=25)
@given(data=st.data())
def test_what_the_last_release_allowed_to_write_is_readable_today(
    released: Path, data: st.DataObject
) -> None:
    payload = data.draw(payloads(json.loads(released.read_text())))
    fact = next(fact for fact in FACTS if fact.type == released.stem)

    fact.read(json.dumps(payload))


# --- properties, on the real schemas

NEW_FIELDS = st.sampled_from(
    [
        {"type": "integer", "minimum": 0},
        {"type": "string", "format": "uuid"},
        {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        {"type": "array", "items": {"type": "number"}, "default": []},
        {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]},
    ]
)


def _objects(schema: Any) -> list[Schema]:
    """Every object with fields inside a schema, itself included."""
    return [part for part in _parts(schema) if "properties" in part]


def _parts(schema: Any) -> Iterator[Schema]:
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from _parts(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _parts(part)


@st.composite
def grown(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """A real schema, and the same with optional fields added here and there."""
    old = draw(st.sampled_from(list(SCHEMAS.values())))
    new = copy.deepcopy(old)
    for holder in _objects(new):
        for name in draw(st.sets(st.sampled_from(["later", "much_later"]))):
            holder["properties"][name] = draw(NEW_FIELDS)
    return old, new


@given(grown(), st.data())
def test_optional_fields_may_be_added_anywhere_and_both_sides_go_on_reading(
    schemas: tuple[Schema, Schema], data: st.DataObject
) -> None:
    old, new = schemas

    assert compare(old, new) == []
    assert _accepts(new, data.draw(payloads(old)))
    assert _accepts(old, data.draw(payloads(new)))


def _spoil(draw: st.DrawFn, schema: Schema) -> None:
    """Change one thing of a schema, in place, for better or worse."""
    part = draw(st.sampled_from([it for it in _parts(schema) if it.keys() & CHANGES.keys()]))
    keyword = draw(st.sampled_from(sorted(part.keys() & CHANGES.keys())))
    part[keyword] = draw(CHANGES[keyword](part[keyword]))
    if part[keyword] is GONE:
        del part[keyword]


GONE = object()
CHANGES: dict[str, Callable[[Any], st.SearchStrategy[Any]]] = {
    "enum": lambda values: st.sampled_from(
        [values[:1], [*values, "added"], values[::-1], values[1:] or values, GONE]
    ),
    "required": lambda names: st.sampled_from([names[1:], names[::-1], [*names, "later"]]),
    "minimum": lambda bound: st.sampled_from([bound - 1, bound, bound + 1, GONE]),
    "maximum": lambda bound: st.sampled_from([bound - 1, bound, bound + 1, GONE]),
    "exclusiveMinimum": lambda bound: st.sampled_from([bound - 1, bound, bound + 1, GONE]),
    "minLength": lambda bound: st.sampled_from([0, bound, bound + 1, GONE]),
    "maxLength": lambda bound: st.sampled_from([bound - 1, bound, bound + 1, GONE]),
    "minItems": lambda bound: st.sampled_from([0, bound, bound + 1, GONE]),
    "format": lambda _: st.sampled_from(["uuid", "date", "date-time", GONE]),
    "pattern": lambda pattern: st.sampled_from([pattern, "^[0-9]{1,3}$", GONE]),
    "anyOf": lambda branches: st.sampled_from(
        [branches[:1], branches[1:], branches[::-1], [*branches, {"type": "boolean"}]]
    ),
    "properties": lambda fields: st.sampled_from(
        [
            dict(list(fields.items())[1:]),
            dict(reversed(fields.items())),
            {**fields, "later": {"type": "integer"}},
        ]
    ),
    "items": lambda _: st.sampled_from([{"type": "string"}, {"type": "integer", "minimum": 3}]),
    "description": lambda _: st.just("Said better."),
}


@st.composite
def changed(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """A real schema, and the same after one to three changes of any kind."""
    old = draw(st.sampled_from(list(SCHEMAS.values())))
    new = copy.deepcopy(old)
    for _ in range(draw(st.integers(1, 3))):
        _spoil(draw, new)
    for holder in _objects(new):
        # pydantic requires no field that it does not have
        holder["required"] = [it for it in holder.get("required", []) if it in holder["properties"]]
    return old, new


@pytest.mark.slow
@settings(max_examples=300)
@given(changed(), st.data())
def test_whatever_change_is_let_pass_both_sides_can_read_each_other(
    schemas: tuple[Schema, Schema], data: st.DataObject
) -> None:
    old, new = schemas
    assume(compare(old, new) == [])

    assert _accepts(new, data.draw(payloads(old)))
    assert _accepts(old, data.draw(payloads(new)))


@given(changed())
def test_a_change_that_one_side_could_not_undo_is_refused_in_both_directions(
    schemas: tuple[Schema, Schema],
) -> None:
    """Only an added field is a one-way street: taking it back is a removal."""
    old, new = schemas
    forth, back = compare(old, new), compare(new, old)

    if not forth:
        assert all("was removed" in refusal.rule for refusal in back)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_a_fact_is_compatible_with_itself(fact: type[Fact]) -> None:
    assert compare(SCHEMAS[fact.type], SCHEMAS[fact.type]) == []


# --- each rule, on facts as we write them


class Mode(StrEnum):
    ONLINE = "online"
    ON_SITE = "on_site"


class Wider(StrEnum):
    ONLINE = "online"
    ON_SITE = "on_site"
    HYBRID = "hybrid"


class Place(Value):
    city: str


class PlaceWithCode(Value):
    city: str
    code: str | None = None


class PlaceWithNeededCode(Value):
    city: str
    code: str


class Branch(Value):
    name: str
    children: tuple["Branch", ...] = ()


class LongerBranch(Value):
    name: Annotated[str, Field(max_length=9)]
    children: tuple["LongerBranch", ...] = ()


def _schema(annotation: Any, default: Any = ...) -> Schema:
    """The schema of a value with this one field."""
    return create_model("Drawn", field=(annotation, default), __base__=Value).model_json_schema()


def _refused(before: Any, after: Any) -> list[str]:
    return [str(refusal) for refusal in compare(_schema(before), _schema(after))]


OLD_DATA = "data written before would no longer be readable"
OLD_READERS = "readers of the last release would refuse new data"
BOTH = "data of either version may not be readable by the other"


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (int, str, f"$.field: was integer and is now string: {BOTH}"),
        (int, float, f"$.field: was integer and is now number: {BOTH}"),
        (Mode, Wider, f'$.field: now allows the value "hybrid": {OLD_READERS}'),
        (Wider, Mode, f'$.field: no longer allows the value "hybrid": {OLD_DATA}'),
        (Literal["a"], Literal["a", "b"], f'$.field: now allows the value "b": {OLD_READERS}'),
        (str, Mode, f"$.field: is now limited to certain values: {OLD_DATA}"),
        (Mode, str, f"$.field: is no longer limited to certain values: {OLD_READERS}"),
        (int, int | None, f"$.field: can now also be null: {OLD_READERS}"),
        (int | None, int, f"$.field: can no longer be null: {OLD_DATA}"),
        (int | str, int, f"$.field: can no longer be string: {OLD_DATA}"),
        (Mode | int, int, f'$.field: can no longer be one of "on_site", "online": {OLD_DATA}'),
        (
            Annotated[int, Field(ge=0)],
            Annotated[int, Field(ge=5)],
            f"$.field: minimum changed from 0 to 5: {OLD_DATA}",
        ),
        (
            Annotated[int, Field(ge=5)] | None,
            Annotated[int, Field(gt=0)] | None,
            f"$.field: minimum changed from 5 to 1: {OLD_READERS}",
        ),
        (int, PositiveInt, f"$.field: minimum 1 was added: {OLD_DATA}"),
        (
            Annotated[float, Field(le=100)],
            Annotated[float, Field(lt=100)],
            f"$.field: maximum 100 was removed: {OLD_READERS}",
        ),
        (
            Annotated[str, Field(max_length=60)],
            Annotated[str, Field(max_length=61)],
            f"$.field: maxLength changed from 60 to 61: {OLD_READERS}",
        ),
        (
            Annotated[str, Field(max_length=60)],
            Annotated[str, Field(max_length=59)],
            f"$.field: maxLength changed from 60 to 59: {OLD_DATA}",
        ),
        (
            str,
            Annotated[str, Field(min_length=1)],
            f"$.field: minLength changed from 0 to 1: {OLD_DATA}",
        ),
        (
            Annotated[str, Field(pattern="^a$")],
            Annotated[str, Field(pattern="^b$")],
            f'$.field: pattern changed from "^a$" to "^b$": {BOTH}',
        ),
        (tuple[int, ...], tuple[str, ...], f"$.field[*]: was integer and is now string: {BOTH}"),
        (
            tuple[int, ...],
            Annotated[tuple[int, ...], Field(min_length=1)],
            f"$.field: minItems changed from 0 to 1: {OLD_DATA}",
        ),
        (set[int], tuple[int, ...], f"$.field: uniqueItems true was removed: {BOTH}"),
        (tuple[int, str], tuple[int, int], f"$.field[1]: was string and is now integer: {BOTH}"),
        (
            tuple[int, str],
            tuple[int, str, str],
            f"$.field: had 2 fixed places and now has 3: {BOTH}",
        ),
        (dict[str, int], dict[str, str], f"$.field.*: was integer and is now string: {BOTH}"),
        (Place, PlaceWithNeededCode, f"$.field.code: is new and required: {OLD_DATA}"),
        (
            tuple[PlaceWithCode, ...],
            tuple[Place, ...],
            "$.field[*].code: was removed: facts that have it are kept for ever",
        ),
        (Branch, LongerBranch, f"$.field.name: maxLength 9 was added: {OLD_DATA}"),
    ],
)
def test_a_change_is_refused_with_its_field_and_rule(before: Any, after: Any, refused: str) -> None:
    assert refused in _refused(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Annotated[int, Field(ge=1)], PositiveInt),
        (Annotated[int, Field(lt=10)], Annotated[int, Field(le=9)]),
        (Literal["online", "on_site"], Mode),
        (int | None, None | int),
        (Place, PlaceWithCode),
        (Place | int | None, PlaceWithCode | int | None),
        (Branch, Branch),
        (int, Annotated[int, Field(description="Whole minutes.", examples=[120])]),
    ],
)
def test_the_same_said_otherwise_or_with_more_that_is_optional_passes(
    before: Any, after: Any
) -> None:
    assert _refused(before, after) == []


def test_a_field_may_not_become_required_nor_optional() -> None:
    needed, optional = _schema(int), _schema(int, default=0)

    assert compare(optional, needed) == [
        Refusal("$.field", f"was optional and is now required: {OLD_DATA}")
    ]
    assert compare(needed, optional) == [
        Refusal("$.field", f"was required and is now optional: {OLD_READERS}")
    ]


def test_a_default_may_not_change_because_both_sides_would_fill_in_another_value() -> None:
    (refused,) = compare(_schema(int, default=0), _schema(int, default=1))

    assert str(refused) == (
        "$.field: default changed from 0 to 1: "
        "old and new readers would read the same fact differently"
    )


@pytest.mark.parametrize(
    "schema",
    [
        {"not": {"type": "string"}},
        {"allOf": [{"type": "integer"}, {"minimum": 3}]},
        {"enum": ["a"], "minLength": 5},
        {"$ref": "#/$defs/Any", "minimum": 3},
        {"anyOf": [{"type": "integer"}, {"type": "null"}], "minimum": 3},
    ],
    ids=json.dumps,
)
def test_what_the_check_cannot_compare_is_refused_not_guessed(schema: Schema) -> None:
    root = {**schema, "$defs": {"Any": {}}}

    (refused,) = compare(root, root)

    assert "which this check cannot compare" in refused.rule


# --- the command


def test_every_refusal_is_printed_with_the_fact_and_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("0.9.0", "0.10.0"):
        (tmp_path / "released" / version).mkdir(parents=True)
    released = copy.deepcopy(SCHEMAS["essaim.scheduling.hours.used.v1"])
    released["properties"]["minutes"]["maximum"] = 600
    folder = tmp_path / "released" / "0.10.0"
    (folder / "essaim.scheduling.hours.used.v1.json").write_text(json.dumps(released))
    (folder / "essaim.scheduling.hours.lost.v1.json").write_text("{}")

    assert compatibility.main(tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        "essaim.scheduling.hours.lost.v1 $: the fact was removed: old ones are kept for ever",
        f"essaim.scheduling.hours.used.v1 $.minutes: maximum 600 was removed: {OLD_READERS}",
        "Inside a major version, facts of release 0.10.0 may only gain optional fields. Keep what "
        "is there, and say the new thing as the next major version.",
    ]


def test_a_fact_that_no_release_had_is_free() -> None:
    assert refusals(last_release(), SCHEMAS | {"essaim.reporting.report.frozen.v1": {}}) == {}


def test_without_any_release_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no release to compare with"):
        last_release(tmp_path)
