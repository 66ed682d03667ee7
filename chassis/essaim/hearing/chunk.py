"""A chunk of the stream in one transaction: claim, handle, save effects and told facts, move on.

Everything here is synchronous and needs no broker.
"""

from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter
from typing import Any

import sqlalchemy as sa
import structlog
from essaim_contracts.envelope import Envelope

from essaim.clock import Clock
from essaim.hearing import dead, passed_over, retries
from essaim.hearing.message import (
    Heard,
    Message,
    Passing,
    Unreadable,
    read_envelope,
    read_fact,
)
from essaim.hearing.position import (
    behind_watch,
    check_position,
    forget_position,
    go_back,
    load_position,
    move_position,
    move_watch,
)
from essaim.hearing.router import Hearing
from essaim.keeping.database import Database, insert, insert_of, is_outage
from essaim.keeping.tables import inbox as table
from essaim.keeping.tables import waiting
from essaim.observing.measures import Measures
from essaim.observing.tracing import Origin, Tracing, new_origin
from essaim.telling import outbox
from essaim.threads import contained
from essaim.work import Work

log = structlog.get_logger()


Said = Callable[[], Set[str] | None]
"""Which types of facts the partners' entries allow; None where nobody says."""


def unlimited() -> None:
    """Where nobody says who may say what."""


@dataclass
class Counts:
    """What was done with messages, in one transaction or since the start."""

    handled: int = 0
    duplicates: int = 0
    skipped: int = 0
    failed: int = 0

    def add(self, other: "Counts") -> None:
        self.handled += other.handled
        self.duplicates += other.duplicates
        self.skipped += other.skipped
        self.failed += other.failed


@dataclass
class Chunk:
    """Messages that came together, read: facts for this service, what is not readable, the rest."""

    last: Message
    facts: list[tuple[Message, Heard]] = field(default_factory=list)
    passing: list[Passing] = field(default_factory=list)
    unreadable: list[tuple[Message, Unreadable]] = field(default_factory=list)
    skipped: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)
    """The first place of each type that we do nothing with."""


