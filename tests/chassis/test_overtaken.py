"""An instance that was paused and believes to be active does nothing twice, and nothing late."""

import asyncio
import threading
from contextlib import suppress
from typing import Any

import ledger
import pytest
import sqlalchemy as sa
from backbone import End, a_session_held, until
from essaim.hearing import retries
from essaim.keeping.tables import position
from waiting import PATIENCE

# Brokers and programs are started and killed here: seconds, not in `make quick`.
pytestmark = pytest.mark.slow


@pytest.fixture
async def other(hearer: End) -> Any:
    """Another instance of the same service, on the same database."""
    other = End(hearer.consortium, hearer.service, hearer.database, hearer.hearing)
    await other.connect()
    yield other
    await other.halt()


def minutes(end: End) -> list[list[int]]:
    return [row.minutes for row in end.rows(sa.select(ledger.counted))]


def place(end: End) -> int:
    return int(end.rows(sa.select(position.c.stream_seq))[0].stream_seq)


@pytest.mark.slow
async def test_an_instance_paused_with_a_chunk_in_hand_gives_way_to_the_one_that_took_over(
    teller: End, hearer: End, other: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = a_session_held().session_id
    holds, goes_on = threading.Event(), threading.Event()
    handle = hearer.inbox.chunks.handle

    def pause(chunk: Any) -> bool:
        holds.set()
        goes_on.wait(PATIENCE)
        return handle(chunk)

    monkeypatch.setattr(hearer.inbox.chunks, "handle", pause)
    teller.start()
    teller.tell(*(a_session_held(session, minutes=n) for n in range(20, 25)))
    hearer.start(hearer.inbox.run)
    await until(holds.is_set)
    other.start(other.inbox.run)
    await until(lambda: minutes(other) == [list(range(20, 25))])
    teller.tell(*(a_session_held(session, minutes=n) for n in range(25, 40)))
    await until(lambda: minutes(other) == [list(range(20, 40))])
    assert place(other) == 20

    monkeypatch.undo()
    goes_on.set()
    await until(lambda: "another instance" in (hearer.inbox.trouble or ""))
    assert place(other) == 20, "a position that goes back would be taken for that of the effects"
    await hearer.halt()
    assert minutes(other) == [list(range(20, 40))]


async def test_two_instances_that_retry_one_fact_at_one_moment_handle_it_once(
    teller: End, hearer: End, other: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = a_session_held(minutes=13)
    teller.tell(failing)
    teller.start()
    hearer.start(hearer.inbox.run)
    await until(lambda: _waiting(hearer) == 1)
    await hearer.halt()
    both = threading.Barrier(2, timeout=1)
    apply = retries.retry_due

    def together(*args: Any) -> None:
        # It breaks where the other one waits for our transaction, as it should.
        with suppress(threading.BrokenBarrierError):
            both.wait()
        apply(*args)

    monkeypatch.setattr(retries, "retry_due", together)
    ledger.mended.append(True)
    await until(lambda: _due(hearer))
    for end in (hearer, other):
        end.inbox.chunks.position = place(end)
    await asyncio.gather(
        *(asyncio.to_thread(end.inbox.chunks.retry_due) for end in (hearer, other))
    )
    assert hearer.inbox.counts.handled + other.inbox.counts.handled == 1
    assert (minutes(hearer), _waiting(hearer)) == ([[13]], 0)


def _waiting(end: End) -> int:
    with end.database.read() as db:
        return retries.count_waiting(db)


def _due(end: End) -> bool:
    with end.database.read() as db:
        return retries.outlook(db).something_is_due
