"""A partner's clock is wrong: its facts are heard, and it is told whose clock that is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from backbone import Consortium, End, a_session_held, publish_raw, until
from essaim.broker.topology import OPERATOR
from essaim.cli.broker_findings import of_clocks
from essaim.hearing.message import Message
from essaim.hearing.router import FactRouter
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.operating.clocks import look_at_clocks, wrong_clocks
from essaim.work import Work
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.scheduling import SessionHeld
from nats.aio.client import Client

TAKEN = datetime(2020, 10, 5, 9, tzinfo=UTC)
DAYS = timedelta(days=3)


class Times(FactRouter):
    """Notes when it is told that each fact happened; fails on the first try where it shall."""

    def __init__(self) -> None:
        super().__init__("reporting")
        self.heard: list[datetime] = []
        self.fails = 0
        self.subscriber(SessionHeld)(self.note)

    def note(self, _: SessionHeld, work: Work) -> None:
        if self.fails:
            self.fails -= 1
            raise ValueError("not yet")
        assert work.cause
        self.heard.append(work.cause.time)


@pytest.fixture
async def listener(consortium: Consortium, database: Database) -> AsyncIterator[End]:
    end = End(consortium, "reporting", database, Times())
    await end.connect()
    end.start(end.inbox.run)
    yield end
    await end.halt()


@pytest.fixture
async def operator(consortium: Consortium) -> AsyncIterator[Client]:
    connection = await consortium.connect(OPERATOR)
    yield connection
    await connection.close()


async def says(connection: Client, time: datetime) -> None:
    fact = a_session_held()
    envelope = Envelope(str(new_id()), fact.type, "/premices/scheduling", str(fact.key), time, "x")
    headers = to_headers(envelope)
    await publish_raw(connection, envelope.nats_subject, headers, fact.model_dump_json().encode())


def heard_by(end: End) -> list[datetime]:
    assert isinstance(end.hearing, Times)
    return end.hearing.heard


async def test_what_is_told_from_the_future_happened_when_the_broker_took_it(
    listener: End, operator: Client
) -> None:
    now = datetime.now(UTC)
    times = [now + DAYS, now + timedelta(seconds=20), now - DAYS]

    for time in times:
        await says(operator, time)
    await until(lambda: len(heard_by(listener)) == 3)

    taken, *as_they_say = heard_by(listener)
    assert as_they_say == times[1:], "clocks differ a little, and a partner may have been cut off"
    assert now <= taken <= datetime.now(UTC)


async def test_so_it_is_where_a_handler_needs_a_second_try(listener: End, operator: Client) -> None:
    assert isinstance(listener.hearing, Times)
    listener.hearing.fails = 2  # with the others of its chunk, then alone
    await says(operator, datetime.now(UTC) + DAYS)

    await until(lambda: heard_by(listener))

    assert heard_by(listener)[0] <= datetime.now(UTC)


async def test_an_operator_is_told_whose_clock_is_ahead_until_it_is_right(
    operator: Client,
) -> None:
    assert await look_at_clocks(operator) == []
    now = datetime.now(UTC)
    await says(operator, now + DAYS)

    (wrong,) = await look_at_clocks(operator)
    finding = of_clocks([wrong])[0]
    assert (finding.what, finding.ok) == ("scheduling’s clock", False)
    assert finding.words.startswith("ahead: essaim.scheduling.session.held.v1 at ")
    assert finding.words.endswith(" says 72 h after the broker took it")

    await says(operator, now)
    assert await look_at_clocks(operator) == []
    assert of_clocks([])[0].ok


def a_message(seq: int, owner: str, time: datetime, id: str, cause: str | None = None) -> Message:
    type = f"essaim.{owner}.thing.done.v1"
    envelope = Envelope(id, type, f"/premices/{owner}", str(new_id()), time, "x", cause)
    taken = int(TAKEN.timestamp() * 1e9)
    return Message(seq, envelope.nats_subject, to_headers(envelope), b"{}", taken_ns=taken)


def test_a_clock_is_late_that_shows_an_effect_before_its_cause() -> None:
    hour = timedelta(hours=1)
    (cause, effect, other), minute = (str(new_id()) for _ in range(3)), timedelta(minutes=1)
    told = [
        a_message(1, "candidatures", TAKEN - hour, cause),
        a_message(2, "scheduling", TAKEN - 4 * hour, effect, cause),
    ]

    (late,) = wrong_clocks(told)
    assert (late.owner, late.ahead, late.seq) == ("scheduling", -3 * hour, 2)
    assert "says 3 h before the fact that it follows from" in late.words

    assert wrong_clocks([*told, a_message(3, "scheduling", TAKEN - minute, other, cause)]) == []


def test_whoever_follows_from_a_clock_that_is_ahead_is_not_blamed() -> None:
    cause, effect = str(new_id()), str(new_id())
    told = [
        a_message(1, "candidatures", TAKEN + DAYS, cause),
        a_message(2, "scheduling", TAKEN, effect, cause),
    ]
    assert [one.owner for one in wrong_clocks(told)] == ["candidatures"]
