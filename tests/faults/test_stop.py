"""A service that is asked to end does so soon and cleanly, in the middle of its work."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from backbone import Consortium, a_session_held
from essaim.clock import SystemClock
from essaim.keeping.database import Database
from essaim.people.signing import new_key, public_key_of
from essaim.work import open_work
from killable import Postgres, paused
from waiting import PATIENCE, wait_until


@pytest.fixture
def environment(hub: Consortium, tmp_path: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return os.environ | {
        "ESSAIM_DATABASE_URL": f"sqlite:///{tmp_path / 'scheduling.db'}",
        "ESSAIM_DATA": str(tmp_path),
        "ESSAIM_NATS_URL": hub.server.url,
        "ESSAIM_NATS_SEED": hub.seeds["scheduling"],
        "ESSAIM_SECRET": "a secret of a test, long enough for it",
        "ESSAIM_SIGN_IN_PUBLIC_KEY": public_key_of(new_key()),
        "ESSAIM_PORT": str(port),
    }


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
    environment |= {"ESSAIM_DATABASE_URL": postgres.url("scheduling")}
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


def is_ready(address: str) -> bool:
    with suppress(httpx2.HTTPError):
        return httpx2.get(address, timeout=PATIENCE).status_code == 200
    return False
