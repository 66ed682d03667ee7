"""`essaim conform`: our services keep the contracts, and whoever breaks one is told which."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from essaim.broker.users import new_seed, public_key_of
from essaim.proving.questions import sound
from essaim.service import installed_services
from essaim_contracts.questions import all_questions
from waiting import PATIENCE

from tests.contracts.node import NODE, TYPESCRIPT, tsc

# Brokers and programs are started and killed here: seconds, not in `make quick`.
pytestmark = pytest.mark.slow

NEWCOMER = Path(__file__).parents[1] / "support" / "newcomer.py"
REPORTING = TYPESCRIPT / "reporting"
PROGRAMME = Path(__file__).parents[2] / "demo" / "premices-2020" / "programme.yaml"
FILE = """
format: essaim-consortium/1
name: Les Cîmes
partners:
  - organisation: L’Aile
    service: candidatures
  - organisation: L’Atelier
    service: {service}
    title: {{fr: Atelier, en: Workshop}}
    purpose: {{fr: Des notes., en: Notes.}}
    directory: {directory}
    says: [essaim.{service}.note.written.v1, essaim.{service}.person.forgotten.v1]
    hears: [essaim.candidatures.cohort.formed.v1, essaim.candidatures.person.erased.v1]
"""

Verdicts = dict[str, dict[str, str]]
Conform = Callable[..., Verdicts]


@pytest.fixture
def conform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Conform:
    """Runs the kit; gives the verdicts by rule, and « exit code » with the code it ended with."""
    monkeypatch.setenv("COLUMNS", "200")
    # Where it leaves what a service printed that breaks a rule.
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def run(service: str, *arguments: str) -> Verdicts:
        report = tmp_path / "report.json"
        # In a process of its own: it makes facts of partners that the contracts do not know.
        kit = [sys.executable, "-m", "essaim", "--data", str(tmp_path), "conform", service]
        result = subprocess.run(
            [*kit, "--json", str(report), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=5 * PATIENCE,
        )
        found: dict[str, Any] = json.loads(report.read_text())
        by_rule = {one["check"]: one for one in found["verdicts"]}
        assert result.returncode == (0 if found["conforms"] else 1), result.stdout
        return by_rule

    return run


@pytest.fixture
def newcomer(conform: Conform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Conform:
    """Runs the kit on a small service with a fault."""

    def run(fault: str = "", service: str = "atelier", directory: str = "none") -> Verdicts:
        file = tmp_path / "who.yaml"
        file.write_text(FILE.format(service=service, directory=directory))
        monkeypatch.setenv("ESSAIM_CONSORTIUM", str(file))
        command = f"{sys.executable} {NEWCOMER} '{fault}'"
        return conform(service, "--run", command, "--patience", "8")

    return run


def broken(verdicts: Verdicts) -> dict[str, str]:
    return {check: one["words"] for check, one in verdicts.items() if one["outcome"] == "broken"}


@pytest.mark.parametrize("service", installed_services())
def test_our_services_keep_the_contracts(service: str, conform: Conform) -> None:
    found = conform(service, "--run", f"{sys.executable} -m essaim run {service}")
    assert broken(found) == {}
    kept = {check for check, one in found.items() if one["outcome"] == "kept"}
    assert {"connects", "rights", "hears", "malformed", "broker restarted"} <= kept


def test_what_a_service_is_made_to_say_is_looked_at_and_shows_nothing_of_what_it_heard(
    conform: Conform,
) -> None:
    essaim = f"{sys.executable} -m essaim"
    found = conform(
        "candidatures", "--run", f"{essaim} run candidatures",
        "--act", f"{essaim} programme import {PROGRAMME}",
    )  # fmt: skip
    assert broken(found) == {}
    assert "essaim.candidatures.partner.joined.v1" in found["speaks"]["words"]
    assert found["its own facts"]["outcome"] == found["nobody named"]["outcome"] == "kept"
    assert found["killed"]["outcome"] == "not applicable"


def test_a_reporting_in_typescript_keeps_them_too(conform: Conform) -> None:
    assert tsc(REPORTING) == ""
    found = conform("reporting", "--run", f"{NODE} {REPORTING / 'main.mts'}", "--view", "/counts")
    assert broken(found) == {}
    assert found["state"]["outcome"] == found["killed"]["outcome"] == "kept"


def test_a_partners_own_service_keeps_them_too(newcomer: Conform) -> None:
    found = newcomer()
    assert broken(found) == {}
    not_applicable = {c for c, one in found.items() if one["outcome"] == "not applicable"}
    assert not_applicable == {"state", "answers", "refuses"}


@pytest.mark.parametrize(
    ("fault", "rule", "words"),
    [
        ("reaches", "rights", "candidatures.call.closed"),
        ("dies of it", "malformed", "it ended by itself with 1"),
        ("asks again", "acknowledges", "facts were given to it"),
        ("credulous", "forged", "it believed essaim.candidatures.cohort.formed.v1"),
        ("no memory", "once", "2 times instead of 1"),
        ("id alone", "once", "no person.forgotten about 1 erased persons"),
        ("forgetful", "said once", "because of the same fact"),
        ("gives up", "broker restarted", "connection closed"),
        ("silent", "forgets", "no person.forgotten about 1 erased persons"),
        ("another id", "ids", "its ce-id is"),
        ("another subject", "its own facts", "its headers say essaim.premices.atelier.note"),
        ("backwards", "order", "which follows from"),
        ("acknowledges first", "killed", "no person.forgotten about"),
    ],
)
def test_whoever_breaks_a_rule_is_told_which(
    fault: str, rule: str, words: str, newcomer: Conform
) -> None:
    found = broken(newcomer(fault))
    assert words in found[rule]


@pytest.mark.parametrize(
    ("fault", "rule", "words"),
    [
        ("another answer", "answers", "its answer is not as the contracts say"),
        ("no refusal", "refuses", "no answer to {"),
        ("mute", "answers", "no responders available"),
    ],
)
def test_whoever_answers_a_question_wrongly_is_told(
    fault: str, rule: str, words: str, newcomer: Conform
) -> None:
    found = broken(newcomer(fault, "notifications", "reads"))
    assert words in found[rule]


READER = """
readers:
  - name: carte
    organisation: Une carte
    reads: [essaim.candidatures.cohort.formed.v1, essaim.candidatures.person.erased.v1]
    one_at_a_time: true
    key: {key}
