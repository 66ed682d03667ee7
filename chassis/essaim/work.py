"""Work: the one transaction in which a request or a fact is loaded, decided, saved and told."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
import structlog
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope

from essaim.clock import PARIS, Clock
from essaim.ids import answer_id, new_id
from essaim.keeping.database import Database, is_outage
from essaim.loops import words_of
from essaim.observing.tracing import Origin, current_origin
from essaim.people.directory import erase_person, save_person
from essaim.person import Person
from essaim.telling import outbox

log = structlog.get_logger()

T = TypeVar("T")


@dataclass
class Work:
    """What a decision's caller needs: the transaction, the time, who asked, and why.

    `cause` is the envelope of the fact being handled, None for a request; `origin` what is shared
    by all that follows from one act.
    """

    db: sa.Connection
    now: datetime
    actor: UUID | None = None
    cause: Envelope | None = None
    origin: Origin = field(default_factory=current_origin)
    told: list[outbox.Outgoing] = field(default_factory=list)
    saved: list[outbox.Pending] = field(default_factory=list)
    """What of it the relay need not read again, once this is committed."""
    left_out: list[str] = field(default_factory=list)
    """What could not be done for one of many, in words that name nobody."""
    _answers: int = field(default=0, init=False)

    @property
    def today(self) -> date:
        """The day it is in Paris."""
        return self.now.astimezone(PARIS).date()

    def tell(self, fact: Fact, *, programme: str | None = None) -> None:
        """Say a fact: it leaves with this transaction, or not at all.

        `programme` is the slug of the programme it belongs to, `network` for none; by default
        that of the fact being handled.

        Raises:
            ValueError: there is no programme to say it in.
        """
        programme = programme or (self.cause.programme if self.cause else None)
        if programme is None:
            raise ValueError(f"{fact.type}: name the programme, a request has none of its own.")
        envelope = Envelope(
            id=str(self._id_of(fact)),
            type=fact.type,
            source=f"/{programme}/{fact.owner}",
            key=str(fact.key),
            time=self.now,
            correlation_id=self.origin.correlation_id,
            causation_id=self.cause.id if self.cause else None,
            actor=str(self.actor) if self.actor else None,
            traceparent=self.origin.traceparent,
        )
        self.told.append(outbox.Outgoing(envelope, fact.model_dump_json().encode()))

    def _id_of(self, fact: Fact) -> UUID:
        if self.cause is None:
            return new_id()
        self._answers += 1
        return answer_id(self.cause.identity, fact.type, self._answers)

    def each_alone(self, what: str, many: Iterable[T], act: Callable[[T], None]) -> None:
        """Do the same for many, each in a savepoint: one that fails is left out, the others go on.

        A timer that left something out says so in readiness, and tries again at its next beat.
        """
        failures = [failure for one in many if (failure := self._alone(act, one))]
        if failures:
            self.left_out.append(f"{len(failures)} {what} left out: {failures[0]}")

    def _alone(self, act: Callable[[T], None], one: T) -> str | None:
        mark = len(self.told)
        try:
            with self.db.begin_nested():
                act(one)
        except Exception as error:
            if is_outage(error):
                raise
            del self.told[mark:]
            log.warning("one of many was left out", reason=words_of(error), exc_info=error)
            return words_of(error)
        return None

    def share(self, person: Person) -> None:
        """Save a person and share her with the partners through the directory."""
        save_person(self.db, person, share=True)

    def forget(self, person_id: UUID) -> None:
        """Erase a person from the directory: here at once, in the bucket as soon as it can be."""
        erase_person(self.db, person_id, self.now, share=True)


@contextmanager
def open_work(
    database: Database, clock: Clock, *, actor: UUID | None = None, origin: Origin | None = None
) -> Iterator[Work]:
    """A Work for a request: committed with its facts at the end, or nothing of it happened.

    `origin` is by default that of the block we are in.
    """
    with database.write() as db:
        work = Work(db, clock.now(), actor=actor, origin=origin or current_origin())
        yield work
        work.saved = outbox.save(db, work.told)
