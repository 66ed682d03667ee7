"""The inbox: follows the stream with its service's consumer, and has each chunk handled.

    pull a chunk -> one transaction (`chunk.py`) -> commit -> acknowledge once.

Our position in the stream is in the database, in the same transaction as the effects; the
broker's consumer is set to it at every start. So a crash loses nothing, does nothing twice and
keeps order, and a database restored from a backup reads again what it lacks.
"""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from essaim.broker.api import ask_jetstream
from essaim.broker.connection import Broker, trouble_of
from essaim.broker.topology import FACTS, check_consumer
from essaim.clock import Clock
from essaim.hearing.chunk import ChunkHandler, Counts, Said, unlimited
from essaim.hearing.message import Message
from essaim.hearing.position import PositionLost
from essaim.hearing.pull import EXPIRES, Missed, Pull, PullLost
from essaim.hearing.router import Hearing
from essaim.keeping.database import Database, in_words, is_outage
from essaim.loops import keep_running, rest, said_once
from essaim.observing.measures import Measures
from essaim.observing.tracing import Tracing
from essaim.threads import in_thread

CHUNK = 512
ACK_WAIT = 30.0
ANCHOR = 5.0
"""Seconds the broker has to give us our last fact again."""
SOON, SELDOM = 0.5, 2.0
"""Seconds between two looks for facts to be tried again, while some wait and while none do."""
LONG = 8.0
"""Seconds after which a handler that has not come back is worth a word."""


class Inbox:
    """Runs while this instance holds the lease. `on_told` is called when a commit told facts."""

    def __init__(
        self,
        database: Database,
        broker: Broker,
        clock: Clock,
        service: str,
        hearing: Hearing,
        on_told: Callable[[], None],
        tracing: Tracing | None = None,
        measures: Measures | None = None,
        said: Said = unlimited,
    ) -> None:
        self._broker = broker
        self._service = service
        self._hears = hearing.types
        self._on_told = on_told
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"{service}-inbox")
        self._busy_since: float | None = None
        self.chunks = ChunkHandler(database, clock, service, hearing, tracing, measures, said)
        self.pending = 0
        """Facts in the stream that we have not handled, as the broker last said."""
        self.trouble: str | None = "starting"
        self.told: Counter[str] = Counter()
        """How many messages came since we began, by who told them: the broker proves that."""

    @property
    def counts(self) -> Counts:
        return self.chunks.counts

    async def run(self) -> None:
        """Follow the stream until cancelled, binding again after every loss."""
        await keep_running(self._bind, lambda error: self._say_trouble(trouble_of(error)))

    async def _bind(self) -> None:
        """Follow the stream; where facts go to a request that is nobody's, let that expire first.

        A cluster that lost a server keeps such requests, and each new one would become another.
        """
        before = self.chunks.position
        try:
            await self._follow()
        except Missed:
            if self.chunks.position == before:
                await rest(EXPIRES)
            raise

    def stuck(self) -> str | None:
        """What to say of a handler that does not come back."""
        since = self._busy_since
        if since is None or time.monotonic() - since < LONG:
            return None
        return (
            f"has handled the same facts for {time.monotonic() - since:.0f} s; if this does not "
            "end, a handler hangs or the database does: see the log, restart the service"
        )

    async def count_pending(self) -> int:
        """Ask the broker how many facts wait for us, those we hold unacknowledged included."""
        found = await ask_jetstream(
            self._broker.connection, f"CONSUMER.INFO.{FACTS}.{self._service}", patience=1.5
        )
        self.pending = int(found.get("num_pending", 0)) + int(found.get("num_ack_pending", 0))
        return self.pending

    async def _follow(self) -> None:
        if not self._broker.is_connected:
            raise PullLost("the broker is not connected")
        await check_consumer(self._broker.connection, self._service, self._hears)
        last_id = await self._in_thread(self.chunks.load_position)
        pull = Pull(self._broker.connection, FACTS, self._service)
        await pull.start(max(1, self.chunks.position))
        try:
            if last_id is not None:
                await self._check_anchor(pull, last_id)
            self.trouble = None
            await self._consume(pull)
        except PositionLost:
            await self._in_thread(self.chunks.forget_position)
            raise
        finally:
            with suppress(Exception):
                await pull.stop()

    async def _consume(self, pull: Pull) -> None:
        connection = self._broker.reconnects
        looked_at = 0.0
        while self._broker.is_connected and self._broker.reconnects == connection:
            pause = SOON if self.chunks.something_waits else SELDOM
            chunk = await pull.next_chunk(CHUNK, pause)
            if chunk:
                await self._take(chunk)
            if time.monotonic() - looked_at >= pause:
                await self._hold_on(self.chunks.retry_due)
                looked_at = time.monotonic()
        raise PullLost("the connection to the broker was lost")

    async def _take(self, chunk: list[Message]) -> None:
        fresh = _in_order(chunk, self.chunks.position)
        last = chunk[-1]
        self.told.update(teller_of(message.subject) for message in fresh)
        if fresh:
            await self._broker.around_chunk(
                [message.raw for message in fresh if message.raw],
                lambda: self._hold_on(lambda: self.chunks.handle(fresh), last),
            )
        await last.acknowledge()
        self.pending = last.pending

    async def _hold_on(self, act: Callable[[], bool], last: Message | None = None) -> None:
        """Run `act` in the inbox's thread; while the database is down, keep what we hold."""
        pause = 0.2
        while True:
            try:
                told = await self._in_thread(act)
            except Exception as error:
                if not is_outage(error):
                    raise
                self._say_trouble(f"the database cannot be used: {in_words(error)}")
                if last is not None:
                    await last.hold()
                await rest(pause)
                pause = min(pause * 2, ACK_WAIT / 6)
                continue
            self.trouble = None
            if told:
                self._on_told()
            return

    async def _in_thread(self, act: Callable[[], Any]) -> Any:
        self._busy_since = time.monotonic()
        try:
            return await in_thread(act, executor=self._thread)
        finally:
            self._busy_since = None

    async def _check_anchor(self, pull: Pull, fact_id: str) -> None:
        """See that the stream still holds our last fact where we left it.

        After a restore, or after a broker lost its tail, other facts stand there: then we read
        from the start, and the claimed ids keep us from doing anything twice.
        """
        position = self.chunks.position
        deadline = time.monotonic() + ANCHOR
        while time.monotonic() < deadline:
            chunk = await pull.next_chunk(1, 0.5)
            if chunk:
                if chunk[0].seq == position and chunk[0].id == fact_id:
                    await chunk[0].acknowledge()
                    self.pending = chunk[0].pending
                    return
                break
        else:
            if not pull.is_at_end:
                raise PullLost("the broker does not give us our last fact in time")
        raise PositionLost(
            f"the stream does not hold our last fact ({fact_id}) at {position} any more; "
            "reading it from the start"
        )

    def _say_trouble(self, words: str) -> None:
        self.trouble = said_once("inbox waits", words, self.trouble, service=self._service)


def teller_of(subject: str) -> str:
    """Whose account a fact came through: `essaim.<programme>.<owner>.…`."""
    return subject.split(".")[2]


def _in_order(chunk: list[Message], position: int) -> list[Message]:
    """What of a chunk is new and in order: the broker gives again what took us too long."""
    fresh = []
    for message in chunk:
        if message.seq > position:
            fresh.append(message)
            position = message.seq
    return fresh
