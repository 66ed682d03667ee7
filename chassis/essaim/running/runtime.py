"""One running service: its database, clock, broker, relay, inbox, timers and workers."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from math import inf
from typing import Annotated, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from essaim_contracts.questions import A, Question
from faststream import Context
from prometheus_client import CollectorRegistry

from essaim.broker.asking import AskFailed
from essaim.broker.connection import Broker
from essaim.clock import Clock, SimulatedClock
from essaim.consortium.file import (
    NoSuchFile,
    UnreadableConsortium,
    consortium_of,
    written_at,
)
from essaim.consortium.partners import Consortium
from essaim.hearing.dead_copies import copy_new
from essaim.hearing.inbox import Inbox
from essaim.keeping.database import Database
from essaim.keeping.documents import Documents
from essaim.keeping.migration import migrate
from essaim.loops import Run, goes_on, rest, waits
from essaim.observing.measures import Measures
from essaim.observing.message_metrics import message_metrics
from essaim.observing.tracing import Origin, Tracing, otlp_tracing
from essaim.people.erasure import Forgetting
from essaim.people.sharing import DirectoryKeeper
from essaim.people.sign_outs import SignOuts
from essaim.people.sync import DirectoryFollower
from essaim.running.leadership import Leadership, Runs
from essaim.running.loop_watch import LoopWatch
from essaim.running.presence import Absence, Presence
from essaim.running.readiness import DatabaseLook, Part, Readiness, Seen, late_parts
from essaim.running.timers import Timers, timers_of
from essaim.service import Service
from essaim.settings import Settings, clock_of
from essaim.telling.outbox import Pending
from essaim.telling.relay import Relay
from essaim.telling.wakeup import listen
from essaim.threads import in_thread
from essaim.work import Work, open_work

T = TypeVar("T")

LOOK_AT_FILE = 5.0
"""Seconds between two looks at whether the consortium file has changed."""


class Runtime:
    """Made once per service and process. `start` and `stop` belong to the web app's life.

    `beside` is what runs in this process besides the service, by name. One that does not lead
    serves pages beside one of the same program that does: it never seeks the lease.
    """

    def __init__(
        self,
        service: Service,
        settings: Settings,
        *,
        clock: Clock | None = None,
        consortium: Consortium | None = None,
        tracing: Tracing | None = None,
        beside: dict[str, Run] | None = None,
        leads: bool = True,
    ) -> None:
        self._leads = leads
        self.service = service
        self.settings = settings
        self._consortium_written = written_at(settings)
        self.consortium = consortium or consortium_of(settings)
        self.clock = clock or clock_of(settings)
        self.tracing = tracing or _tracing(service, settings)
        self.registry = CollectorRegistry()
        """What is measured as it happens; FastStream's figures too, where they are asked for."""
        self.measures = Measures(service.name, self.registry)
        settings.data.mkdir(parents=True, exist_ok=True)
        self.database = Database(settings.database_url_of(service.name))
        self.documents = Documents(settings.documents_of(service.name))
        self.leadership = Leadership(self.database, service.name, self._runs)
        self.parts = self.leadership.parts
        self._timers = Timers(timers_of(service, settings, lambda: self.consortium), self.work)
        self._beside = beside or {}
        self._look = DatabaseLook(self.database, service.name)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.loop = LoopWatch(self.parts.pass_time)
        self.presence: Presence | None = None

    @property
    def is_active(self) -> bool:
        """Whether this instance relays and handles."""
        return self.leadership.is_active

    def migrate(self) -> None:
        """Bring the database to the installed version."""
        migrate(self.database, self.service)

    async def start(self) -> None:
        """Begin to serve. The broker or the database may be down: pages say so, nothing is lost."""
        self._loop = asyncio.get_running_loop()
        service, database = self.service, self.database
        self.broker = Broker(
            self.settings,
            service.name,
            service.answers,
            {"runtime": self, "work": self.work},
            (*service.middlewares, *self._own_middlewares()),
        )
        self.relay = Relay(
            database,
            self.broker,
            service.name,
            lambda: self.leadership.is_held,
            partial(copy_new, database, service.name),
            self.measures,
        )
        self.inbox = self._inbox()
        self.directory = self._directory()
        self.sign_outs = SignOuts(database, self.broker)
        self.presence = Presence(
            database, self.broker, service.name, lambda: self.consortium, speaks=self._leads
        )
        self.parts.start("broker", self.broker.stay, self._broker_trouble)
        self.parts.start("partners", self.presence.run)
        self.parts.start("consortium", self._follow_consortium)
        self.parts.start("loop", self.loop.run, self.loop.trouble)
        if self._leads:
            self.parts.start("lease", self.leadership.run, self._lease_trouble)
        for name, run in self._beside.items():
            self.parts.start(name, run)

    def _inbox(self) -> Inbox:
        service = self.service
        self._forgetting = Forgetting(
            service.hearing,
            service.erasure,
            keeps_directory=service.keeps_directory,
            confirming=self._confirming(),
        )
        return Inbox(
            self.database,
            self.broker,
            self.clock,
            service.name,
            self._forgetting,
            self._wake,
            self.tracing,
            self.measures,
            lambda: self.consortium.said,
        )

    def _confirming(self) -> tuple[str, ...]:
        """Who has to confirm an erasure to us."""
        return self.consortium.confirming_erasure if self.service.keeps_directory else ()

    async def _follow_consortium(self) -> None:
        """Who joins or is revoked while we run is known within seconds."""
        while True:
            written = await in_thread(written_at, self.settings)
            if written not in (None, self._consortium_written):
                try:
                    self.consortium = await in_thread(consortium_of, self.settings)
                except (UnreadableConsortium, NoSuchFile) as error:
                    # Nobody is less served for it: what it said before holds.
                    waits(f"its file is wrong, what it said before holds: {error}", inf)
                else:
                    self._forgetting.wait_for(self._confirming())
                    self._consortium_written = written
                    goes_on()
            await rest(LOOK_AT_FILE)

    def _directory(self) -> DirectoryKeeper | DirectoryFollower:
        database, broker, name = self.database, self.broker, self.service.name
        if not self.service.keeps_directory:
            return DirectoryFollower(database, broker, name)
        return DirectoryKeeper(database, broker, self.clock, name, lambda: self.consortium)

    async def stop(self) -> None:
        try:
            await self.leadership.stop()
        finally:
            with suppress(Exception):
                await self.broker.stop()
            self._look.stop()
            self.database.close()
            await in_thread(self.tracing.stop)

    @contextmanager
    def work(self, actor: UUID | None = None, origin: Origin | None = None) -> Iterator[Work]:
        """One transaction for a request; its facts leave at once after the commit.

        `origin` is what it follows from where that is not what is being done now.
        """
        with open_work(self.database, self.clock, actor=actor, origin=origin) as work:
            yield work
        self._wake(work.saved if work.told else None)

    def committed_elsewhere(self) -> None:
        """Another process of this program has written in our database."""
        self._wake()
        for wake in self.database.on_commit:
            wake()

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

    def ask_each(
        self, questions: Mapping[str, Question[A]], patience: float
    ) -> dict[str, A | AskFailed]:
        """From a worker thread: ask several services at once, each by its name."""
        if self._loop is None:
            return {}
        asking = self.broker.ask_each(questions, patience)
        return asyncio.run_coroutine_threadsafe(asking, self._loop).result()

    def absences(self) -> list[Absence]:
        """Whom this service misses of those it hears or asks, and since when."""
        return self.presence.absences() if self.presence else []

    def run_timers(self) -> None:
        """Run every timer until none has anything left; for a clock that was just set."""
        self._timers.run_all()

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
        seen = self._look.look()
        if isinstance(seen, str):
            parts = (*self._parts({}, {}), Part("database", False, seen))
            return Readiness(parts, self.is_active, False, 0, 0, 0, 0)
        words = self._words(seen)
        parts = (*self._parts(words, late_parts(seen)), Part("database", True, "answers"))
        unpublished = seen.behind.waiting + seen.behind.parked
        pending = self._pending() if self.is_active and self.broker.is_connected else 0
        is_on_its_way = unpublished or pending or seen.waiting or seen.unshared
        settled = not is_on_its_way and self.inbox.trouble is None
        return Readiness(
            parts,
            self.is_active,
            settled,
            unpublished,
            pending,
            seen.waiting,
            seen.dead,
            seen.behind.oldest,
        )

    def look(self, read: Callable[[sa.Connection], T]) -> T | str:
        """What `read` finds in the database, or in words why that does not answer in time."""
        return self._look.ask(read)

    def counted(self) -> dict[str, float]:
        """What relay and inbox did since they began, and how full they saw the stream."""
        if self._loop is None:
            return {}
        done, fill = self.inbox.counts, self.relay.fill
        return {
            "facts_published": self.relay.published,
            "facts_handled": done.handled,
            "facts_failed": done.failed,
            "facts_duplicate": done.duplicates,
            **(fill._asdict() if fill else {}),
        }

    def told(self) -> Mapping[str, int]:
        """How many messages came from the stream, by who told them."""
        return self.inbox.told if self._loop is not None else {}

    def _parts(self, words: dict[str, str], late: dict[str, str]) -> Iterator[Part]:
        """Every part that runs. `words` say how one is that fares well, `late` what is overdue."""
        for part in self.parts:
            trouble = part.trouble or late.get(part.name)
            well = part.remark or words.get(part.name, "runs")
            yield Part(part.name, trouble is None, trouble or well)

    def _words(self, seen: Seen) -> dict[str, str]:
        behind = seen.behind
        return {
            "broker": "connected",
            "loop": f"{self.loop.lag * 1000:.0f} ms late",
            "lease": "held" if self.is_active else f"standing by; {seen.holder} is active",
            "relay": f"{behind.waiting} facts to publish, {behind.parked} parked",
            "inbox": "follows the stream",
            "directory": self.directory.words,
            "partners": self.presence.words() if self.presence else "not started",
        }

    def _broker_trouble(self) -> str | None:
        return None if self.broker.is_connected else f"trying again: {self.broker.trouble}"

    def _lease_trouble(self) -> str | None:
        if not self.is_active or self.leadership.is_held:
            return None
        late = self.leadership.overdue
        return f"ran out {late:.0f} s ago and is not renewed; if this lasts, restart us"

    def _pending(self) -> int:
        """Facts in the stream that this service has not handled yet."""
        if self._loop is None:
            return 0
        counted = asyncio.run_coroutine_threadsafe(self.inbox.count_pending(), self._loop)
        try:
            return counted.result(timeout=2)
        except (TimeoutError, OSError):
            return self.inbox.pending

    def _wake(self, told: Sequence[Pending] | None = ()) -> None:
        """Something was committed: these facts, some that are not given, or, with None, no fact."""
        if self._loop is not None and not self._loop.is_closed():
            if told is not None:
                self._loop.call_soon_threadsafe(self.relay.offer, told)
            self._loop.call_soon_threadsafe(self.directory.wake)

    def _runs(self) -> Runs:
        """What the active instance runs."""
        begun = self.broker.once_begun
        runs: Runs = {
            "relay": (begun(self.relay.run), lambda: self.relay.trouble),
            "inbox": (
                begun(self.inbox.run),
                lambda: self.inbox.trouble or self.inbox.stuck(),
            ),
            "directory": (begun(self.directory.run), lambda: self.directory.trouble),
        }
        if not self.service.keeps_directory:
            # Where it is kept, what was ended is known.
            told = begun(self.sign_outs.run)
            runs["sign-outs"] = (told, lambda: self.sign_outs.trouble)
        if not self.database.is_sqlite:
            runs["wakeup"] = (partial(listen, self.database, self._wake), _no_report)
        for worker in self.service.workers:
            runs[worker.__name__] = (partial(worker, self), _no_report)
        for name, beat in self._timers.beats().items():
            runs[name] = (beat, _no_report)
        return runs

    def _own_middlewares(self) -> Iterator[Any]:
        """FastStream's around questions and chunks, as the settings ask for them."""
        if self.tracing.provider is not None:
            # Here, because it needs what only the extra installs.
            from essaim.observing.message_spans import message_spans

            yield message_spans(self.service.name, self.tracing.provider)
        if self.settings.message_metrics:
            yield message_metrics(self.service.name, self.registry)


def _no_report() -> None:
    """A part of which we know only whether it runs."""


Here = Annotated[Runtime, Context("runtime")]
"""The running service, for a function that answers a question."""


def _tracing(service: Service, settings: Settings) -> Tracing:
    return otlp_tracing(service.name) if settings.tracing == "otlp" else Tracing()
