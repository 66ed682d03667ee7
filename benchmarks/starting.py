"""`essaim up`: how soon it serves a page, and what it weighs."""

import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
from report import say


def measure_up() -> None:
    """On an empty folder, then on the same folder again."""
    with tempfile.TemporaryDirectory(prefix="essaim-up-") as folder:
        for name in ("first time", "again"):
            seconds, weights = _up(Path(folder))
            say(f"essaim up, {name}, to the first page", f"{seconds:.1f} s", "≤ 5 s", seconds <= 5)
            total = sum(weights.values())
            parts = " + ".join(f"{name} {mib:.0f}" for name, mib in weights.items())
            say("  memory", f"{parts} = {total:.0f} MiB", "≤ 300 MiB", total <= 300)


def _up(folder: Path) -> tuple[float, dict[str, float]]:
    """Seconds to the first page, and MiB in memory for each process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    essaim = str(Path(sys.executable).with_name("essaim"))
    command = [essaim, "--data", str(folder), "up", "--port", str(port)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _serves(port):
            if time.perf_counter() - start > 60 or process.poll() is not None:
                raise RuntimeError("`essaim up` did not serve a page within 60 s.")
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        time.sleep(2)  # let every part of it settle before weighing it
        ours = psutil.Process(process.pid)
        family = [ours, *ours.children(recursive=True)]
        return seconds, {one.name(): one.memory_info().rss / 2**20 for one in family}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _serves(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/reporting/", timeout=5) as page:
            return bool(page.status == 200)
    except OSError:
        return False
