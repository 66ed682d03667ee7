"""`essaim demo --once`, as somebody runs it: Prémices 2020 from its files to its figures."""

import json
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

from essaim.clock import PARIS
from essaim.keeping.database import Database
from essaim.people.directory import find_person_by_email
from essaim.service import installed_services
from essaim.text.languages import tongue_of
from waiting import PATIENCE

ROOT = Path(__file__).parents[2]

ROLES = {
    f"{name}@example.org"
    for name in (
        "coordination",
        "comite-1",
        "mentor-grenade",
        "parrainage-tsarap",
        "lina-perret",
        "financeuse",
        "operatrice",
    )
}
"""One person of each role, and an applicant of the next call."""


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "essaim", "demo", "--once", "--port", "0", "--lang", "fr"]
    return subprocess.run(
        [*command, "--data", str(folder), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=10 * PATIENCE,
        check=False,
    )


def test_the_demo_plays_the_first_edition_and_all_services_agree(tmp_path: Path) -> None:
    played = demo(tmp_path / "demo", "--json", str(tmp_path / "summary.json"))

    assert played.returncode == 0, played.stdout + played.stderr
    assert "Tous les services sont d’accord." in played.stdout
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary.pop("seconds") > 0
    assert summary.pop("messages")["sent"] > 90 + 85
    assert summary.pop("facts")["dead"] == 0
    assert summary == {
        "applications": {
            "received": 90,
            "selected": 16,
            "not_selected": {
                "waiting_list": 9, "reoriented": 10, "refused": 50, "withdrawn": 5, "pending": 0,
            },
            "refused_late": 1,
        },
        "cohort": {"projects": 16},
        "jobs_expected": {"min": 66, "max": 95},
        "godparents": 16,
        "sessions": {
            "held": {
                "launch_day": 1, "collective_day": 4, "appointment": 4, "mentoring": 48,
                "ceremony": 1,
            },
        },
        "mentoring": {"hours_used": 96},
        "launch": {"participants": 65},
        "trophies": {"prizes_value_eur": 36000},
        "statuses": {
            "structure_created": 4,
            "association_progressing": 3,
            "scop_or_scic_in_creation": 4,
            "to_materialise_later": 2,
            "halted": 2,
            "abandoned": 1,
        },
    }  # fmt: skip
    assert _waited_for(tmp_path / "demo") == ROLES


def _waited_for(folder: Path) -> set[str]:
    """Whose first page has something on it when the play stops."""
    found, at = set(), datetime(2021, 1, 20, 9, tzinfo=PARIS)
    for name, service in installed_services().items():
        database = Database(f"sqlite:///{folder / f'{name}.db'}")
        with closing(database), database.read() as db:
            for email in ROLES:
                person = find_person_by_email(db, email)
                assert person is not None
                waits = service.waits_for(db, person, at, tongue_of(name, "fr"))
                if waits.to_do or waits.next:
                    found.add(email)
    return found


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "accounts.ods"
    theirs.write_text("somebody's work")

    refused = demo(tmp_path)

    assert refused.returncode == 1
    assert "holds something that no demo made" in refused.stderr
    assert theirs.read_text() == "somebody's work"


def test_a_folder_without_an_edition_is_said_to_lack_its_file(tmp_path: Path) -> None:
    refused = demo(tmp_path / "demo", "--from", str(tmp_path))

    assert refused.returncode == 1
    assert "applications.yaml: No such file or directory" in refused.stderr
    assert not (tmp_path / "demo").exists()