class ChunkHandler:
    """Handles the chunks of one service. `position` is where its database is in the stream."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        service: str,
        hearing: Hearing,
        tracing: Tracing | None = None,
        measures: Measures | None = None,
        said: Said = unlimited,
    ) -> None:
        self._database = database
        self._measures = measures or Measures(service)
        self._said = said
        self._tracing = tracing or Tracing()
        self._clock = clock
        self._service = service
        self._hearing = hearing
        self.position = 0
        self.counts = Counts()
        self.something_waits = True
        """Whether facts may wait to be tried again, as far as we saw."""

    def load_position(self) -> str | None:
        """Learn how far we are; returns the id of the last fact handled, None where none is.

        Where an older version passed over what we know, or what we watch, we go back to there.
        """
        knows = self._hearing.knows
        with self._database.read() as db:
            self.position, fact_id = load_position(db, self._service)
            missed = [passed_over.first_known(db, knows)]
            if self._hearing.watch is not None:
                missed.append(behind_watch(db, self._service))
        first = min((seq for seq in missed if seq is not None), default=None)
        if first is None:
            return fact_id
        log.info("facts that were passed over are read again", service=self._service, seq=first)
        with self._database.write() as db:
            go_back(db, self._service, first - 1)
            passed_over.forget_known(db, knows)
            self.position, fact_id = load_position(db, self._service)
        return fact_id

    def forget_position(self) -> None:
        """The stream is read from its start again."""
        with self._database.write() as db:
            forget_position(db, self._service)
            if self._hearing.repeatable:
                # A rebuild swapped in meanwhile has the facts up to our new position only: we must
                # project those after it, though we claimed them before.
                db.execute(sa.delete(table))

    def handle(self, messages: list[Message]) -> bool:
        """One transaction for all; if a function fails, another with a savepoint around each fact.

        Returns whether facts were told.

        Raises:
            Overtaken: another instance handled facts meanwhile.
            sqlalchemy.exc.SQLAlchemyError: the database is out; nothing happened.
        """
        chunk = self._read(messages)
        with self._measures.chunk(len(messages)):
            told = self._save(chunk)
        self.position = chunk.last.seq
        return told

    def _save(self, chunk: Chunk) -> bool:
        try:
            return self._commit(lambda transaction: transaction.handle_together(chunk))
        except Exception as error:
            if is_outage(error):
                raise
            log.info(
                "chunk isolated", service=self._service, facts=len(chunk.facts), error=repr(error)
            )
            return self._commit(lambda transaction: transaction.handle_apart(chunk))

    def retry_due(self) -> bool:
        """Try the failed facts whose time has come, and what waits behind them.

        Returns whether facts were told.
        """
        with self._database.read() as db:
            self.something_waits, is_due = retries.outlook(db)
        if not is_due:
            return False
        return self._commit(lambda transaction: transaction.retry_due())

    def _commit(self, act: "Callable[[_Transaction], None]") -> bool:
        """Run `act` in one transaction, and count what it did once that is sure."""
        with self._database.write() as db:
            transaction = _Transaction(
                db,
                self._clock,
                self._service,
                self._hearing,
                self._tracing,
                self._measures,
                self.position,
                self._said(),
            )
            act(transaction)
            outbox.save(db, transaction.told)
        self.counts.add(transaction.counts)
        self.something_waits |= transaction.something_waits or transaction.counts.failed > 0
        return bool(transaction.told)

    def _read(self, messages: list[Message]) -> Chunk:
        chunk, said = Chunk(messages[-1]), self._said()
        for message in messages:
            try:
                heard = read_fact(message, said)
            except Unreadable as unreadable:
                chunk.unreadable.append((message, unreadable))
                continue
            if self._hearing.watch is not None and (heard or _may_be_said(message, said)):
                chunk.passing.append(_passing(message, heard))
            if heard is not None and self._hearing.knows(heard.envelope.type):
                chunk.facts.append((message, heard))
            else:
                chunk.skipped += 1
                # What is watched has been brought for that: a version that one day does more with
                # it begins there, and not years before.
                if heard is None or self._hearing.watch is None:
                    chunk.passed_over.setdefault(message.type, message.seq)
        return chunk


@dataclass
class _Transaction:
    """The transaction under way: what it told, and what it will count."""

    db: sa.Connection
    clock: Clock
    service: str
    hearing: Hearing
    tracing: Tracing
    measures: Measures
    position: int
    said: Set[str] | None
    told: list[outbox.Outgoing] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    something_waits: bool = False
    """Whether there were failed facts when the last ones were claimed."""
    worked: set[int] = field(default_factory=set)
    """Places of the facts that were given a Work."""

    def handle_together(self, chunk: Chunk) -> None:
        new, blocked, free = self._claim(chunk), self._blocked(), []
        for message, heard in new:
            if blocked and message.queue in blocked:
                retries.wait_behind(self.db, message)
            else:
                free.append(heard)
        contained(self.hearing.handle, free, self._work_for)
        self._note_those_without_work(free)
        self.counts.handled += len(free)

    def handle_apart(self, chunk: Chunk) -> None:
        new, blocked, failures = self._claim(chunk), self._blocked(), []
        for message, heard in new:
            if blocked and message.queue in blocked:
                retries.wait_behind(self.db, message)
                continue
            failure = self._try(heard)
            if failure is not None:
                failures.append((heard.envelope, failure))
                retries.retry_later(self.db, message, attempts=1, reason=failure)
                blocked.add(message.queue)
        self.counts.failed += len(failures)
        self._say_failed(failures)

    def retry_due(self) -> None:
        check_position(self.db, self.service, self.position)
        retries.retry_due(self.db, self._retry)

    def _claim(self, chunk: Chunk) -> list[tuple[Message, Heard]]:
        """Bury what cannot be read, drop what is known; returns the new facts, in order."""
        # First, so that of two instances that both believe to be active one waits, then gives way.
        move_position(self.db, self.service, self.position, chunk.last)
        if self.hearing.watch is not None:
            move_watch(self.db, self.service, chunk.last)
            self._show(chunk.passing)
        for message, unreadable in chunk.unreadable:
            if not dead.is_known(self.db, message):
                dead.bury(self.db, message, attempts=1, reason=str(unreadable))
                self.counts.failed += 1
        self.counts.skipped += chunk.skipped
        if chunk.passed_over:
            passed_over.note(self.db, chunk.passed_over)
        if not chunk.facts:
            return []
        found = {message.identity: (message, heard) for message, heard in reversed(chunk.facts)}
        rows = [{"identity": one, "stream_seq": message.seq} for one, (message, _) in found.items()]
        claim = _claiming(self.db.dialect.name)
        claimed = {row.identity: row.something_waits for row in self.db.execute(claim, rows)}
        self.something_waits = any(claimed.values())
        self.counts.duplicates += len(chunk.facts) - len(claimed)
        return sorted((found[one] for one in claimed), key=lambda pair: pair[0].seq)

    def _show(self, passing: list[Passing]) -> None:
        if self.hearing.watch is not None and passing:
            work = Work(self.db, self.clock.now(), told=self.told)
            contained(self.hearing.watch, passing, work)

    def _blocked(self) -> set[str]:
        """The queues in which a fact failed, for those that were claimed."""
        if not self.something_waits:
            return set()
        return set(self.db.scalars(sa.select(waiting.c.queue).distinct()))

    def _say_failed(self, failures: list[tuple[Envelope, str]]) -> None:
        """One line for all: when a table is missing, every fact of the stream fails."""
        for envelope, reason in failures[:1]:
            log.warning(
                "facts failed",
                service=self.service,
                facts=len(failures),
                id=envelope.id,
                correlation_id=envelope.correlation_id,
                reason=reason,
            )

    def _retry(self, message: Message) -> str | None:
        """Handle one fact again; returns why it failed, or None."""
        try:
            heard = read_fact(message, self.said)
            if self.hearing.watch is not None and (heard or _may_be_said(message, self.said)):
                # Of one that could not be read when it came this is the first.
                self._show([_passing(message, heard)])
        except Unreadable as error:
            return str(error)
        if heard is None or not self.hearing.knows(heard.envelope.type):
            passed_over.note(self.db, {message.type: message.seq})
            return None
        # It is claimed already, unless it could not be read when it came.
        claim = insert(self.db, table).values(identity=message.identity, stream_seq=message.seq)
        self.db.execute(claim.on_conflict_do_nothing())
        return self._try(heard)

    def _try(self, heard: Heard) -> str | None:
        """Handle one fact in a savepoint; returns why it failed, or None."""
        mark = len(self.told)
        try:
            with self.db.begin_nested():
                contained(self.hearing.handle, [heard], self._work_for)
        except Exception as error:
            if is_outage(error):
                raise
            del self.told[mark:]
            return _reason(error)
        self.counts.handled += 1
        return None

    @contextmanager
    def _work_for(self, heard: Heard) -> Iterator[Work]:
        envelope = heard.envelope
        self.worked.add(heard.seq)
        begun = perf_counter()
        name, follows = f"hear {envelope.type}", _origin_of(envelope)
        with self.tracing.span(name, follows, fact=envelope.id) as origin:
            yield Work(self.db, self.clock.now(), cause=envelope, origin=origin, told=self.told)
        if not self.hearing.repeatable:
            # A read model is given one Work for a whole chunk.
            self.measures.handled(envelope.type, perf_counter() - begun)

    def _note_those_without_work(self, handled: list[Heard]) -> None:
        """A read model writes many facts at once: each stands in its trace all the same."""
        if self.tracing.provider is None:
            return
        for heard in handled:
            envelope = heard.envelope
            if heard.seq not in self.worked:
                self.tracing.note(f"hear {envelope.type}", _origin_of(envelope), fact=envelope.id)


@cache
def _claiming(dialect: str) -> Any:
    """Claims what nobody has, and says for each whether something waits to be tried again."""
    something_waits = sa.exists(sa.select(waiting.c.number)).label("something_waits")
    claim = insert_of(dialect, table).on_conflict_do_nothing()
    return claim.returning(table.c.identity, something_waits)


def _may_be_said(message: Message, said: Set[str] | None) -> bool:
    """Whether a type that this version does not know is its publisher's to say."""
    return said is None or message.type in said


def _passing(message: Message, heard: Heard | None) -> Passing:
    return Passing(heard.envelope if heard else read_envelope(message)[0], message.seq)


def _origin_of(envelope: Envelope) -> Origin:
    """What the fact follows from; whoever said it may have no traces."""
    if envelope.traceparent is None:
        return new_origin(envelope.correlation_id)
    return Origin(envelope.correlation_id, envelope.traceparent)


def _reason(error: Exception) -> str:
    """Why a function failed, without the values its statement had: they may be about people."""
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        first, *_ = str(error.orig).splitlines() or [""]
        return f"{type(error).__name__}: {first}"
    return f"{type(error).__name__}: {error}"
