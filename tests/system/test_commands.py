"""The operator's commands, against a consortium that really runs."""

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import sqlalchemy as sa
from essaim.cli.main import app
from essaim.cli.reach import State, close_to_others, consortium_here, work_on
from essaim.hearing.dead import bury
from essaim.hearing.message import Message
from essaim.hearing.retries import wait_behind
from essaim.ids import new_id
from essaim.keeping.tables import waiting
from essaim.running.embedded import running_note
from essaim.running.holding import AlreadyRunning, held, is_held
from essaim.service import installed_services
from essaim_contracts import all_facts
from essaim_contracts.candidatures import DeliverableHandedIn, PersonErased
from essaim_contracts.envelope import subjects_of
from essaim_contracts.questions import (
    WhatMoves,
    WhatWaits,
    all_questions,
)
from typer.testing import CliRunner, Result
from waiting import PATIENCE, wait_until

Essaim = Callable[..., Result]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running `essaim up`, which is ended as Ctrl-C would."""
    folder = tmp_path_factory.mktemp("consortium") / "data"
    environment = {name: value for name, value in os.environ.items() if name[:7] != "ESSAIM_"}
    with (folder.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "essaim", "--data", str(folder), "up", "--port", "0"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        _wait_until_ready(folder, process)
        yield folder
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert running_note(folder) is None
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    state: Any = "not started"
    while time.monotonic() < deadline and process.poll() is None:
        note = running_note(folder)
        if note is not None:
            try:
                answer = httpx.get(f"{note['address']}/health/ready", timeout=PATIENCE)
            except httpx.TransportError as error:
                state = error
            else:
                state = answer.json()
                if answer.status_code == 200:
                    return
        time.sleep(0.1)
    raise AssertionError(f"not ready: {state}\n{(folder.parent / 'log').read_text()[-3000:]}")


@pytest.fixture
def essaim(data: Path, monkeypatch: pytest.MonkeyPatch) -> Essaim:
    """`essaim("dead", "list")` runs the command on that folder."""
    for name in list(os.environ):
        if name.startswith("ESSAIM_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(State, "data", data)

    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(app, ["--data", str(data), *arguments], **options)

    return run


def test_the_doctor_finds_nothing_wrong_with_a_healthy_consortium(essaim: Essaim) -> None:
    result = essaim("doctor", "--json")
    assert result.exit_code == 0, result.output
    findings = json.loads(result.stdout)
    assert {
        "broker", "broker's clock", "topology", "candidatures database", "reporting pages",
        "scheduling hears", "versions",
    } <= {finding["what"] for finding in findings}  # fmt: skip


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app,
        ["--data", str(tmp_path), "doctor"],
        env={"ESSAIM_NATS_URL": "nats://127.0.0.1:1", "COLUMNS": "200"},
    )
    assert result.exit_code == 1
    assert "broker: no answer at nats://127.0.0.1:1" in result.output
    assert "Start it with `essaim up`" in result.output


def test_a_command_without_a_broker_says_which_one_it_sought(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app,
        ["--data", str(tmp_path), "topology", "plan"],
        env={"ESSAIM_NATS_URL": "nats://127.0.0.1:1"},
    )
    assert result.exit_code == 1
    assert "The broker at nats://127.0.0.1:1 cannot be used" in result.output


def test_nobody_joins_where_nothing_ever_ran_and_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(State, "data", tmp_path / "data")
    folder = str(tmp_path / "press")

    words = ("partner", "add", "press", "--reads", "trophy.awarded", "--to", folder)
    result = CliRunner().invoke(app, ["--data", str(tmp_path / "data"), *words])

    assert result.exit_code == 2
    assert "start `essaim up` first" in result.output
    assert not Path(folder).exists()


def test_a_fact_can_be_found_and_exported(essaim: Essaim, tmp_path: Path) -> None:
    fact = _tell_somebody_erased(essaim)
    shown = json.loads(essaim("facts", "show", fact["id"]).stdout)
    assert shown == fact
    file = tmp_path / "facts.jsonl"
    assert essaim("facts", "export", str(file), "--type", "person.erased").exit_code == 0
    assert fact["id"] in file.read_text()
    missing = essaim("facts", "show", "nowhere")
    assert missing.exit_code == 1
    assert "No fact nowhere in the stream" in missing.output


def _tell_somebody_erased(essaim: Essaim) -> dict[str, Any]:
    """As an operator's script would, on the database; the running service publishes it."""
    person_id = new_id()
    with work_on("candidatures") as work:
        work.tell(PersonErased(person_id=person_id, erased_at=work.now), programme="network")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        file = State.data / "export.jsonl"
        essaim("facts", "export", str(file))
        for line in file.read_text().splitlines():
            fact: dict[str, Any] = json.loads(line)
            if fact["key"] == str(person_id):
                return fact
    raise AssertionError("the fact did not reach the stream")


