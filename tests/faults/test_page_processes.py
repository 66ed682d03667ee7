"""Several processes serve the pages of a service; each may end, and all end with the first."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest
from waiting import PATIENCE, is_ready, wait_until

FEW = 4
"""Connections enough for each process to have taken one."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def address(environment: dict[str, str]) -> str:
    return f"http://127.0.0.1:{environment['ESSAIM_PORT']}/scheduling"


@pytest.fixture
def first(environment: dict[str, str], address: str, log: Path) -> Iterator[psutil.Process]:
    """The first of two processes, both of which serve."""
    essaim = Path(sys.executable).with_name("essaim")
    command = [str(essaim), "run", "scheduling", "--workers", "2"]
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=environment, stderr=said)
    wait_until(lambda: is_ready(f"{address}/health/ready"), log.read_text)
    wait_until(lambda: parts(address)["pages"] == "runs", log.read_text)
    yield psutil.Process(process.pid)
    process.kill()
    process.wait()


def beside(first: psutil.Process) -> list[psutil.Process]:
    """Who serves beside the first: children of who keeps them."""
    return [page for keeper in first.children() for page in keeper.children()]


def parts(address: str) -> dict[str, str]:
    """What readiness says of each part."""
    state = httpx2.get(f"{address}/health/ready", timeout=PATIENCE).json()
    return {part["name"]: part["words"] for part in state["parts"]}


@contextmanager
def frozen(process: psutil.Process) -> Iterator[None]:
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def test_whichever_process_is_asked_answers_for_the_whole_service(
    first: psutil.Process, address: str
) -> None:
    [page] = beside(first)
    with frozen(page):
        from_first = set(parts(address))
    assert {"inbox", "relay", "lease", "pages"} <= from_first
    for _ in range(FEW):
        assert set(parts(address)) == from_first
    with frozen(first):
        assert httpx2.get(f"{address}/accessibility", timeout=PATIENCE).status_code == 200
    for _ in range(FEW - 1):
        httpx2.get(f"{address}/accessibility", timeout=PATIENCE)
    figures = httpx2.get(f"{address}/metrics", timeout=PATIENCE).text
    counted = next(
        line for line in figures.splitlines()
        if line.startswith("essaim_page_seconds_count") and "/accessibility" in line
    )  # fmt: skip
    assert float(counted.rsplit(" ", 1)[1]) == FEW


def test_a_process_that_is_killed_is_started_again_and_all_end_with_the_first(
    first: psutil.Process, address: str, log: Path
) -> None:
    [killed] = beside(first)
    killed.kill()
    wait_until(lambda: [one for one in beside(first) if one.pid != killed.pid] != [], log.read_text)
    wait_until(lambda: parts(address)["pages"] == "runs", log.read_text)
    assert "a process of pages ended and is started again" in log.read_text()
    assert "signal 9" in log.read_text()
    family = first.children(recursive=True)
    first.terminate()
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []
    assert "Traceback" not in log.read_text()


def test_none_outlives_a_first_process_that_was_killed(first: psutil.Process) -> None:
    family = first.children(recursive=True)
    first.kill()
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []
