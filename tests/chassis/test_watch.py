"""Who watches the stream is shown every fact that passes, whatever becomes of it there."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import ledger
import pytest
from backbone import Consortium, End, a_session_held, publish_raw, until
from essaim.broker.topology import OPERATOR
from essaim.hearing.message import Passing
from essaim.hearing.router import FactRouter
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.work import Work
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.scheduling import ProjectProgressed, SessionHeld


@dataclass
class Watcher:
    """The ledger's handler, and what a watcher beside it was shown."""

    facts: FactRouter = field(default_factory=lambda: FactRouter("reporting"))
    types: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.facts.subscriber(SessionHeld)(ledger.count_held_session)
        self.facts.watcher(self.note)

    def note(self, passing: Sequence[Passing], work: Work) -> None:
        self.types += [one.envelope.type for one in passing]
        self.places += [one.seq for one in passing]


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
async def end(consortium: Consortium, database: Database, watcher: Watcher) -> AsyncIterator[End]:
    """Reporting's place, which hears everything, with a watcher."""
    end = End(consortium, "reporting", database, watcher.facts)
    await end.connect()
    yield end
    await end.halt()


async def publish(consortium: Consortium, type: str, body: bytes = b"{}") -> None:
    envelope = Envelope(
        id=str(new_id()),
        type=type,
        source="/premices/scheduling",
        key=str(new_id()),
        time=datetime(2020, 5, 7, tzinfo=UTC),
        correlation_id="c",
    )
    connection = await consortium.connect(OPERATOR)
    await publish_raw(connection, envelope.nats_subject, to_headers(envelope), body)
    await connection.close()


async def test_types_that_nobody_here_knows_are_shown_and_what_cannot_be_read_is_not(
    end: End, teller: End, watcher: Watcher, consortium: Consortium
) -> None:
    assert watcher.facts.types is None, "its consumer brings all"
    await publish(consortium, "essaim.scheduling.session.dreamt.v1")
    await publish(consortium, SessionHeld.type)
    teller.tell(a_session_held())
    teller.start(teller.relay.run)
    end.start(end.inbox.run)

    await until(lambda: end.inbox.counts.handled == 1)

    assert watcher.types == ["essaim.scheduling.session.dreamt.v1", SessionHeld.type]
    assert watcher.places == [1, 3]


async def test_a_fact_that_fails_with_its_function_was_shown_all_the_same(
    end: End, teller: End, watcher: Watcher
) -> None:
    teller.tell(a_session_held(minutes=13))
    teller.start(teller.relay.run)
    end.start(end.inbox.run)

    await until(lambda: end.inbox.counts.failed == 1)

    assert watcher.types[-1] == SessionHeld.type


async def test_what_passed_before_there_was_a_watcher_is_shown_to_it(
    end: End, teller: End, watcher: Watcher
) -> None:
    """As after an upgrade; nothing is handled twice."""
    blind = FactRouter("reporting")
    blind.subscriber(SessionHeld)(ledger.count_held_session)
    older = replace(end, hearing=blind)
    await older.connect()
    teller.tell(a_session_held(), a_session_held())
    teller.start(teller.relay.run)
    older.start(older.inbox.run)
    await until(lambda: older.inbox.counts.handled == 2)
    await older.halt()

    end.start(end.inbox.run)
    teller.tell(a_session_held())
    await until(lambda: end.inbox.counts.handled == 1)

    assert watcher.places == [1, 2, 3]
    assert end.inbox.counts.duplicates == 2
    await end.halt()
    await end.connect()
    end.start(end.inbox.run)
    teller.tell(a_session_held())
    await until(lambda: len(watcher.places) == 4)
    assert watcher.places == [1, 2, 3, 4], "and once"


async def test_a_version_that_does_more_with_what_it_watched_begins_where_it_is(
    end: End, teller: End, watcher: Watcher, consortium: Consortium
) -> None:
    await publish(consortium, ProjectProgressed.type)
    teller.tell(a_session_held())
    teller.start(teller.relay.run)
    end.start(end.inbox.run)
    await until(lambda: end.inbox.counts.handled == 1)

    assert end.inbox.chunks.position == 2
    assert end.inbox.chunks.load_position() is not None
    assert end.inbox.chunks.position == 2
