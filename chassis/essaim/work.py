"""Work: the one transaction in which a request or a fact is loaded, decided, saved and told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope

from essaim.clock import PARIS, Clock
from essaim.ids import answer_id, new_id
from essaim.keeping.database import Database
from essaim.observing.tracing import Origin, current_origin
from essaim.people.directory import erase_person, save_person
from essaim.person import Person
from essaim.telling import outbox


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
        return answer_id(self.cause.id, fact.type, self._answers)

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
        outbox.save(db, work.told)
