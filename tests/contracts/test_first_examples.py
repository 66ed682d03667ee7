"""A new fact gets its first golden examples; those that are there are never touched."""

import json
import shutil
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import pytest
from essaim_contracts import Fact, all_facts, fact, schema, verify
from essaim_contracts.envelope import from_message
from essaim_contracts.examples import SCHEMAS, Example, golden_examples
from essaim_contracts.fact import Department, Euros, Label, Meaning, Minutes, ProjectId, Slug, Value
from pydantic import AwareDatetime, Field

VISITED = "essaim.scheduling.project.visited.v1"


class Weather(StrEnum):
    """What the sky was like."""

    SNOW = "snow"
    SUN = "sun"


class Stop(Value):
    """A place on the way."""

    place: Label
    """Where."""
    department: Department | None = None


@pytest.fixture(autouse=True)
def no_fact_outlives_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fact, "_REGISTRY", dict(fact._REGISTRY))


@pytest.fixture
def visited() -> type[Fact]:
    class ProjectVisited(Fact, type=VISITED, key="project_id"):
        """Somebody went to see a project."""

        project_id: ProjectId
        visitor: UUID | None = None
        """Who went."""
        weather: Weather
        """What the sky was like."""
        stops: Annotated[tuple[Stop, ...], Field(min_length=1)]
        """The way there."""
        starts_at: AwareDatetime
        """When it started."""
        ends_at: AwareDatetime
        """When it ended."""
        minutes: Minutes
        cost: Euros | None = None
        mood: Slug | None = None
        """In a word."""
        again_on: date | None = None
        """When somebody goes again."""
        booked: bool = False
        """Whether it was booked."""

    return ProjectVisited


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of the schemas and examples, to add to."""
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


def _files(schemas: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in schemas.rglob("*.json")}


def _examples(schemas: Path) -> dict[str, Example]:
    return {it.path.name: it for it in golden_examples(schemas) if it.type == VISITED}


def test_a_new_fact_gets_an_example_with_most_and_one_with_least(
    visited: type[Fact], schemas: Path
) -> None:
    assert schema.main([], schemas) == 0

    examples = _examples(schemas)
    assert examples.keys() == {"0.1.0-full.json", "0.1.0-minimal.json"}
    full, minimal = examples["0.1.0-full.json"].data, examples["0.1.0-minimal.json"].data
    assert full == {
        "project_id": full["project_id"],
        "visitor": full["visitor"],
        "weather": "snow",
        "stops": [{"place": "Le Fournil des Cimes", "department": "38"}],
        "starts_at": "2020-01-15T12:00:00Z",
        "ends_at": "2020-01-15T13:00:00Z",
        "minutes": 90,
        "cost": 1500,
        "mood": "un-exemple",
        "again_on": "2020-01-24",
        "booked": True,
    }
    assert minimal == {
        "project_id": full["project_id"],
        "weather": "snow",
        "stops": [{"place": "Le Fournil des Cimes"}],
        "starts_at": "2020-01-15T12:00:00Z",
        "ends_at": "2020-01-15T13:00:00Z",
        "minutes": 90,
    }
    assert UUID(full["project_id"]).version == UUID(full["visitor"]).version == 7
    assert full["visitor"] != full["project_id"]


def test_the_envelopes_of_the_first_examples_are_whole_or_have_the_least(
    visited: type[Fact], schemas: Path
) -> None:
    schema.main([], schemas)

    full, minimal = (from_message(it.headers, it.body)[0] for it in _examples(schemas).values())
    for envelope in (full, minimal):
        assert (envelope.type, envelope.source) == (VISITED, "/premices/scheduling")
        assert UUID(envelope.id).version == 7
    assert None not in (full.causation_id, full.actor, full.traceparent)
    assert (minimal.causation_id, minimal.actor, minimal.traceparent) == (None, None, None)
    assert full.id != minimal.id


def test_the_first_examples_satisfy_the_schema_and_stand_in_the_asyncapi_document(
    visited: type[Fact], schemas: Path
) -> None:
    schema.main([], schemas)

    assert list(verify.problems(schemas)) == []
    assert schema.main(["--check"], schemas) == 0
    document = json.loads((schemas / "asyncapi.json").read_text())
    shown = document["components"]["messages"]["ProjectVisited"]["examples"]
    assert [it["name"] for it in shown] == ["0.1.0-full", "0.1.0-minimal"]


def test_every_fact_of_today_could_have_its_first_examples_written(tmp_path: Path) -> None:
    assert schema.main([], tmp_path) == 0

    assert list(verify.problems(tmp_path)) == []
    assert len(list(golden_examples(tmp_path))) == 2 * len(list(all_facts()))


def test_the_first_examples_are_the_same_at_each_run(
    visited: type[Fact], schemas: Path, tmp_path: Path
) -> None:
    schema.main([], schemas)
    schema.main([], tmp_path / "again")

    again = _examples(tmp_path / "again")
    assert {name: it.path.read_text() for name, it in _examples(schemas).items()} == {
        name: it.path.read_text() for name, it in again.items()
    }


def test_what_is_there_is_never_written_again(visited: type[Fact], schemas: Path) -> None:
    before = _files(schemas)
    schema.main([], schemas)
    by_hand = schemas / "examples" / VISITED / "0.1.0-full.json"
    by_hand.write_text(by_hand.read_text().replace("un-exemple", "joyeux"))
    after = _files(schemas)

    schema.main([], schemas)

    assert {path: after[path] for path in before if path.name != "asyncapi.json"} == {
        path: text for path, text in before.items() if path.name != "asyncapi.json"
    }
    examples = schemas / "examples"
    assert _files(examples) == {
        path: text for path, text in after.items() if examples in path.parents
    }


def test_a_fact_with_a_new_field_gets_an_example_beside_those_it_has(schemas: Path) -> None:
    class ProjectVisited(Fact, type=VISITED, key="project_id"):
        """Somebody went to see a project."""

        project_id: ProjectId

    schema.main([], schemas)
    before = _examples(schemas)
    del fact._REGISTRY[VISITED]

    class WithMinutes(Fact, type=VISITED, key="project_id"):
        """The same, and for how long."""

        project_id: ProjectId
        minutes: Minutes | None = None

    schema.main([], schemas)

    after = _examples(schemas)
    assert after.keys() - before.keys() == {"0.1.0-full-2.json"}
    assert after["0.1.0-full-2.json"].data["minutes"] == 90
    assert list(verify.problems(schemas)) == []


def test_the_check_says_which_example_is_missing_and_writes_nothing(
    visited: type[Fact], schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _files(schemas)

    assert schema.main(["--check"], schemas) == 1

    assert capsys.readouterr().out.splitlines()[:2] == [
        f"{VISITED} has no full example: run python -m essaim_contracts.schema",
        f"{VISITED} has no minimal example: run python -m essaim_contracts.schema",
    ]
    assert _files(schemas) == before


def test_a_type_without_an_example_is_named_and_nothing_is_written(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Badge(Value):
        """What a visitor wears."""

        code: str

    class ProjectVisited(Fact, type=VISITED, key="project_id"):
        """Somebody went to see a project."""

        project_id: ProjectId
        badges: tuple[Badge, ...]

    before = _files(schemas)

    assert schema.main([], schemas) == 1

    assert capsys.readouterr().out == (
        "Badge.code: its type has no example. "
        'Give it one: Annotated[…, Meaning("what it is", example=…)].\n'
    )
    assert _files(schemas) == before


def test_an_example_that_the_fact_refuses_is_named(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class ProjectVisited(Fact, type=VISITED, key="project_id"):
        """Somebody went to see a project."""

        project_id: ProjectId
        visitors: Annotated[int, Field(ge=2), Meaning("How many went.")]

    assert schema.main([], schemas) == 1

    assert capsys.readouterr().out.startswith(
        "ProjectVisited.visitors: its example 1 is refused "
        "(Input should be greater than or equal to 2). Give it one: "
    )


def test_the_last_meaning_of_a_type_gives_the_example(schemas: Path) -> None:
    class ProjectVisited(Fact, type=VISITED, key="project_id"):
        """Somebody went to see a project."""

        project_id: ProjectId
        road: Annotated[Slug, Meaning("The road taken.", example="d1091")]

    assert schema.main([], schemas) == 0

    assert {it.data["road"] for it in _examples(schemas).values()} == {"d1091"}
    assert "example" not in (schemas / f"{VISITED}.json").read_text()
