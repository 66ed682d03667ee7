"""More processes that serve pages, so that pages take more than one core.

The first process of a program leads: it has the lease, and runs what only one may run. The others
serve pages and commands, and tell it of what they commit. They are forked by a keeper, which has
everything imported and runs nothing else: one that ended is started again in an instant, and all
share its memory. They end with the first process, however that ends.
"""

import asyncio
import gc
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from socket import socket
from typing import NoReturn

import structlog
import uvicorn

from essaim.loops import Run, goes_on, wait_for, waits
from essaim.observing.metrics import measured_together
from essaim.running.serving import address_of, listening

log = structlog.get_logger()

Serve = Callable[["Link", str], None]
"""What a page process does until it is told to end, with what it needs to know of the first."""

_READ = 65536
_TOO_SOON = 5.0
"""Seconds a process lives at least before another one is started without a pause."""
_PAUSE = 2.0
_STARTING = 15.0
"""Seconds without one of them before we are taken for not ready."""


class Link:
    """What joins a page process to the first one; that answers at `first`, if the rest is busy."""

    def __init__(self, first: str, number: int, tells: int, lives: int) -> None:
        self.first = first
        self._number = number
        self._tells = tells
        self._lives = lives

    def committed(self, service: str) -> None:
        """Have the first process look at what this one wrote in the database of a service."""
        self._tell(f"committed {service}")

    def serving(self, server: uvicorn.Server) -> None:
        """Called in the event loop: pages are served; ends the server when the first one ends."""
        self._tell(f"up {self._number}")
        loop = asyncio.get_running_loop()

        def end() -> None:
            loop.remove_reader(self._lives)
            server.should_exit = True

        loop.add_reader(self._lives, end)

    def _tell(self, line: str) -> None:
        # Whoever does not read has enough to read; it looks by itself every two seconds.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._tells, f"{line}\n".encode())


class PageProcesses:
    """Seen from the first process, which makes it before it has threads or an event loop.

    It serves on `sockets` too: there the others ask what only it can say.
    """

    def __init__(self, count: int, serve: Serve) -> None:
        self._count = count
        self.sockets = [listening("127.0.0.1", 0)]
        self._up: set[int] = set()
        self._is_ending = False
        self._has_ended = False
        self._trouble: str | None = None
        self._heard, tells = os.pipe()
        lives, self._alive = os.pipe()
        for end in (self._heard, tells):
            os.set_blocking(end, False)
        # What is there now stays: to look at it again, once there are several, is to copy it.
        gc.collect()
        gc.freeze()
        self._keeper = _forked()
        if self._keeper == 0:
            os.close(self._heard)
            os.close(self._alive)
            _Keeper(count, serve, address_of(self.sockets[0]), tells, lives).run()
        os.close(tells)
        os.close(lives)

    def begin(self, known: str = "") -> None:
        """Have them serve; `known` is one line that they need to know."""
        os.write(self._alive, f"{known}\n".encode())

    def part(self, committed: Callable[[str], None]) -> dict[str, Run]:
        """What runs in the first process; `committed` is told of each service written elsewhere."""
        return {"pages": partial(self._watch, committed)}

    async def _watch(self, committed: Callable[[str], None]) -> None:
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def hear() -> None:
            for service in self._read():
                committed(service)
            news.set()

        loop.add_reader(self._heard, hear)
        try:
            while True:
                news.clear()
                self._say()
                await wait_for(news, 60.0)
        except asyncio.CancelledError:
            # We are ending: they need not wait until we have.
            self._tell_to_end()
            raise
        finally:
            loop.remove_reader(self._heard)

    def end(self) -> None:
        """Tell them to, and wait for them."""
        if self._has_ended:
            return
        self._has_ended = True
        self._tell_to_end()
        os.waitpid(self._keeper, 0)
        os.close(self._heard)
        for one in self.sockets:
            one.close()

    def _tell_to_end(self) -> None:
        if not self._is_ending:
            self._is_ending = True
            os.close(self._alive)

    def _read(self) -> set[str]:
        """The services written, of the lines that came; notes who serves."""
        lines = os.read(self._heard, _READ).decode().splitlines()
        written = set()
        for line in lines or ["lost"]:
            what, _, rest = line.partition(" ")
            if what == "committed":
                written.add(rest)
            elif what == "up":
                self._up.add(int(rest))
            elif what == "down":
                number, _, why = rest.partition(" ")
                self._up.discard(int(number))
                self._trouble = f"one ended ({why}) and is started again"
        if not lines:
            asyncio.get_running_loop().remove_reader(self._heard)
            self._up, self._trouble = set(), "all have ended, and who starts them too: restart us"
        return written

    def _say(self) -> None:
        if len(self._up) == self._count:
            goes_on()
        else:
            why = self._trouble or "starting"
            waits(f"{why}; {len(self._up)} of {self._count} serve beside this one", _STARTING)