def test_facts_that_wait_for_another_try_are_said_beside_the_dead_letters(essaim: Essaim) -> None:
    with work_on("scheduling") as work:
        wait_behind(work.db, Message(1, "essaim.x", {"ce-id": "waits"}, b"{}"))
    listed = essaim("dead", "list").output
    with work_on("scheduling") as work:
        work.db.execute(sa.delete(waiting).where(waiting.c.id == "waits"))
    assert "scheduling: 1 facts failed or wait behind one that did" in listed


def test_a_dead_letter_is_listed_shown_retried_and_discarded(essaim: Essaim) -> None:
    assert "No dead letter" in essaim("dead", "list").output
    letter = Message(1, "essaim.x", {"ce-type": "x"}, b"{")
    with work_on("scheduling") as work:
        bury(work.db, letter, attempts=6, reason="it could not be read")
    (row,) = json.loads(essaim("dead", "list", "--json").stdout)
    assert (row["type"], row["attempts"], row["reason"]) == ("x", 6, "it could not be read")
    shown = json.loads(essaim("dead", "show", row["which"], "--json").stdout)
    assert (shown["body"], shown["subject"]) == ("{", "essaim.x")

    asked = essaim("dead", "discard", row["which"], input="n\n")
    assert asked.exit_code == 1, "asked first, and refused"
    assert essaim("dead", "discard", row["which"], "--yes").exit_code == 0
    assert json.loads(essaim("dead", "list", "--json").stdout) == []
    assert json.loads(essaim("dead", "list", "--closed", "--json").stdout)
    again = essaim("dead", "retry", row["which"])
    assert again.exit_code == 1
    assert "There is no open dead letter" in again.output
    assert essaim("dead", "show", "not-a-letter").exit_code == 2


def test_the_stream_agrees_with_the_journals(essaim: Essaim) -> None:
    _tell_somebody_erased(essaim)
    result = essaim("stream", "verify", "--json")
    assert result.exit_code == 0, result.output
    journals = {one["service"]: one for one in json.loads(result.stdout)}
    assert journals["candidatures"]["in_stream"] >= 1
    assert essaim("stream", "restore").stdout == "0 facts restored.\n"


