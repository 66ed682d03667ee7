"""The journals are the record: the stream is compared with them, and mended from them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from backbone import INSTALLED, Consortium, End, a_session_held, make_anew, until
from essaim.broker.topology import OPERATOR, declared
from essaim.ids import new_id
from essaim.keeping.tables import outbox
from essaim.operating.journal import read_journal, read_stream
from essaim.operating.own import verify_own
from essaim.operating.restore import restore, restore_own
from essaim.operating.verify import verify
from essaim.telling.outbox import backlog
from nats.aio.client import Client

SMALL = declared(INSTALLED, max_bytes=64 * 1024 * 1024)


@pytest.fixture
async def operator(consortium: Consortium) -> AsyncIterator[Client]:
    connection = await consortium.connect(OPERATOR)
    yield connection
    await connection.close()


def all_published(end: End) -> bool:
    with end.database.read() as db:
        return backlog(db).waiting == 0


async def test_facts_published_while_the_stream_is_compared_are_not_missing(
    teller: End, operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller.start(teller.relay.run)
    teller.tell(a_session_held())
    await until(lambda: all_published(teller))

    async def read_then_publish(connection: Client, after: int = 0) -> object:
        stream = await read_stream(connection, after)
        if not after:
            teller.tell(a_session_held())
            await until(lambda: all_published(teller))
        return stream

    monkeypatch.setattr("essaim.operating.verify.read_stream", read_then_publish)
    (found,) = await verify(operator, {"scheduling": teller.database})
    assert (found.sound, found.told, found.in_stream) == (True, 2, 2)
    assert await restore(operator, {"scheduling": teller.database}) == 0


async def test_two_comparisons_at_one_moment_do_not_disturb_each_other(
    teller: End, operator: Client
) -> None:
    teller.start(teller.relay.run)
    teller.tell(*(a_session_held() for _ in range(300)))
    await until(lambda: all_published(teller))
    journals = {"scheduling": teller.database}
    both = await asyncio.gather(*(verify(operator, journals) for _ in range(2)))
    assert [(one.sound, one.in_stream) for (one,) in both] == [(True, 300), (True, 300)]


async def test_what_is_altered_unknown_or_not_published_yet_is_told_apart(
    teller: End, operator: Client
) -> None:
    teller.start(teller.relay.run)
    teller.tell(*(a_session_held() for _ in range(3)))
    await until(lambda: all_published(teller))
    await teller.halt()
    teller.tell(a_session_held())
    with teller.database.write() as db:
        db.execute(sa.update(outbox).where(outbox.c.position == 1).values(body=b"{}"))
        db.execute(sa.delete(outbox).where(outbox.c.position == 2))
    (found,) = await verify(operator, {"scheduling": teller.database})
    assert (len(found.altered), len(found.unknown), found.unpublished) == (1, 1, 1)
    assert (found.in_stream, found.missing, found.sound) == (1, [], False)


async def test_a_restore_that_was_cut_short_is_finished_by_the_next_one(
    teller: End, operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal must not say that facts are beyond the end of a stream that holds them."""
    teller.start(teller.relay.run)
    teller.tell(*(a_session_held() for _ in range(5)))
    await until(lambda: all_published(teller))
    await operator.jetstream().purge_stream("ESSAIM")
    await operator.jetstream().delete_stream("ESSAIM")
    await make_anew(operator, SMALL)
    monkeypatch.setattr("essaim.operating.restore.note_places", lambda database, places: None)
    assert await restore(operator, {"scheduling": teller.database}) == 5
    monkeypatch.undo()
    with teller.database.write() as db:
        db.execute(sa.update(outbox).values(stream_seq=outbox.c.stream_seq + 100))
    assert await restore(operator, {"scheduling": teller.database}) == 0
    rows = teller.rows(sa.select(outbox.c.stream_seq).order_by(outbox.c.position))
    assert rows == [(1,), (2,), (3,), (4,), (5,)]
    teller.tell(a_session_held())
    await until(lambda: all_published(teller))


async def test_a_partner_restores_what_it_said_with_its_own_key_alone(
    teller: End, operator: Client
) -> None:
    teller.start(teller.relay.run)
    moved = new_id()
    teller.tell(*(a_session_held(moved) for _ in range(3)), a_session_held(), a_session_held())
    await until(lambda: all_published(teller))
    assert await restore_own(teller.broker, "scheduling", teller.database) == 0
    before = [one.identity for one in read_journal(teller.database)]
    own = await verify_own(teller.broker, "scheduling", teller.database)
    assert (own.sound, own.told, own.subjects, own.unpublished) == (True, 5, 3, 0)
    await operator.jetstream().delete_stream("ESSAIM")
    await make_anew(operator, SMALL)
    own = await verify_own(teller.broker, "scheduling", teller.database)
    assert (own.sound, own.missing) == (False, before)

    assert await restore_own(teller.broker, "scheduling", teller.database) == 5

    assert list(await read_stream(operator)) == before
    assert await restore_own(teller.broker, "scheduling", teller.database) == 0
    teller.tell(a_session_held(moved))
    await until(lambda: all_published(teller))
    (found,) = await verify(operator, {"scheduling": teller.database})
    assert (found.sound, found.in_stream) == (True, 6)


async def test_a_partner_sees_by_its_own_key_what_of_its_facts_is_altered_or_unknown(
    teller: End,
) -> None:
    teller.start(teller.relay.run)
    teller.tell(*(a_session_held() for _ in range(3)))
    await until(lambda: all_published(teller))
    with teller.database.write() as db:
        db.execute(sa.update(outbox).where(outbox.c.position == 1).values(body=b"{}"))
        db.execute(sa.update(outbox).where(outbox.c.position == 2).values(id=str(new_id())))
    found = await verify_own(teller.broker, "scheduling", teller.database)
    assert (len(found.altered), len(found.unknown)) == (1, 1)
    assert (found.told, found.missing, found.sound) == (3, [], False)
