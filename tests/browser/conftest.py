"""A browser, and before it a consortium that has played the small edition."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from essaim.broker.users import secret_in
from essaim.running.embedded import running_note
from playwright.sync_api import Browser, ViewportSize, sync_playwright

# Folders of tests are no packages; what they share is found here.
sys.path.insert(0, str(Path(__file__).parent))
from played import Played, look_around
from screen import DESKTOP, PHONE, Open, Screen

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
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_played(folder, process)
        note = running_note(data)
        assert note is not None
        yield look_around(note["address"], secret_in(data / "secret"), HERE / "open_call.yaml")
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_played(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(FileNotFoundError, ValueError):
            json.loads((folder / "summary.json").read_text(encoding="utf-8"))
            return
        time.sleep(0.1)
    log = (folder / "log").read_text(encoding="utf-8")
    raise AssertionError(f"the small edition was not played:\n{log[-3000:]}")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One for each file: Playwright keeps an event loop running, which other tests need."""
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
