"""The restore drill: an edition is played, saved while it runs, lost whole, and comes back."""

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from essaim.backup.checking import all_notes
from essaim.backup.cut import cut
from essaim.backup.manifest import Manifest
from essaim.backup.place import place_of
from essaim.cli.main import app
from essaim.cli.reach import State
from essaim.consortium.file import parse
from essaim.hearing.message import identity_of
from essaim.keeping.tables import inbox, outbox
from essaim.running.embedded import Embedded
from essaim.service import installed_services
from essaim.telling.outbox import last_told
from essaim_demo.client import wait_until
from essaim_demo.stage import Stage
from small_edition import consortium_in, disagreements_of, played_in, stage_in
from typer.testing import CliRunner, Result

Essaim = Callable[..., Result]


@pytest.fixture
def essaim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Essaim:
    """`essaim("backup", "list")` runs the command on the folder of the consortium."""
    for name in list(os.environ):
        if name.startswith("ESSAIM_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ESSAIM_BACKUP_TO", str(tmp_path / "backups"))
    monkeypatch.setenv("COLUMNS", "200")
    data = tmp_path / "data"
    monkeypatch.setattr(State, "data", data)

    def run(*arguments: str, **options: Any) -> Result:
        result = CliRunner().invoke(app, ["--data", str(data), *arguments], **options)
        assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
        return result

    return run


def test_all_comes_back_from_a_backup_made_under_load_but_for_who_was_erased_since(
    essaim: Essaim, tmp_path: Path
) -> None:
    data, secret = tmp_path / "data", tmp_path / "secret"
    secret.write_text(essaim("backup", "key").stdout)
    recipient = secret.read_text().split()[2]

    with consortium_in(data) as consortium:
        with ThreadPoolExecutor(1) as elsewhere:
            playing = elsewhere.submit(play_whole, consortium)
            saved = save_once_all_told(essaim, tmp_path / "backups", recipient)
            cuts = 0
            while not playing.done():
                assert handled_and_not_told(consortium) == set()
                cuts += 1
            playing.result()
        assert cuts > 10
        with stage_in(consortium) as stage:
            erase(stage, "Dora (fictive)")
        essaim("backup", "erasures")
        refused = CliRunner().invoke(
            app, ["--data", str(data), "backup", "restore", "--secret", str(secret)]
        )
        assert "already runs" in refused.output
        written = parse(consortium_file(essaim, secret), installed_services())
        assert written == consortium.consortium
    essaim("backup", "verify", "--secret", str(secret))
    assert json.loads(essaim("backup", "list", "--json").stdout)[0]["erased_since"] == 1
    shutil.rmtree(data)

    essaim("backup", "restore", "--secret", str(secret))

    assert not words_in(data, "Dora (fictive)", "dora@example.org")
    with consortium_in(data) as consortium, stage_in(consortium) as stage:
        wait_until(
            lambda: disagreements_of(consortium) == [], lambda: str(disagreements_of(consortium))
        )
        told = {name: last_told(one.database) for name, one in consortium.runtimes.items()}
        for name, last in told.items():
            assert last is not None
            assert last.position >= saved.services[name].told
        people = stage.operator.get("/candidatures/api/people")["items"]
        assert "Gaspard (fictif)" in {one["name"] for one in people}
        assert "Dora (fictive)" not in {one["name"] for one in people}


def save_once_all_told(essaim: Essaim, to: Path, recipient: str) -> Manifest:
    """Backups in a row, until one has a fact of each service that tells any yet."""
    while True:
        essaim("backup", "create", "--recipient", recipient, "--keep", "1d")
        (saved,) = all_notes(place_of(str(to)))
        if all(
            saved.services[name].told for name in ("candidatures", "scheduling", "notifications")
        ):
            return saved


def handled_and_not_told(consortium: Embedded) -> set[str]:
    """Facts that somebody handled in one snapshot of a cut, and nobody told in the others."""
    with cut({name: one.database for name, one in consortium.runtimes.items()}) as snapshots:
        handled, told = set[str](), set[str]()
        for db in snapshots.values():
            handled.update(db.scalars(sa.select(inbox.c.identity)))
            rows = db.execute(sa.select(outbox.c.subject, outbox.c.id))
            told.update(identity_of(row.subject, row.id) for row in rows)
    return handled - told


def consortium_file(essaim: Essaim, secret: Path) -> str:
    """As the command prints it, without what the services that run here say meanwhile."""
    printed = essaim("backup", "consortium", "--secret", str(secret)).stdout
    return printed[printed.index("format:") :]


def play_whole(consortium: Embedded) -> None:
    with played_in(consortium):
        pass


def erase(stage: Stage, name: str) -> None:
    people = stage.operator.get("/candidatures/api/people")["items"]
    address = next(
        f"/candidatures/api/people/{one['id']}/erase" for one in people if one["name"] == name
    )
    stage.operator.post(address)
    stage.operator.post(f"{address}/confirm")


def words_in(folder: Path, *words: str) -> set[str]:
    """Those of the words that are somewhere in the bytes of some file."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return {word for word in words if any(word.encode() in content for content in files)}
