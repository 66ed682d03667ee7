"""The inbox: handles each fact once, in order, with its effects, in one transaction per chunk.

    pull a chunk -> one transaction: claim ids, run handlers, write effects, outgoing facts and
    our position -> commit -> acknowledge once.

Our position in the stream is in the database, in the same transaction as the effects; the
broker's consumer is set to it at every start. So a crash loses nothing, does nothing twice and
keeps order, and a database restored from a backup reads again what it lacks.
"""

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog

from essaim import dead, outbox, retries
from essaim.broker import Broker, trouble_of
from essaim.clock import Clock
from essaim.database import Database, in_words, insert, is_outage
from essaim.handling import Heard, Hearing
from essaim.position import (
    Overtaken,
    PositionLost,
    check_position,
    forget_position,
    load_position,
    move_position,
)
from essaim.pull import Arrival, Pull, PullLost
from essaim.reading import Unreadable, read_fact
from essaim.tables import inbox as table
from essaim.tables import waiting
from essaim.threads import contained, in_thread
from essaim.topology import FACTS, HEARS, Step, declared, differences
from essaim.work import Work

log = structlog.get_logger()

CHUNK = 512
ACK_WAIT = 30.0
ANCHOR = 5.0
"""Seconds the broker has to give us our last fact again."""
LONG = 8.0
"""Seconds after which a handler that has not come back is worth a word."""


class NotAsDeclared(Exception):
    """The consumer is missing or differs; the operator mends it."""

    def __init__(self, steps: list[Step]) -> None:
        what = "; ".join(f"{step.what}: {step.change}" for step in steps)
        super().__init__(
            f"The broker differs from the declared topology ({what}). "
            "The operator runs `essaim topology plan`, then `essaim topology apply`."
        )


@dataclass
class Counts:
    """What an inbox did, in one transaction or since it started."""

    handled: int = 0
    duplicates: int = 0
    skipped: int = 0
    failed: int = 0

    def add(self, other: "Counts") -> None:
        self.handled += other.handled
        self.duplicates += other.duplicates
        self.skipped += other.skipped
        self.failed += other.failed


