"""The `essaim` command as anybody runs it: a process with a port, to be visited and weighed."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE = 300.0


@dataclass(frozen=True)
class House:
    """A running `essaim up` or `essaim demo`, its broker and its web processes."""

    process: psutil.Process
    port: int
    seconds: float
    """From the command to the first page."""

    def weights(self) -> dict[str, float]:
        """MiB of memory of each process, by its name; shared pages are shared out (PSS)."""
        weights: dict[str, float] = {}
        for one in self._family():
            mib = one.memory_full_info().pss / 2**20
            weights[one.name()] = weights.get(one.name(), 0) + mib
        return weights

    def idle(self, seconds: float) -> float:
        """The part of one core, in percent, that all of it takes while nobody asks anything."""
        before = self._cpu()
        time.sleep(seconds)
        return (self._cpu() - before) / seconds * 100

    def _cpu(self) -> float:
        return sum(sum(one.cpu_times()[:2]) for one in self._family())

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def house(folder: Path, *command: str) -> Iterator[House]:
    """Start `essaim --data FOLDER COMMAND` on a free port, and stop it at the end.

    Raises:
        RuntimeError: it ended, or serves no page.
    """
    port = _free_port()
    essaim = str(Path(sys.executable).with_name("essaim"))
    words = [essaim, "--data", str(folder), *command, "--port", str(port)]
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_served(process, port, " ".join(command))
        yield House(psutil.Process(process.pid), port, time.perf_counter() - start)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _until_served(process: "subprocess.Popen[bytes]", port: int, name: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _serves(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"`essaim {name}` serves no page; it ended with {process.poll()}.")
        time.sleep(0.02)


def _serves(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/reporting/", timeout=5) as page:
            return bool(page.status == 200)
    except OSError:
        return False
