"""A read model is made again from the first fact, and is equal to the one that serves."""

import threading
from collections.abc import AsyncIterator, Iterator

import pytest
import sqlalchemy as sa
from backbone import Consortium, End, a_session_held, load_raw, publish_raw, until
from essaim.hearing.message import Message
from essaim.hearing.projection import Projection, Row
from essaim.hearing.pull import EXPIRES, Missed, Pull
from essaim.keeping.database import Database
from essaim.keeping.tables import position
from essaim.operating import rebuild as rebuilding
from essaim.operating.rebuild import RebuildFailed, Rebuilt, rebuild
from essaim.telling.outbox import load_unpublished
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope
from essaim_contracts.scheduling import SessionHeld
from waiting import PATIENCE

held_table = sa.Table(
    "held",
    sa.MetaData(),
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)


def project(fact: Fact, envelope: Envelope, seq: int) -> Iterator[Row]:
    if isinstance(fact, SessionHeld):
        body = {"kind": fact.kind}
        values = {"id": envelope.id, "seq": seq, "minutes": fact.minutes, "body": body}
        yield Row(held_table, values)


projection = Projection(project, (held_table,))


@pytest.fixture
async def model(consortium: Consortium, database: Database) -> AsyncIterator[End]:
    """Reporting with one table of sessions held."""
    with database.write() as db:
        held_table.create(db)
    end = End(consortium, "reporting", database, projection)
    await end.connect()
    end.start(end.inbox.run)
    yield end
    await end.halt()


def rows(end: End) -> list[tuple[int, int]]:
    query = sa.select(held_table.c.seq, held_table.c.minutes).order_by(held_table.c.seq)
    return [(row.seq, row.minutes) for row in end.rows(query)]


async def run_rebuild(end: End, *, swap: bool) -> Rebuilt:
    return await rebuild(end.database, end.broker, "reporting", projection, swap=swap)


async def test_a_rebuild_is_equal_to_what_was_projected_as_it_came(teller: End, model: End) -> None:
    teller.start(teller.relay.run)
    for minutes in range(30, 60):
        teller.tell(a_session_held(minutes=minutes))
    await until(lambda: len(rows(model)) == 30)
    result = await run_rebuild(model, swap=False)
    assert (result.facts, result.last_seq, result.equal) == (30, 30, True)


async def test_a_fact_that_stands_twice_in_the_stream_counts_once(teller: End, model: End) -> None:
    teller.tell(a_session_held(minutes=30))
    row = load_raw(teller)
    for _ in range(2):
        await publish_raw(teller.broker.connection, row.subject, row.headers, row.body)
    await until(lambda: model.inbox.counts.duplicates == 1)
    assert rows(model) == [(1, 30)]
    assert (await run_rebuild(model, swap=False)).equal


async def test_a_rebuild_reads_past_messages_of_nothing_at_all(teller: End, model: End) -> None:
    for minutes in (30, 40, 50):
        teller.tell(a_session_held(minutes=minutes))
    for row in load_unpublished(teller.database, 3):
        await publish_raw(teller.broker.connection, row.subject, None, b"")
        await publish_raw(teller.broker.connection, row.subject, row.headers, row.body)
    await until(lambda: len(rows(model)) == 3)
    result = await run_rebuild(model, swap=False)
    assert (result.facts, result.last_seq, result.equal) == (3, 6, True)


async def test_a_model_that_was_tampered_with_is_told_apart_and_mended_by_the_swap(
    teller: End, model: End
) -> None:
    teller.start(teller.relay.run)
    teller.tell(*(a_session_held(minutes=minutes) for minutes in (30, 40)))
    await until(lambda: len(rows(model)) == 2)
    with model.database.write() as db:
        db.execute(sa.update(held_table).where(held_table.c.seq == 1).values(minutes=31))
    found = await run_rebuild(model, swap=False)
    assert [(one.table, one.differing) for one in found.differences] == [("held", 2)]
    assert rows(model) == [(1, 31), (2, 40)], "comparing changes nothing"

    await run_rebuild(model, swap=True)
    assert rows(model) == [(1, 30), (2, 40)]
    assert (await run_rebuild(model, swap=False)).equal


async def test_facts_that_come_during_a_rebuild_are_in_it(teller: End, model: End) -> None:
    teller.start(teller.relay.run)
    teller.tell(*(a_session_held() for _ in range(400)))
    await until(lambda: len(rows(model)) == 400)

    def tell_more(done: int, total: int) -> None:
        if done == total == 400:
            teller.tell(*(a_session_held(minutes=90) for _ in range(50)))

    result = await rebuild(
        model.database, model.broker, "reporting", projection, swap=True, progress=tell_more
    )
    await until(lambda: len(rows(model)) == 450)
    assert result.equal
    assert (await run_rebuild(model, swap=False)).facts == 450


async def test_a_rebuild_swapped_in_while_the_stream_is_read_again_loses_nothing(
    teller: End, model: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inbox reads from the start again when the stream was restored under it."""
    teller.start(teller.relay.run)
    teller.tell(*(a_session_held() for _ in range(20)))
    await until(lambda: len(rows(model)) == 20)
    await model.halt()
    with model.database.write() as db:
        db.execute(sa.update(position).values(fact_id="another"))
    await model.connect()
    goes_on = threading.Event()
    handle = model.inbox.chunks.handle
    monkeypatch.setattr(
        model.inbox.chunks, "handle", lambda chunk: goes_on.wait(PATIENCE) and handle(chunk)
    )
    model.start(model.inbox.run)
    await until(lambda: model.rows(sa.select(position)) == [])
    await run_rebuild(model, swap=True)
    goes_on.set()
    await until(lambda: len(rows(model)) == 20)


async def test_a_stream_that_ends_before_the_served_model_is_not_waited_for(
    teller: End, model: End
) -> None:
    teller.start(teller.relay.run)
    teller.tell(a_session_held())
    await until(lambda: len(rows(model)) == 1)
    await model.halt()
    await model.connect()
    with model.database.write() as db:
        db.execute(sa.update(position).values(stream_seq=7))
    with pytest.raises(RebuildFailed, match="ends at 1, reporting was made up to 7"):
        await run_rebuild(model, swap=True)
    assert len(rows(model)) == 1


async def test_an_empty_stream_rebuilds_to_an_empty_model(model: End) -> None:
    assert await run_rebuild(model, swap=True) == Rebuilt(0, 0, ())


async def test_a_rebuild_that_missed_a_message_asks_for_it_again_once_old_requests_expired(
    teller: End, model: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller.start(teller.relay.run)
    for minutes in (30, 40, 50):
        teller.tell(a_session_held(minutes=minutes))
    await until(lambda: len(rows(model)) == 3)
    rests, missed = list[float](), ["a message"]

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    class Missing(Pull):
        async def start(self, seq: int | None = None) -> None:
            if not missed:
                await super().start(seq)

        async def next_chunk(self, most: int, patience: float) -> list[Message]:
            if missed:
                raise Missed(f"{missed.pop()} went elsewhere")
            return await super().next_chunk(1, patience)

    monkeypatch.setattr(rebuilding, "rest", rest)
    monkeypatch.setattr(rebuilding, "Pull", Missing)
    result = await run_rebuild(model, swap=False)

    assert (result.facts, result.equal, rests) == (3, True, [EXPIRES])