@dataclass(frozen=True)
class _Read:
    """A letter, and the fact in it, or why there is none."""

    letter: dead.Letter
    heard: Heard | None
    unreadable: str | None = None


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
    ) -> None:
        self._database = database
        self._broker = broker
        self._clock = clock
        self._service = service
        self._hearing = hearing
        self._on_told = on_told
        self._position = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"{service}-inbox")
        self._busy_since: float | None = None
        self.counts = Counts()
        self._tally = Counts()  # of the transaction under way
        self.pending = 0
        """Facts in the stream that we have not handled, as the broker last said."""
        self.trouble: str | None = "starting"

    async def run(self) -> None:
        """Follow the stream until cancelled, binding again after every loss."""
        while True:
            try:
                await self._follow()
            except (PullLost, NotAsDeclared, PositionLost, Overtaken) as error:
                self._say_trouble(str(error))
            except Exception as error:
                # Whatever the connection or the database threw: nothing is lost, we bind again.
                self._say_trouble(trouble_of(error))
            await asyncio.sleep(0.5)

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
        answer = await self._broker.connection.request(
            f"$JS.API.CONSUMER.INFO.{FACTS}.{self._service}", b"", timeout=1.5
        )
        found = json.loads(answer.data)
        self.pending = int(found.get("num_pending", 0)) + int(found.get("num_ack_pending", 0))
        return self.pending

    async def _follow(self) -> None:
        if not self._broker.is_connected:
            raise PullLost("the broker is not connected")
        await check_consumer(self._broker, self._service)
        anchor = await self._in_thread(self._load_position)
        self._position = anchor[0] if anchor else 0
        await self._set_consumer(max(1, self._position))
        pull = Pull(self._broker.connection, FACTS, self._service)
        await pull.start()
        try:
            if anchor:
                await self._check_anchor(pull, anchor[1])
            self.trouble = None
            await self._consume(pull)
        except PositionLost:
            await self._in_thread(self._forget_position)
            raise
        finally:
            with suppress(Exception):
                await pull.stop()

    async def _consume(self, pull: Pull) -> None:
        connection = self._broker.reconnects
        next_look = 0.0
        while self._broker.is_connected and self._broker.reconnects == connection:
            chunk = await pull.next_chunk(CHUNK, 0.5)
            if chunk:
                await self._take(chunk)
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + 0.5
                await self._hold_on(self._retry_due)
        raise PullLost("the connection to the broker was lost")

    async def _take(self, chunk: list[Arrival]) -> None:
        fresh = _in_order(chunk, self._position)
        last = chunk[-1]
        if fresh:
            await self._hold_on(lambda: self._process(fresh), last)
            self._position = fresh[-1].seq
        await last.message.ack()
        self.pending = last.pending

    async def _hold_on(self, act: Callable[[], bool], last: Arrival | None = None) -> None:
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
                    await last.message.in_progress()
                await asyncio.sleep(pause)
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

    def _process(self, chunk: list[Arrival]) -> bool:
        """One transaction for the chunk; if a handler raises, again with a savepoint each."""
        reads = [self._read(arrival) for arrival in chunk]
        try:
            return self._commit(lambda db: self._apply(db, reads, self._handle_together))
        except Exception as error:
            if is_outage(error):
                raise
            log.info("chunk isolated", service=self._service, facts=len(reads), error=repr(error))
        return self._commit(lambda db: self._apply(db, reads, self._handle_apart))

    def _commit(self, act: Callable[[sa.Connection], bool]) -> bool:
        """Run `act` in one transaction, and count what it did once that is sure."""
        self._tally = Counts()
        with self._database.write() as db:
            told = act(db)
        self.counts.add(self._tally)
        return told

    def _apply(
        self,
        db: sa.Connection,
        reads: list[_Read],
        handle: Callable[[sa.Connection, list[_Read]], list[outbox.Outgoing]],
    ) -> bool:
        # First, so that of two instances that both believe to be active one waits, then gives way.
        move_position(db, self._service, self._position, reads[-1].letter)
        new = self._claim(db, reads)
        told = handle(db, new)
        outbox.save(db, told)
        return bool(told)

    def _claim(self, db: sa.Connection, reads: list[_Read]) -> list[_Read]:
        """Bury what cannot be read, drop what is known; returns the new facts to handle."""
        for read in reads:
            if read.unreadable is not None and not dead.is_known(db, read.letter):
                dead.bury(db, read.letter, attempts=1, reason=read.unreadable)
                self._tally.failed += 1
            elif read.heard is None and read.unreadable is None:
                self._tally.skipped += 1
        readable = {read.letter.id: read for read in reversed(reads) if read.heard is not None}
        if not readable:
            return []
        statement = insert(db, table).on_conflict_do_nothing().returning(table.c.id)
        rows = [{"id": id, "stream_seq": read.letter.seq} for id, read in readable.items()]
        claimed = {row.id for row in db.execute(statement, rows)}
        new = sorted((readable[id] for id in claimed), key=lambda read: read.letter.seq)
        self._tally.duplicates += sum(read.heard is not None for read in reads) - len(new)
        return new

    def _handle_together(self, db: sa.Connection, new: list[_Read]) -> list[outbox.Outgoing]:
        blocked = _blocked_keys(db)
        for read in new:
            if read.letter.key in blocked:
                retries.park_behind(db, read.letter)
        told: list[outbox.Outgoing] = []
        free = [read.heard for read in new if read.heard and read.letter.key not in blocked]
        contained(self._hearing.handle, free, self._work_for(db, told))
        self._tally.handled += len(free)
        return told

    def _handle_apart(self, db: sa.Connection, new: list[_Read]) -> list[outbox.Outgoing]:
        blocked = _blocked_keys(db)
        told: list[outbox.Outgoing] = []
        failures: list[tuple[str, str]] = []
        for read in new:
            if read.letter.key in blocked:
                retries.park_behind(db, read.letter)
                continue
            failure = self._try(db, read.heard, told) if read.heard else None
            if failure is None:
                self._tally.handled += 1
                continue
            failures.append((read.letter.id, failure))
            retries.park_failed(db, read.letter, attempts=1, reason=failure)
            blocked.add(read.letter.key)
        if failures:
            # One line for all: when a table is missing, every fact of the stream fails.
            self._tally.failed += len(failures)
            id, reason = failures[0]
            log.warning(
                "facts failed", service=self._service, facts=len(failures), id=id, reason=reason
            )
        return told

    def _try(self, db: sa.Connection, heard: Heard, told: list[outbox.Outgoing]) -> str | None:
        """Handle one fact in a savepoint; returns why it failed, or None."""
        mark = len(told)
        try:
            with db.begin_nested():
                contained(self._hearing.handle, [heard], self._work_for(db, told))
        except Exception as error:
            if is_outage(error):
                raise
            del told[mark:]
            return _reason(error)
        return None

    def _retry_due(self) -> bool:
        """Try the failed facts whose time has come, and what waits behind them."""
        with self._database.read() as db:
            if not retries.anything_due(db):
                return False
        return self._commit(self._retry_all)

    def _retry_all(self, db: sa.Connection) -> bool:
        check_position(db, self._service, self._position)
        told: list[outbox.Outgoing] = []
        retries.retry_due(db, lambda letter: self._retry(db, letter, told))
        outbox.save(db, told)
        return bool(told)

    def _retry(
        self, db: sa.Connection, letter: dead.Letter, told: list[outbox.Outgoing]
    ) -> str | None:
        try:
            heard = read_fact(letter)
        except Unreadable as error:
            return str(error)
        if heard is None or not self._hearing.knows(heard.envelope.type):
            return None
        # It is claimed already, unless it could not be read when it came.
        claim = insert(db, table).values(id=letter.id, stream_seq=letter.seq)
        db.execute(claim.on_conflict_do_nothing())
        failure = self._try(db, heard, told)
        if failure is None:
            self._tally.handled += 1
        return failure

    def _work_for(self, db: sa.Connection, told: list[outbox.Outgoing]) -> Callable[[Heard], Work]:
        def work_for(heard: Heard) -> Work:
            envelope = heard.envelope
            return Work(
                db,
                self._clock.now(),
                cause=envelope,
                correlation_id=envelope.correlation_id,
                traceparent=envelope.traceparent,
                told=told,
            )

        return work_for

    def _read(self, arrival: Arrival) -> _Read:
        message = arrival.message
        letter = dead.letter_of(arrival.seq, message.subject, message.headers, message.data)
        try:
            heard = read_fact(letter)
        except Unreadable as error:
            return _Read(letter, None, str(error))
        known = heard is not None and self._hearing.knows(heard.envelope.type)
        return _Read(letter, heard if known else None)

    def _load_position(self) -> tuple[int, str] | None:
        with self._database.read() as db:
            return load_position(db, self._service)

    def _forget_position(self) -> None:
        with self._database.write() as db:
            forget_position(db, self._service)
            if self._hearing.repeatable:
                # A rebuild swapped in meanwhile has the facts up to our new position only: we must
                # project those after it, though we claimed them before.
                db.execute(sa.delete(table))

    async def _check_anchor(self, pull: Pull, fact_id: str) -> None:
        """See that the stream still holds our last fact where we left it.

        After a restore, or after a broker lost its tail, other facts stand there: then we read
        from the start, and the claimed ids keep us from doing anything twice.
        """
        deadline = time.monotonic() + ANCHOR
        while time.monotonic() < deadline:
            chunk = await pull.next_chunk(1, 0.5)
            if chunk:
                found = self._read(chunk[0]).letter
                if found.seq == self._position and found.id == fact_id:
                    await chunk[0].message.ack()
                    self.pending = chunk[0].pending
                    return
                break
        else:
            if not pull.is_at_end:
                raise PullLost("the broker does not give us our last fact in time")
        raise PositionLost(
            f"the stream does not hold our last fact ({fact_id}) at {self._position} any more; "
            "reading it from the start"
        )

    async def _set_consumer(self, seq: int) -> None:
        answer = await self._broker.connection.request(
            f"$JS.API.CONSUMER.RESET.{FACTS}.{self._service}",
            json.dumps({"seq": seq}).encode(),
            timeout=5,
        )
        error = json.loads(answer.data).get("error")
        if error:
            raise PullLost(f"the consumer cannot be set to {seq}: {error.get('description')}")

    def _say_trouble(self, words: str) -> None:
        if self.trouble != words:
            log.warning("inbox waits", service=self._service, reason=words)
        self.trouble = words


