"""One running service: its database, clock, broker, relay, inbox, timers and workers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
import structlog
from essaim_contracts.questions import A, Question
from faststream import Context

from essaim.broker.asking import AskFailed
from essaim.broker.connection import Broker
from essaim.clock import Clock, SimulatedClock, SystemClock
from essaim.hearing.dead import count_dead
from essaim.hearing.dead_copies import copy_new
from essaim.hearing.inbox import Inbox
from essaim.hearing.retries import count_waiting
from essaim.keeping import lease
from essaim.keeping.database import Database, in_words, is_outage
from essaim.keeping.documents import Documents
from essaim.keeping.migration import migrate
from essaim.loops import cancel
from essaim.people.erasure import Forgetting
from essaim.people.sync import DirectorySync, count_unshared
from essaim.service import Service, Timer
from essaim.settings import Settings
from essaim.telling.outbox import Backlog, backlog
from essaim.telling.relay import Relay
from essaim.telling.wakeup import listen
from essaim.threads import in_thread
from essaim.web.commands import forget_old_commands
from essaim.work import Work, open_work

log = structlog.get_logger()

STALE_OUTBOX = 30.0
LOOK = 3.0
"""Seconds the database has to say how it is."""
_HOUSEKEEPING = Timer("forget-old-commands", forget_old_commands, every_seconds=3600)


@dataclass(frozen=True)
class Part:
    """One thing a service needs to be ready; `words` says what is wrong, or how it is."""

    name: str
    ok: bool
    words: str


@dataclass(frozen=True)
class Readiness:
    """`settled` means that nothing is on its way: all told is published, all heard is handled."""

    parts: tuple[Part, ...]
    active: bool
    settled: bool
    unpublished: int
    pending: int
    waiting: int
    dead: int

    @property
    def ready(self) -> bool:
        return all(part.ok for part in self.parts)


@dataclass(frozen=True)
class _Seen:
    """What a look at the database found; `holder` is who holds the lease."""

    behind: Backlog
    unshared: int
    waiting: int
    dead: int
    holder: str | None


class Runtime:
    """Made once per service and process. `start` and `stop` belong to the web app's life."""

    def __init__(self, service: Service, settings: Settings, *, clock: Clock | None = None) -> None:
        self.service = service
        self.settings = settings
        self.clock = clock or _clock(settings)
        settings.data.mkdir(parents=True, exist_ok=True)
        self.database = Database(settings.database_url_of(service.name))
        self.documents = Documents(settings.data / f"{service.name}-documents")
        self.is_active = False
        self.loop_lag = 0.0
        self._lease_until = 0.0
        self._is_database_out = False
        # Of their own: a database that is frozen holds whoever asks it, for as long as it is.
        self._lookers = ThreadPoolExecutor(4, thread_name_prefix=f"{service.name}-look")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._active_tasks: list[asyncio.Task[None]] = []

    def migrate(self) -> None:
        """Bring the database to the installed version."""
        migrate(self.database, self.service)

    async def start(self) -> None:
        """Begin to serve. The broker or the database may be down: pages say so, nothing is lost."""
        self._loop = asyncio.get_running_loop()
        self.broker = Broker(
            self.settings, self.service.name, self.service.questions, {"runtime": self}
        )
        self.relay = Relay(
            self.database,
            self.broker,
            self.service.name,
            self._holds_lease,
            partial(copy_new, self.database, self.service.name),
        )
        self.inbox = Inbox(
            self.database,
            self.broker,
            self.clock,
            self.service.name,
            Forgetting(
                self.service.hearing,
                self.service.erasure,
                keeps_directory=self.service.keeps_directory,
            ),
            self._wake,
        )
        self.directory = DirectorySync(
            self.database, self.broker, keeps=self.service.keeps_directory
        )
        for part in (self.broker.stay, self._hold_lease, self._watch_loop):
            self._tasks.append(asyncio.create_task(part()))

    async def stop(self) -> None:
        await cancel(self._active_tasks)
        await cancel(self._tasks)
        with suppress(Exception):
            await self.broker.stop()
        if self.is_active:
            with suppress(sa.exc.SQLAlchemyError):
                await in_thread(lease.release, self.database, self.service.name)
        self.is_active = False
        self._lookers.shutdown(wait=False, cancel_futures=True)
        self.database.close()

    @contextmanager
    def work(self, actor: UUID | None = None) -> Iterator[Work]:
        """One transaction for a request; its facts leave at once after the commit."""
        with open_work(self.database, self.clock, actor=actor) as work:
            yield work
        self._wake()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self.database.read() as db:
            yield db

    async def ask(self, question: Question[A]) -> A:
        """Ask another service.

        Raises:
            AskFailed: no answer within 5 s, or the answer is a failure.
        """
        return await self.broker.ask(question)

    def ask_blocking(self, question: Question[A]) -> A:
        """The same, from a worker thread."""
        if self._loop is None:
            raise AskFailed(question.subject, "this service is not started")
        future = asyncio.run_coroutine_threadsafe(self.ask(question), self._loop)
        return future.result(timeout=10)

    def run_timers(self) -> None:
        """Run every timer until none has anything left; for a clock that was just set."""
        for timer in self.service.timers:
            while self._run_timer(timer):
                pass

    def set_clock(self, instant: datetime) -> None:
        """Move simulated time and do what is due.

        Raises:
            ValueError: the clock is the system's, or `instant` lies before the present.
        """
        if not isinstance(self.clock, SimulatedClock):
            raise ValueError("This service runs on the system's clock, which nobody sets.")
        self.clock.set(instant)
        self.run_timers()

    def readiness(self) -> Readiness:
        """What works and what does not, in words an operator understands."""
        broker_ok = self.broker.is_connected
        broker = "connected" if broker_ok else f"trying again: {self.broker.trouble}"
        parts = [
            Part("broker", broker_ok, broker),
            Part("loop", self.loop_lag < 1.0, f"{self.loop_lag * 1000:.0f} ms late"),
        ]
        seen = self._look()
        if isinstance(seen, str):
            part = Part("database", False, seen)
            return Readiness((*parts, part), self.is_active, False, 0, 0, 0, 0)
        parts.append(Part("database", True, "answers"))
        behind, unpublished = seen.behind, seen.behind.waiting + seen.behind.parked
        if self.is_active and not self._holds_lease():
            late = time.monotonic() - self._lease_until
            words = f"ran out {late:.0f} s ago and is not renewed; if this lasts, restart us"
            parts.append(Part("lease", False, words))
        if self.is_active:
            outbox_ok = behind.oldest < STALE_OUTBOX and self.relay.trouble is None
            outbox = (
                self.relay.trouble or f"{behind.waiting} facts to publish, {behind.parked} parked"
            )
            parts.append(Part("relay", outbox_ok, outbox))
            trouble = self.inbox.trouble or self.inbox.stuck()
            parts.append(Part("inbox", trouble is None, trouble or "follows the stream"))
            directory = self.directory.trouble
            parts.append(Part("directory", directory is None, directory or "in step"))
        else:
            words = f"standing by; {seen.holder or 'nobody'} is active"
            parts.append(Part("lease", seen.holder is not None, words))
        pending = self._pending() if self.is_active and broker_ok else 0
        is_on_its_way = unpublished or pending or seen.waiting or seen.unshared
        settled = not is_on_its_way and self.inbox.trouble is None
        return Readiness(
            tuple(parts), self.is_active, settled, unpublished, pending, seen.waiting, seen.dead
        )

    def _look(self) -> _Seen | str:
        """What the database holds, or in words why it does not say, `LOOK` seconds from now."""
        looking = self._lookers.submit(self._see)
        try:
            return looking.result(LOOK)
        except sa.exc.SQLAlchemyError as error:
            return in_words(error)
        except TimeoutError:
            looking.cancel()
            return f"does not answer within {LOOK:g} s"

    def _see(self) -> _Seen:
        with self.read() as db:
            return _Seen(
                backlog(db),
                count_unshared(db),
                count_waiting(db),
                count_dead(db),
                lease.current_holder(db, self.service.name),
            )

    def _pending(self) -> int:
        """Facts in the stream that this service has not handled yet."""
        if self._loop is None:
            return 0
        counted = asyncio.run_coroutine_threadsafe(self.inbox.count_pending(), self._loop)
        try:
            return counted.result(timeout=2)
        except (TimeoutError, OSError):
            return self.inbox.pending

    def _wake(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.relay.wake.set)
            self._loop.call_soon_threadsafe(self.directory.wake.set)

    async def _hold_lease(self) -> None:
        """Keep or seek the lease; whoever loses it stops relaying and handling at once."""
        while True:
            asked = time.monotonic()
            try:
                mine = await in_thread(lease.take, self.database, self.service.name)
                if self._is_database_out:
                    log.info("the database can be used again", service=self.service.name)
                self._is_database_out = False
                if mine:
                    self._lease_until = asked + lease.DURATION.total_seconds()
            except Exception as error:
                # Without the database nothing can be relayed or handled anyway; both hold on.
                self._say_failed("lease not renewed", error)
                mine = self.is_active and is_outage(error)
            if mine and not self.is_active:
                self.is_active = True
                self._activate()
            elif not mine and self.is_active:
                self.is_active = False
                log.warning("lease lost, standing by", service=self.service.name)
                await cancel(self._active_tasks)
            await asyncio.sleep(lease.RENEWAL)

    def _holds_lease(self) -> bool:
        """Whether nobody else can hold it: after the process was stopped, the clock has gone on."""
        return time.monotonic() < self._lease_until

    def _activate(self) -> None:
        log.info("active", service=self.service.name)
        runs: list[Callable[[], Awaitable[None]]] = [
            self.relay.run,
            self.inbox.run,
            self.directory.run,
            partial(listen, self.database, self._wake),
            *(partial(worker, self) for worker in self.service.workers),
            *(partial(self._tick, timer) for timer in (*self.service.timers, _HOUSEKEEPING)),
        ]
        self._active_tasks = [asyncio.ensure_future(self._keep(run)) for run in runs]

    async def _keep(self, run: Callable[[], Awaitable[None]]) -> None:
        """Run a part until it returns; after an error nobody foresaw, again."""
        while True:
            try:
                return await run()
            except Exception as error:
                self._say_failed("a part failed", error)
                await asyncio.sleep(1.0)

    async def _tick(self, timer: Timer) -> None:
        while True:
            try:
                again = await in_thread(self._run_timer, timer)
            except Exception as error:
                # A timer that fails is tried again at its next beat; the others go on.
                self._say_failed("timer failed", error, timer=timer.name)
                again = False
            if not again:
                await asyncio.sleep(timer.every_seconds)

    def _say_failed(self, what: str, error: Exception, **values: str) -> None:
        """A mistake of ours with its traceback; a database that is out once, until it is back."""
        if not is_outage(error):
            log.exception(what, service=self.service.name, error=repr(error), **values)
        elif not self._is_database_out:
            self._is_database_out = True
            log.warning(
                "the database cannot be used; all waits for it",
                service=self.service.name,
                reason=in_words(error),
            )

    def _run_timer(self, timer: Timer) -> bool:
        with self.work() as work:
            return timer.run(work)

    async def _watch_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.5)
            self.loop_lag = max(0.0, loop.time() - before - 0.5)


Here = Annotated[Runtime, Context("runtime")]
"""The running service, for a function that answers a question."""


def _clock(settings: Settings) -> Clock:
    if settings.clock == "simulated":
        return SimulatedClock(datetime.fromisoformat(settings.simulated_start))
    return SystemClock()
