"""The relay: brings told facts from the outbox to the stream, in order, and notes where they are.

Woken by the commit, with a look every second as a net. Facts go as one atomic batch; a batch the
server refuses is sent again one by one, and a fact refused for good is parked with its reason and
holds back its own key only.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from essaim.broker.connection import Broker, trouble_of
from essaim.keeping.database import Database
from essaim.loops import PAUSE, rest, said_once, wait_for
from essaim.observing.measures import Measures
from essaim.telling.outbox import Pending, load_first, load_unpublished, mark_published
from essaim.telling.parked import park
from essaim.telling.publisher import (
    BatchRefused,
    BrokerSilent,
    Publisher,
    PublishRefused,
    StreamUnavailable,
)
from essaim.telling.stream_watch import Fill, StreamWatch
from essaim.threads import in_thread

log = structlog.get_logger()

BATCH = 500
FRESH = 1.0
"""Seconds after which what we saw of the stream is looked at again before we tell."""
LOOK = 5.0
"""Seconds after which it is looked at while we have nothing to tell."""


class Relay:
    """Runs while this instance holds the lease. `wake` is set by every commit that told facts.

    `may_speak` says, before each sending, whether the lease is ours still: a process that was
    stopped goes on where it was, with facts that another instance has told since. `aside` is done
    when there is nothing to tell; it says whether it did something.
    """

    def __init__(
        self,
        database: Database,
        broker: Broker,
        service: str,
        may_speak: Callable[[], bool] = lambda: True,
        aside: Callable[[Publisher], Awaitable[bool]] | None = None,
        measures: Measures | None = None,
    ) -> None:
        self._database = database
        self._broker = broker
        self._service = service
        self._publisher = Publisher(database, broker, may_speak)
        self._watch = StreamWatch(database, broker)
        self._aside = aside
        self._measures = measures or Measures(service)
        self._held: set[str] = set()
        self._share = 1
        """What part of a batch goes at once; a slow link cannot bring a whole one in time."""
        self._marking: asyncio.Task[None] | None = None
        self.wake = asyncio.Event()
        self.trouble: str | None = None
        self.published = 0

    @property
    def fill(self) -> Fill | None:
        """How full the stream was when it was looked at last; None before."""
        return self._watch.fill

    async def run(self) -> None:
        """Relay until cancelled."""
        while True:
            self.wake.clear()
            try:
                sent = await self._send_some()
                self.trouble = None
            except Exception as error:
                # Whatever the broker or the database threw, the facts are in the outbox: again.
                self.trouble = said_once(
                    "relay waits", trouble_of(error), self.trouble, service=self._service
                )
                self._watch.doubt()
                if isinstance(error, BrokerSilent):
                    self._share = min(self._share * 4, BATCH)
                await rest(PAUSE)
                continue
            if not sent:
                await wait_for(self.wake, 1.0)

    async def _send_some(self) -> bool:
        """Publish what is told, batch after batch; returns whether there was anything."""
        # One that is freed while we send waits for the next round, with all that is behind it.
        self._held, rows = await in_thread(load_first, self._database, self._most)
        if not rows:
            return await self._do_aside()
        if not self._broker.is_connected:
            raise StreamUnavailable("the broker is not connected; facts wait in the outbox")
        if self._watch.is_older_than(FRESH):
            await self._watch.look()
        try:
            while rows:
                # The next batch is read while the server writes this one to its disk.
                ahead = asyncio.ensure_future(self._load_after(rows))
                try:
                    await self._send(rows)
                finally:
                    loaded = await asyncio.gather(ahead, return_exceptions=True)
                following = loaded[0] if isinstance(loaded[0], list) else []
                rows = [row for row in following if row.key not in self._held]
        finally:
            await self._marked()
        return True

    async def _do_aside(self) -> bool:
        """What is left to do while there is nothing to tell."""
        if not self._broker.is_connected:
            return False
        if self._watch.is_older_than(LOOK):
            await self._watch.look()
        return self._aside is not None and await self._aside(self._publisher)

    @property
    def _most(self) -> int:
        return max(1, BATCH // self._share)

    async def _load_after(self, rows: list[Pending]) -> list[Pending]:
        if len(rows) < self._most:
            return []
        after = rows[-1].position
        return await in_thread(load_unpublished, self._database, self._most, after, self._held)

    async def _send(self, rows: list[Pending]) -> None:
        try:
            with self._measures.batch(len(rows)):
                seqs = await self._publisher.publish_batch(rows)
        except BatchRefused as refusal:
            log.info("batch refused, sending one by one", reason=str(refusal), facts=len(rows))
            await self._send_singly(rows)
        else:
            # Noted while the next batch is on its way.
            await self._marked()
            self._marking = asyncio.ensure_future(self._mark(seqs))

    async def _send_singly(self, rows: list[Pending]) -> None:
        for row in rows:
            if row.key in self._held:
                continue
            try:
                seq = await self._publisher.publish_fact(row)
            except PublishRefused as refusal:
                self._held.add(row.key)
                log.error("fact parked", id=row.id, subject=row.subject, reason=str(refusal))
                await in_thread(park, self._database, row.position, str(refusal))
                continue
            await self._mark({row.position: seq})

    async def _mark(self, seqs: dict[int, int]) -> None:
        await in_thread(mark_published, self._database, seqs)
        self.published += len(seqs)
        self._watch.seen()
        self.trouble = None
        self._share = max(1, self._share // 2)

    async def _marked(self) -> None:
        """Wait until it is noted which facts are published."""
        marking, self._marking = self._marking, None
        if marking is not None:
            await marking