"""


def test_a_reader_proves_that_it_reads_and_whoever_signs_on_elsewhere_needs_no_seed_here(
    conform: Conform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [public_key_of(new_seed()) for _ in range(2)]
    joined = f"    key: {keys[0]}\n"
    file = tmp_path / "who.yaml"
    text = FILE.format(service="atelier", directory="none")
    file.write_text(text.rstrip() + "\n" + joined + READER.format(key=keys[1]))
    monkeypatch.setenv("ESSAIM_CONSORTIUM", str(file))

    for name, fault in (("carte", "only reads"), ("atelier", "")):
        command = f"{sys.executable} {NEWCOMER} '{fault}'"
        found = conform(name, "--run", command, "--patience", "8")
        assert broken(found) == {}
        kept = {check for check, one in found.items() if one["outcome"] == "kept"}
        assert {"connects", "hears", "malformed", "acknowledges", "broker restarted"} <= kept


def test_whoever_does_not_run_is_told(conform: Conform) -> None:
    command = f"{sys.executable} -c 'raise SystemExit(\"no such table\")'"
    found = broken(conform("reporting", "--run", command))
    assert found == {"connects": "it ended by itself with 1: no such table"}


def test_every_question_of_the_contracts_can_be_asked() -> None:
    assert {type(sound(one)) for one in all_questions()} == set(all_questions())
