"""A browser, and before it a consortium that has played the small edition."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from essaim.running.embedded import running_note
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright
from waiting import PATIENCE, wait_until

from tests.browser.played import Played, look_around
from tests.browser.screen import DESKTOP, PHONE, Open, Screen

HERE = Path(__file__).parent
EDITION = HERE.parent / "system" / "edition"
AXE = HERE.parents[1] / "chassis" / "node_modules" / "axe-core" / "axe.min.js"
_OPTIONS = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium. Without it these tests are skipped, or fail where nothing may be."""
    path = shutil.which("chromium")
    if path is not None:
        return path
    reason = "There is no chromium here: install Debian's package to look at pages in a browser."
    if os.environ.get("ESSAIM_REQUIRE_ALL"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def played(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """What `essaim demo` serves once it has played the small edition."""
    folder = tmp_path_factory.mktemp("demo")
    data, summary = folder / "data", folder / "summary.json"
    command = [sys.executable, "-m", "essaim", "demo", "--port", "0", "--lang", "fr"]
    command += ["--from", str(EDITION), "--data", str(data), "--json", str(summary)]
    environment = {name: value for name, value in os.environ.items() if name[:7] != "ESSAIM_"}
    environment["ESSAIM_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: _is_played(folder, process), lambda: _log(folder))
        note = running_note(data)
        assert note is not None
        yield look_around(note["address"], data, HERE / "open_call.yaml")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _is_played(folder: Path, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, f"the demo ended:\n{_log(folder)}"
    with suppress(FileNotFoundError, ValueError):
        json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        return True
    return False


def _log(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8")[-3000:]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One for each file: Playwright keeps an event loop running, which other tests need."""
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_OPTIONS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, as set-up brought it from npm."""
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def opened(browser: Browser, played: Played, axe: str) -> Iterator[Open]:
    """Opens screens, and closes them after the test."""
    screens: list[Screen] = []

    def open_screen(size: ViewportSize = DESKTOP, **options: Any) -> Screen:
        screens.append(Screen(browser, played, axe, size, **options))
        return screens[-1]

    yield open_screen
    for screen in screens:
        screen.close()


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def size(request: pytest.FixtureRequest) -> ViewportSize:
    """Each test that asks for it runs at both widths."""
    given: ViewportSize = request.param
    return given