class Alone:
    """The same where there are no others."""

    sockets: tuple[socket, ...] = ()

    def begin(self, known: str = "") -> None:
        """There is nobody to begin."""

    def part(self, committed: Callable[[str], None]) -> dict[str, Run]:
        return {}

    def end(self) -> None:
        """There is nobody to end."""


@contextmanager
def page_processes(count: int, serve: Serve) -> Iterator[PageProcesses | Alone]:
    """`count` processes beside this one, until the end of the block."""
    if count == 0:
        yield Alone()
        return
    with measured_together():
        processes = PageProcesses(count, serve)
        try:
            yield processes
        finally:
            processes.end()


class _Keeper:
    """A process of its own. It has one thread and no event loop, so that it may fork."""

    def __init__(self, count: int, serve: Serve, first: str, tells: int, lives: int) -> None:
        self._count = count
        self._serve = serve
        self._first = first
        self._tells = tells
        self._lives = lives
        self._running: dict[int, int] = {}
        """Their numbers, by process."""
        self._begun: dict[int, float] = {}
        """When each was started last, by its number."""
        self._is_ending = False

    def run(self) -> NoReturn:
        # Ctrl-C is for the first process, which we end with.
        os.setsid()
        signal.signal(signal.SIGTERM, lambda *_: self._end())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        woken, wakes = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wakes, False)
        signal.set_wakeup_fd(wakes)
        self._known = _line(self._lives)
        try:
            if self._known is not None:
                self._keep(woken)
        finally:
            os._exit(0)

    def _keep(self, woken: int) -> None:
        for number in range(1, self._count + 1):
            self._start(number)
        while self._running:
            watched = [woken] if self._is_ending else [woken, self._lives]
            ready, _, _ = select.select(watched, [], [])
            if self._lives in ready:
                self._end()
            with suppress(BlockingIOError):
                os.read(woken, _READ)
            self._start_again()

    def _start(self, number: int) -> None:
        self._begun[number] = time.monotonic()
        pid = _forked()
        if pid:
            self._running[pid] = number
            return
        signal.set_wakeup_fd(-1)
        for one in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(one, signal.SIG_DFL)
        code = 1
        try:
            self._serve(Link(self._first, number, self._tells, self._lives), self._known or "")
            code = 0
        except Exception:
            log.exception("a process of pages failed", number=number)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _start_again(self) -> None:
        for number, status in self._ended():
            if self._is_ending:
                continue
            why = _why(status)
            log.error("a process of pages ended and is started again", number=number, reason=why)
            with suppress(BlockingIOError):
                os.write(self._tells, f"down {number} {why}\n".encode())
            if time.monotonic() - self._begun[number] < _TOO_SOON:
                time.sleep(_PAUSE)
            self._start(number)

    def _ended(self) -> Iterator[tuple[int, int]]:
        for pid in list(self._running):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                yield self._running.pop(pid), status

    def _end(self) -> None:
        self._is_ending = True
        for pid in self._running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def _forked() -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fork()


def _line(end: int) -> str | None:
    """What is written there, up to the end of the line; None when nobody will."""
    found = b""
    while not found.endswith(b"\n"):
        more = os.read(end, _READ)
        if not more:
            return None
        found += more
    return found.decode().removesuffix("\n")


def _why(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"code {code}"
