"""Golden examples of every version are kept for ever, and every build reads them all."""

import json
import shutil
from pathlib import Path

import pytest
from essaim_contracts import Fact, all_facts, fact_type, verify
from essaim_contracts.envelope import NETWORK, from_message
from essaim_contracts.examples import SCHEMAS, Example, golden_examples, synthetic_edition

EXAMPLES = list(golden_examples())
HELD = "essaim.scheduling.session.held.v1"


def test_every_golden_example_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out == f"{len(EXAMPLES)} golden examples are readable.\n"


@pytest.mark.parametrize("fact", list(all_facts()), ids=lambda fact: fact.__name__)
def test_every_fact_has_an_example_with_least_and_one_with_most(fact: type[Fact]) -> None:
    shown = [it.data.keys() for it in EXAMPLES if it.type == fact.type]
    fields = fact.model_fields

    assert {name for name, field in fields.items() if field.is_required()} in shown
    assert fields.keys() in shown


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda it: f"{it.type}/{it.path.stem}")
def test_an_example_says_what_the_class_would_write(example: Example) -> None:
    fact_class = fact_type(example.type)
    assert fact_class is not None

    written = json.loads(fact_class.read(example.body).model_dump_json(exclude_unset=True))

    instants = {name for name, value in example.data.items() if name.endswith("_at")}
    assert {k: v for k, v in written.items() if k not in instants} == {
        k: v for k, v in example.data.items() if k not in instants
    }


def test_the_examples_are_of_premices_but_one_of_no_single_programme() -> None:
    programmes = [from_message(it.headers, it.body)[0].programme for it in EXAMPLES]

    assert set(programmes) == {"premices", NETWORK}


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of the schemas and examples, to spoil."""
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


def _spoil(schemas: Path, name: str, what: str, **changes: object) -> None:
    path = schemas / "examples" / HELD / name
    message = json.loads(path.read_text())
    message[what].update(changes)
    path.write_text(json.dumps(message))


def test_an_example_the_schema_or_the_class_refuses_is_named_with_its_field(schemas: Path) -> None:
    _spoil(schemas, "0.1.0-minimal.json", "data", minutes=0)

    of_the_schema, of_the_class = verify.problems(schemas)

    assert of_the_schema.startswith(f"{HELD}/0.1.0-minimal.json: at $.minutes: ")
    assert "minutes\n  Input should be greater than 0" in of_the_class


def test_an_example_with_a_field_that_no_schema_has_is_refused(schemas: Path) -> None:
    _spoil(schemas, "0.1.0-full.json", "data", weather="rain")

    (problem,) = verify.problems(schemas)

    assert "weather\n  Extra inputs are not permitted" in problem


def test_an_example_whose_envelope_contradicts_it_is_refused(schemas: Path) -> None:
    other = "0170f4a2-6e8b-7c31-9b1e-3f2a5d7c9e10"
    _spoil(schemas, "0.1.0-full.json", "headers", **{"ce-subject": other})
    _spoil(
        schemas, "0.1.0-minimal.json", "headers", **{"ce-type": "essaim.scheduling.hours.used.v1"}
    )

    problems = list(verify.problems(schemas))

    assert len(problems) == 2
    assert f"its ce-subject is {other}, but session_id is" in problems[0]
    assert "its ce-type is essaim.scheduling.hours.used.v1" in problems[1]


def test_a_malformed_message_and_an_unknown_type_are_named(schemas: Path) -> None:
    _spoil(schemas, "0.1.0-full.json", "headers", **{"ce-id": "42"})
    lost = schemas / "examples" / "essaim.scheduling.hours.lost.v1"
    shutil.copytree(schemas / "examples" / HELD, lost)

    problems = list(verify.problems(schemas))

    assert len(problems) == 3
    assert "a type that this version does not know" in problems[0]
    assert "attribute 'id' is '42'" in problems[2]


def test_a_fact_with_fewer_than_two_examples_is_named(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (schemas / "examples" / HELD / "0.1.0-full.json").unlink()

    assert verify.main([str(schemas)]) == 1
    assert capsys.readouterr().out == f"{HELD}: has 1 golden examples. Write at least two.\n"


def test_a_folder_without_examples_is_no_place_to_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        verify.main([str(tmp_path)])
    assert "has no folder of examples" in capsys.readouterr().err


def test_the_synthetic_edition_is_readable_invented_and_tells_causes_before_effects() -> None:
    told: set[str] = set()
    for fact in synthetic_edition():
        envelope, body = from_message(fact.headers, fact.body)
        fact_class = fact_type(fact.type)
        assert fact_class is not None
        envelope.check_key(fact_class.model_validate_json(body))
        assert envelope.programme == "essai"
        named = [fact.data[name] for name in ("name", "project_title") if fact.data.get(name)]
        assert all("(ficti" in name for name in named)
        told.add(envelope.id)
        caused_here = envelope.causation_id in {it.headers["ce-id"] for it in synthetic_edition()}
        assert not caused_here or envelope.causation_id in told
    assert len(told) == 94