def _reason(error: Exception) -> str:
    """Why a handler failed, without the values its statement had: they may be about people."""
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        first, *_ = str(error.orig).splitlines() or [""]
        return f"{type(error).__name__}: {first}"
    return f"{type(error).__name__}: {error}"


async def check_consumer(broker: Broker, service: str) -> None:
    """See that our consumer is as declared.

    Raises:
        NotAsDeclared: it is missing or differs, with what differs.
    """
    answer = await broker.connection.request(
        f"$JS.API.CONSUMER.INFO.{FACTS}.{service}", b"", timeout=5
    )
    found = json.loads(answer.data)
    if "error" in found:
        raise NotAsDeclared([Step(f"consumer {service}", found["error"]["description"])])
    if service in HEARS:
        differing = differences(declared().consumers[service], found["config"])
        if differing:
            raise NotAsDeclared([Step(f"consumer {service}", differing)])


def _in_order(chunk: list[Arrival], position: int) -> list[Arrival]:
    """What of a chunk is new and in order: the broker gives again what took us too long."""
    fresh = []
    for arrival in chunk:
        if arrival.seq > position:
            fresh.append(arrival)
            position = arrival.seq
    return fresh


def _blocked_keys(db: sa.Connection) -> set[str]:
    return set(db.scalars(sa.select(waiting.c.key).distinct()))
