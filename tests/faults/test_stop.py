"""A service that is asked to end does so soon and cleanly, in the middle of its work."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from backbone import Consortium, a_session_held
from essaim.clock import SystemClock
from essaim.keeping.database import Database
from essaim.work import open_work


@pytest.fixture
def environment(hub: Consortium, tmp_path: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return os.environ | {
        "ESSAIM_DATABASE_URL": f"sqlite:///{tmp_path / 'scheduling.db'}",
        "ESSAIM_DATA": str(tmp_path),
        "ESSAIM_NATS_URL": hub.server.url,
        "ESSAIM_NATS_PASSWORD": hub.passwords["scheduling"],
        "ESSAIM_SECRET": "a secret of a test, long enough for it",
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
    _wait_ready(address)
    database = Database(environment["ESSAIM_DATABASE_URL"])
    with open_work(database, SystemClock()) as work:
        for _ in range(3000):
            work.tell(a_session_held(), programme="premices")
    database.close()
    running.terminate()
    assert running.wait(10) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def _wait_ready(address: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(httpx2.HTTPError):
            if httpx2.get(address, timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("it was not ready in 30 s")
