"""The relay: brings told facts from the outbox to the stream, in order, and notes where they are.

Woken by the commit, with a look every two seconds as a net. Facts go as one atomic batch; a batch
the server refuses is sent again one by one, and a fact refused for good is parked with its reason
and holds back its own key only.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from essaim.broker.connection import Broker, trouble_of
from essaim.keeping.database import Database
from essaim.loops import PAUSE, cancel, rest, said_once, wait_for
from essaim.observing.measures import Measures
from essaim.telling.outbox import Pending, load_first, load_unpublished
from essaim.telling.parked import park
from essaim.telling.publisher import (
    BatchRefused,
    BrokerSilent,
    Publisher,
    PublishRefused,
    StreamUnavailable,
)
from essaim.telling.sent import NOTE, Sent
from essaim.telling.stream_watch import Fill, StreamWatch
from essaim.threads import in_thread

log = structlog.get_logger()

BATCH = 500
NET = 2.0
"""Seconds after which the outbox is read though nobody said that it holds something."""
LOOK = 5.0
"""Seconds after which it is seen again whether the stream holds what we told, and whether there is
something to do aside."""


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
        self._sent = Sent(database)
        self._runs = False
        self._offered: list[Pending] = []
        self._reached: int | None = None
        """The place in the outbox up to which all is sent or held back; None when unknown."""
        self._read_at = 0.0
        self._aside_at = 0.0
        self._looking: asyncio.Task[None] | None = None
        self.wake = asyncio.Event()
        self.trouble: str | None = None
        self.published = 0

    @property
    def fill(self) -> Fill | None:
        """How full the stream was when it was looked at last; None before."""
        return self._watch.fill

    async def run(self) -> None:
        """Relay until cancelled."""
        self._runs, self._offered = True, []
        try:
            while True:
                await self._turn()
        finally:
            self._runs, self._reached = False, None
            await self._sent.note_at_end()
            await cancel([one for one in (self._looking,) if one is not None])
            self._looking = None

    def offer(self, told: Sequence[Pending]) -> None:
        """Facts that are committed, in the event loop; none says that there may be some."""
        if self._runs:
            self._offered += told
        self.wake.set()

    async def _turn(self) -> None:
        self.wake.clear()
        try:
            did_some = await self._send_some()
            self.trouble = None
        except Exception as error:
            # Whatever the broker or the database threw, the facts are in the outbox: again.
            self.trouble = said_once(
                "relay waits", trouble_of(error), self.trouble, service=self._service
            )
            self._watch.doubt()
            self._reached = None
            if isinstance(error, BrokerSilent):
                self._share = min(self._share * 4, BATCH)
            await rest(PAUSE)
            return
        if not did_some:
            await wait_for(self.wake, NOTE if self._sent.positions else NET)

    async def _send_some(self) -> bool:
        """Publish what is told, batch after batch; returns whether there was anything."""
        if self._sent.is_due:
            await self._sent.note_meanwhile()
        rows = self._taken() or await self._load()
        if not rows:
            return await self._do_aside()
        if not self._broker.is_connected:
            raise StreamUnavailable("the broker is not connected; facts wait in the outbox")
        await self._look()
        self._reached = None
        while rows:
            last = rows[-1].position
            # The next batch is read while the server writes this one to its disk.
            ahead = asyncio.ensure_future(self._load_after(rows))
            try:
                await self._send(rows)
            finally:
                loaded = await asyncio.gather(ahead, return_exceptions=True)
            following = loaded[0] if isinstance(loaded[0], list) else []
            rows = [row for row in following if row.key not in self._held]
        self._reached = last
        return True

    def _taken(self) -> list[Pending]:
        """What was offered, where it is all there is to tell, as its places in the outbox prove.

        Facts are committed in the order of these, so nothing can stand between, or come there.
        """
        offered, self._offered, reached = self._offered, [], self._reached
        if reached is None or time.monotonic() - self._read_at > NET:
            return []
        rows = [row for row in offered if row.position > reached]
        places = [row.position for row in rows]
        is_all = places == list(range(reached + 1, reached + 1 + len(rows)))
        return rows if is_all and self._held.isdisjoint(row.key for row in rows) else []

    async def _load(self) -> list[Pending]:
        """What is told, of the keys that nothing holds back."""
        self._read_at = time.monotonic()
        # One that is freed while we send waits for the next round, with all that is behind it.
        self._held, rows = await in_thread(
            load_first, self._database, self._most, self._sent.positions
        )
        return rows

    async def _do_aside(self) -> bool:
        """What is left to do while there is nothing to tell."""
        if not self._broker.is_connected:
            return False
        await self._look()
        if self._aside is None or time.monotonic() < self._aside_at:
            return False
        did_some = await self._aside(self._publisher)
        self._aside_at = 0.0 if did_some else time.monotonic() + LOOK
        return did_some

    async def _look(self) -> None:
        """See that the stream is as we left it: first, where that is in doubt; else meanwhile.

        Raises:
            StreamUnavailable: it is not.
        """
        if self._watch.is_in_doubt:
            await self._watch.look()
        elif self._looking is None and self._watch.is_older_than(LOOK):
            self._looking = asyncio.ensure_future(self._watch.look())
        elif self._looking is not None and self._looking.done():
            looked, self._looking = self._looking, None
            await looked

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
                places = await self._publisher.publish_batch(rows)
        except BatchRefused as refusal:
            log.info("batch refused, sending one by one", reason=str(refusal), facts=len(rows))
            await self._send_singly(rows)
        else:
            await self._keep(places)

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
            await self._keep({row.position: seq})

    async def _keep(self, places: dict[int, int]) -> None:
        """Remember what is published, to be noted with what follows."""
        self._sent.add(places)
        self.published += len(places)
        self.trouble = None
        self._share = max(1, self._share // 2)
        if self._sent.is_due:
            # While the next batch is on its way.
            await self._sent.note_meanwhile()
