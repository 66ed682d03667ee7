"""A service that is asked to end does so soon and cleanly, in the middle of its work."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from backbone import a_session_held
from essaim.clock import SystemClock
from essaim.keeping.database import Database
from essaim.work import open_work
from killable import Postgres, paused
from waiting import PATIENCE, is_ready, wait_until


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (tmp_path / "log").open("wb") as log:
        essaim = Path(sys.executable).with_name("essaim")
        process = subprocess.Popen([essaim, "run", "scheduling"], env=environment, stderr=log)
    yield process
    process.kill()
    process.wait()


def test_a_service_that_is_told_to_stop_under_load_ends_soon_and_well(
    running: subprocess.Popen[bytes], environment: dict[str, str], tmp_path: Path
) -> None:
    address = f"http://127.0.0.1:{environment['ESSAIM_PORT']}/scheduling/health/ready"
    wait_until(lambda: is_ready(address), lambda: (tmp_path / "log").read_text())
    database = Database(environment["ESSAIM_DATABASE_URL"])
    with open_work(database, SystemClock()) as work:
        for _ in range(3000):
            work.tell(a_session_held(), programme="premices")
    database.close()
    running.terminate()
    assert running.wait(PATIENCE) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_service_whose_database_is_frozen_ends_all_the_same_when_it_is_told_to(
    environment: dict[str, str], postgres: Postgres, tmp_path: Path
) -> None:
    environment |= {"ESSAIM_DATABASE_URL": postgres.url("scheduling"), "ESSAIM_WORKERS": "2"}
    address = f"http://127.0.0.1:{environment['ESSAIM_PORT']}/scheduling/health/ready"
    with (tmp_path / "log").open("wb") as log:
        essaim = Path(sys.executable).with_name("essaim")
        process = subprocess.Popen([essaim, "run", "scheduling"], env=environment, stderr=log)
    try:
        wait_until(lambda: is_ready(address), lambda: (tmp_path / "log").read_text())
        with paused(postgres):
            process.terminate()
            assert process.wait(PATIENCE) == 0
        assert "Traceback" not in (tmp_path / "log").read_text()
    finally:
        process.kill()
        process.wait()
