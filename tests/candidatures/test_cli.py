"""`essaim programme import`, as an operator and her scripts meet it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from essaim.cli.main import app
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.service import Service
from typer.testing import CliRunner, Result

from tests.candidatures.premices import PROGRAMME, line_of


@pytest.fixture
def essaim(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """`essaim("programme", "import", …)` on a folder with an empty database."""
    monkeypatch.delenv("ESSAIM_DATABASE_URL", raising=False)
    database = Database(f"sqlite:///{tmp_path / 'candidatures.db'}")
    migrate(database, service)
    database.close()

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["--data", str(tmp_path), *words])

    yield run
    # The command logs to the runner's standard error, which is closed by now.
    structlog.reset_defaults()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "programme.yaml"
    file.write_text(PROGRAMME, "utf-8")
    return file


def test_a_check_says_what_would_change_and_an_import_does_it_once(
    essaim: Callable[..., Result], file: Path
) -> None:
    checked = essaim("programme", "import", str(file), "--check")
    imported = essaim("programme", "import", str(file), "--json")
    again = essaim("programme", "import", str(file), "--json")

    assert checked.exit_code == 0, checked.output
    assert "+ call premices-2020" in checked.stdout
    assert "nothing is saved" in checked.stdout
    assert len(json.loads(imported.stdout)["changes"]) == 16
    assert json.loads(again.stdout) == {
        "programme": "premices",
        "changes": [],
        "unchanged": 16,
        "drafts": [],
    }


def test_errors_are_printed_with_file_line_and_column_and_end_with_2(
    essaim: Callable[..., Result], file: Path
) -> None:
    wrong = PROGRAMME.replace("places: 2", "place: 2")
    file.write_text(wrong, "utf-8")

    french = essaim("programme", "import", str(file))
    english = essaim("programme", "import", str(file), "--language", "en")
    script = essaim("programme", "import", str(file), "--json")

    line = line_of(wrong, "place: 2")
    assert french.exit_code == english.exit_code == script.exit_code == 2
    words = french.stderr.replace("\N{NO-BREAK SPACE}", " ")
    assert f"programme.yaml:{line}:9: La clé « place » est inconnue ici." in words
    assert f"programme.yaml:{line}:9: The key “place” is unknown here." in english.stderr
    (error,) = json.loads(script.stdout)["errors"]
    assert (error["line"], error["column"]) == (line, 9)


def test_a_file_in_another_encoding_is_refused(essaim: Callable[..., Result], file: Path) -> None:
    file.write_text(PROGRAMME, "utf-16")

    refused = essaim("programme", "import", str(file))

    assert refused.exit_code == 2
    assert f"{file}:1:1: Ce caractère n’est pas en UTF-8" in refused.stderr