def test_a_service_that_runs_elsewhere_is_named_and_its_journal_not_looked_for(
    essaim: Essaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = consortium_here()
    there = [replace(one, key="U") if one.service == "scheduling" else one for one in ours.partners]
    handed_over = replace(ours, partners=tuple(there))
    monkeypatch.setattr("essaim.cli.stream.consortium_here", lambda: handed_over)

    compared = essaim("stream", "verify", "--json")
    assert "scheduling" not in {one["service"] for one in json.loads(compared.stdout)}
    restored = essaim("stream", "restore").stdout
    assert "scheduling runs elsewhere" in restored
    assert "essaim stream restore scheduling" in restored
    assert "scheduling runs elsewhere" in essaim("stream", "verify").stdout
    assert essaim("stream", "restore", "scheduling").stdout == "0 facts of scheduling restored.\n"
    alone = essaim("stream", "verify", "candidatures")
    assert (alone.exit_code, "0 facts are missing, 0 altered, 0 unknown" in alone.stdout) == (
        0,
        True,
    )
    assert "With its own key a partner sees no more" in alone.stdout


def test_a_rebuild_of_reporting_is_equal_and_only_reporting_has_one(essaim: Essaim) -> None:
    _tell_somebody_erased(essaim)
    result = essaim("rebuild", "reporting", "--compare", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["equal"] is True
    assert essaim("rebuild", "scheduling").exit_code == 2


def test_a_rebuild_that_is_told_to_end_does_and_leaves_nothing_behind(data: Path) -> None:
    database = sqlite3.connect(data / "reporting.db", isolation_level=None)
    names = "select name from sqlite_master where type = 'table' order by name"
    tables = database.execute(names).fetchall()
    # Where it cannot write yet, it is sure to be in the middle of its work.
    database.execute("begin immediate")
    rebuilding = subprocess.Popen(
        [sys.executable, "-m", "essaim", "--data", str(data), "rebuild", "reporting"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(lambda: _is_connected(rebuilding.pid))
        rebuilding.terminate()
        database.execute("rollback")
        _, said = rebuilding.communicate(timeout=PATIENCE)
    finally:
        rebuilding.kill()
        rebuilding.wait()

    assert rebuilding.returncode == 143
    assert said.endswith(b"\nEnded as it was told to, before it was done.\n")
    assert b"Traceback" not in said
    assert database.execute(names).fetchall() == tables
    database.close()


def test_a_desk_that_is_told_to_end_does_and_says_nothing_of_it(data: Path, tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        desk = subprocess.Popen(
            [sys.executable, "-m", "essaim", "--data", str(data), "desk"], stderr=log
        )
    try:
        wait_until(lambda: "broker connected" in (tmp_path / "log").read_text())
        desk.terminate()
        assert desk.wait(PATIENCE) == 0
    finally:
        desk.kill()
        desk.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()


def _is_connected(pid: int) -> bool:
    """Whether it speaks to the broker, as it does from the beginning of its work."""
    found = psutil.Process(pid).net_connections("tcp")
    return any(one.status == psutil.CONN_ESTABLISHED for one in found)


def test_the_broker_is_as_declared(essaim: Essaim) -> None:
    result = essaim("topology", "check", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_a_token_opens_the_api_of_one_service_until_it_is_revoked(
    essaim: Essaim, data: Path
) -> None:
    note = running_note(data)
    assert note is not None
    made = essaim("token", "--for", "scheduling", "--label", "for a test")
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}

    def status(path: str) -> int:
        return httpx.get(f"{note['address']}{path}", headers=headers, timeout=PATIENCE).status_code

    wait_until(lambda: status("/scheduling/api/sessions") == 200, lambda: "she is not known there")
    assert status("/candidatures/api/applications") == 401

    (id,) = re.findall(r"[0-9a-f-]{36}", essaim("token", "list").stdout)
    assert essaim("token", "revoke", id).exit_code == 0

    wait_until(lambda: status("/scheduling/api/sessions") == 401, lambda: "it is still believed")
    assert "No token opens anything" in essaim("token", "list").stdout
    assert essaim("token", "revoke", id).exit_code == 1


def test_a_token_for_no_service_is_refused_with_the_names_of_those_there_are(
    essaim: Essaim,
) -> None:
    for wrong in ([], ["--for", "nobody"]):
        result = essaim("token", *wrong)
        assert result.exit_code == 2
        assert "candidatures, scheduling, notifications, reporting" in result.output


def test_a_second_consortium_on_the_same_folder_is_refused(essaim: Essaim) -> None:
    result = essaim("up", "--port", "0")
    assert result.exit_code == 1
    assert "already runs" in result.output


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGSTOP], ids=["dead", "silent"])
def test_a_broker_that_dies_alone_or_falls_silent_is_started_again(
    data: Path, ended_by: signal.Signals
) -> None:
    pid_file = data / "nats" / "nats.pid"
    before = int(pid_file.read_text())
    os.kill(before, ended_by)
    note = running_note(data)
    assert note is not None

    def is_ready_again() -> bool:
        if pid_file.read_text().strip() in ("", str(before)):
            return False
        return httpx.get(f"{note['address']}/health/ready", timeout=PATIENCE).status_code == 200

    wait_until(is_ready_again)


def test_nothing_that_is_written_may_be_read_by_other_users(data: Path) -> None:
    open_to_others = [path for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_a_note_whose_process_id_another_program_has_now_stops_no_start(tmp_path: Path) -> None:
    """As after a kill of `essaim up` and a restart of the machine."""
    note = {"nats_url": "nats://127.0.0.1:1", "address": "http://127.0.0.1:1", "pid": os.getpid()}
    (tmp_path / "running.json").write_text(json.dumps(note))
    (tmp_path / "lock").write_text(str(os.getpid()))

    assert running_note(tmp_path) is None
    with held(tmp_path):
        assert running_note(tmp_path) == note


def test_of_two_starts_on_one_folder_the_second_says_who_has_it(tmp_path: Path) -> None:
    with held(tmp_path):
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"), held(tmp_path):
            raise AssertionError("both have it")
        assert is_held(tmp_path)
    assert not is_held(tmp_path)
    with held(tmp_path):
        assert is_held(tmp_path)


def test_an_older_folder_is_closed_to_others_and_one_that_holds_other_things_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, shared = tmp_path / "data", tmp_path / "home"
    for folder, file in ((ours, "notifications.db"), (shared, "diary.txt")):
        folder.mkdir()
        (folder / file).touch()
        for path in (folder, folder / file):
            path.chmod(0o755)

    close_to_others(ours)
    close_to_others(shared)

    assert stat.S_IMODE(ours.stat().st_mode) == 0o700
    assert stat.S_IMODE((ours / "notifications.db").stat().st_mode) == 0o700
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
    said = " ".join(capsys.readouterr().err.split())
    assert "may be read by other users of this machine, and is left so" in said


def test_a_service_is_described_by_what_it_hears_says_and_is_asked() -> None:
    """In a process of its own, as the command says."""
    command = [sys.executable, "-m", "essaim", "describe", "notifications"]
    printed = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE).stdout
    described = json.loads(printed)

    notifications = installed_services()["notifications"]
    heard = [fact for fact in all_facts() if notifications.hearing.knows(fact.type)]
    facts = {subjects_of(fact) for fact in (*heard, *notifications.says)}
    # Webhooks are told of facts that it does nothing with.
    facts.add(subjects_of(DeliverableHandedIn))
    asked = {one.subject for one in all_questions() if one.answered_by() == "notifications"}
    asked |= {one.subject_at("notifications") for one in (WhatMoves, WhatWaits)}
    channels = {channel["address"] for channel in described["channels"].values()}
    assert facts <= channels
    assert {one for one in channels if ".ask." in one} == asked
