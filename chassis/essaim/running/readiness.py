"""Whether a service is ready: what works and what does not, in words an operator understands."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from essaim.hearing.dead import count_dead
from essaim.hearing.retries import count_waiting
from essaim.keeping import lease
from essaim.keeping.database import Database, in_words
from essaim.people.sharing import count_unshared
from essaim.telling.outbox import Backlog, backlog

T = TypeVar("T")

STALE_OUTBOX = 30.0
"""Seconds after which a fact that is not in the stream yet is worth a word."""
LOOK = 3.0
"""Seconds the database has to say how it is."""


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
    oldest: float = 0.0
    """Seconds that the first unpublished fact has waited."""

    @property
    def ready(self) -> bool:
        return all(part.ok for part in self.parts)


@dataclass(frozen=True)
class Seen:
    """What a look at the database found; `holder` is who holds the lease."""

    behind: Backlog
    unshared: int
    waiting: int
    dead: int
    holder: str | None


def late_parts(seen: Seen) -> dict[str, str]:
    """What is not done though every part runs, by part."""
    late = {}
    if seen.behind.oldest >= STALE_OUTBOX:
        words = f"{seen.behind.waiting} facts to publish, {seen.behind.parked} parked"
        late["relay"] = f"{words}, the oldest {seen.behind.oldest:.0f} s ago"
    if seen.holder is None:
        late["lease"] = "nobody holds it, so nothing is sent or heard"
    return late


class DatabaseLook:
    """Looks at one service's database without waiting for it for long."""

    def __init__(self, database: Database, service: str) -> None:
        self._database = database
        self._service = service
        # Of their own: a database that is frozen holds whoever asks it, for as long as it is.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix=f"{service}-look")

    def look(self) -> Seen | str:
        """What the database holds, or in words why it does not say."""
        return self.ask(self._see)

    def ask(self, read: Callable[[sa.Connection], T]) -> T | str:
        """What `read` finds, or in words why the database does not say, `LOOK` seconds from now."""
        looking = self._threads.submit(self._read, read)
        try:
            return looking.result(LOOK)
        except sa.exc.SQLAlchemyError as error:
            return in_words(error)
        except TimeoutError:
            looking.cancel()
            return f"does not answer within {LOOK:g} s"

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _read(self, read: Callable[[sa.Connection], T]) -> T:
        with self._database.read() as db:
            return read(db)

    def _see(self, db: sa.Connection) -> Seen:
        return Seen(
            backlog(db),
            count_unshared(db),
            count_waiting(db),
            count_dead(db),
            lease.current_holder(db, self._service),
        )
