"""What is past its time is forgotten at every partner, for ever; and the figures stay."""

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from essaim.retention.clocks import clocks_in
from essaim.running.embedded import Embedded
from essaim_contracts.notifications import MessageSent
from essaim_demo.client import wait_until
from essaim_demo.stage import Stage
from small_edition import consortium_in, disagreements_of, played_in, stage_in

PAID = "2020-12-20"
"""The evidence of the small edition may go from 31 December 2025 on."""
BEARER = ("Dora", "dora@example.org")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("ESSAIM_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ESSAIM_BACKUP_TO", str(tmp_path / "backups"))
    return tmp_path / "data"


def essaim(data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "essaim", "--data", str(data), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def due(data: Path) -> dict[str, int]:
    """How many things each rule says are due."""
    lots: list[dict[str, Any]] = json.loads(essaim(data, "retention", "plan", "--json"))
    counted: dict[str, int] = {}
    for lot in lots:
        if lot["due"]:
            counted[lot["rule"]] = counted.get(lot["rule"], 0) + int(lot["number"])
    return counted


def say_paid(stage: Stage, consortium: Embedded, edition: str) -> None:
    """And wait until each partner heard it."""
    address = f"/candidatures/api/editions/{edition}/retention"
    stage.operator.put(address, {"last_payment_on": PAID})
    wait_until(lambda: all(map(knows_clock, consortium.runtimes.values())), lambda: "not heard")


def knows_clock(runtime: Any) -> bool:
    with runtime.database.read() as db:
        return bool(clocks_in(db))


def letters_by(stage: Stage, day: str) -> list[str]:
    """The texts by which people were warned until a day."""
    stage.set_clock(datetime.fromisoformat(f"{day}T09:00:00+01:00"))
    stage.settle()
    address = "/notifications/api/messages"
    listed = stage.operator.get(address, template="retention-announced")["items"]
    letters = [stage.operator.get(f"{address}/{one['id']}") for one in listed]
    assert {one["state"] for one in letters} == {"sent"}
    return sorted(one["body"] for one in letters)


def figures(stage: Stage, summary: str) -> dict[str, Any]:
    """All that is counted of the edition, but what was told of retention, and its letters."""
    counted: dict[str, Any] = stage.operator.get(summary)
    told = {
        type: n
        for type, n in counted["facts"]["published"].items()
        if ".retention." not in type and type != MessageSent.type
    }
    return counted | {"facts": {"published": told}}


def is_forgotten(stage: Stage) -> bool:
    answers = [one["answer"] for one in stage.operator.get("/candidatures/api/erasures")["items"]]
    return bool(answers) and set(answers) == {"confirmed"}


def emails(stage: Stage) -> set[str]:
    return {one["email"] for one in stage.operator.get("/candidatures/api/people")["items"]}


def words_in(data: Path) -> set[str]:
    """What names the bearer and is still somewhere in the bytes of a database or its log.

    Of services that have stopped: whoever opens and closes the file of a SQLite database that is
    open in the same process loses its locks.
    """
    files = [file.read_bytes() for file in data.glob("*.db*")]
    return {word for word in BEARER if any(word.encode() in content for content in files)}


def test_what_is_past_its_time_goes_everywhere_comes_back_due_from_a_backup_and_figures_stay(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(essaim(data, "backup", "key"))
    monkeypatch.setenv("ESSAIM_BACKUP_RECIPIENT", secret.read_text().split()[2])
    with consortium_in(data) as consortium, played_in(consortium) as stage:
        edition = stage.operator.get("/reporting/api/editions")["items"][0]["id"]
        summary = f"/reporting/api/editions/{edition}/summary"
        say_paid(stage, consortium, edition)
        before, past = figures(stage, summary), due(data)
        assert {"candidatures.selected", "scheduling.attendance", "notifications.letters"} <= set(
            past
        )
        essaim(data, "backup", "create")
        assert BEARER[1] in emails(stage)

        essaim(data, "retention", "apply", "--yes")

        wait_until(lambda: is_forgotten(stage), lambda: "not confirmed by all")
        assert BEARER[1] not in emails(stage)
        assert due(data) == {}
        assert figures(stage, summary) == before
        assert disagreements_of(consortium) == []
    assert words_in(data) == set()
    shutil.rmtree(data)

    essaim(data, "backup", "restore", "--secret", str(secret))

    assert due(data) == past
    with consortium_in(data) as consortium, stage_in(consortium) as stage:
        warned = letters_by(stage, "2025-12-05")
        of_each = ("Candidatures retenues", "Convocations et émargements", "Textes des messages")
        assert [any(words in text for text in warned) for words in of_each] == [True] * 3
        assert any("31 décembre 2025" in " ".join(text.split()) for text in warned)
        assert letters_by(stage, "2025-12-06") == warned
    essaim(data, "retention", "apply", "--yes")
    with consortium_in(data) as consortium, stage_in(consortium) as stage:
        wait_until(lambda: is_forgotten(stage), lambda: "not confirmed by all")
        assert figures(stage, summary) == before
    assert words_in(data) == set()
