"""Whatever a stranger's program puts in the stream, nobody else's facts wait for it."""

from typing import Any

import ledger
import pytest
import sqlalchemy as sa
from backbone import Consortium, End, a_session_held, load_raw, publish_raw, until
from essaim.broker.topology import MOST, OPERATOR
from essaim.hearing import dead
from essaim.hearing.message import Unreadable
from essaim.keeping.tables import position
from essaim.telling.outbox import load_unpublished

# Brokers and programs are started and killed here: seconds, not in `make quick`.
pytestmark = pytest.mark.slow

STRANGE_HEADERS = [
    {"ce-id": "x" * 300},
    {"ce-type": "x" * 300},
    {"ce-id": "a\x00b"},
    {"ce-type": "a\x00b"},
    {"ce-type": "essaim.a\ufffd"},
    {"ce-id": "?", "Nats-Expected-Stream": "ESSAIM"},
    {"ce-id": "?", "x": "x" * 60_000},
]


def letters(end: End) -> list[Any]:
    with end.database.read() as db:
        return dead.list_dead(db)


async def test_texts_no_database_can_hold_become_dead_letters_and_stop_nobody(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    held = a_session_held()
    teller.tell(held)
    good = load_raw(teller)
    connection = await consortium.connect(OPERATOR)
    for strange in STRANGE_HEADERS:
        await publish_raw(connection, good.subject, good.headers | strange, good.body)
    teller.start()
    hearer.start()
    await until(lambda: len(hearer.rows(sa.select(ledger.counted))) == 1)
    assert len(letters(hearer)) == len(STRANGE_HEADERS)
    await until(lambda: all(letter.shown_at for letter in letters(hearer)))
    info = await connection.jetstream().stream_info("ESSAIM_DEAD")
    assert info.state.messages == len(STRANGE_HEADERS)
    await connection.close()


async def test_messages_of_nothing_at_all_hold_nobody_up(
    teller: End, hearer: End, consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between accounts the server takes one for the end of its answer, and sends no more of it."""
    waits: list[str] = []
    monkeypatch.setattr(hearer.inbox, "_say_trouble", waits.append)
    connection = await consortium.connect(OPERATOR)
    for minutes in range(20, 60):
        teller.tell(a_session_held(minutes=minutes))
    facts = load_unpublished(teller.database, 40)
    for number, fact in enumerate(facts):
        for _ in range((2, 0, 0, 1, 0, 3, 0)[number % 7]):
            await publish_raw(connection, fact.subject, None, b"")
        await publish_raw(connection, fact.subject, fact.headers, fact.body)
    await publish_raw(connection, facts[0].subject, None, b"")
    hearer.start(hearer.inbox.run)
    await until(lambda: len(hearer.rows(sa.select(ledger.counted))) == 40)
    assert waits == []
    assert await until(lambda: len(letters(hearer)) == 34)
    await connection.close()


async def test_a_stream_read_again_does_not_bring_dead_letters_back(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    teller.tell(a_session_held())
    good = load_raw(teller)
    connection = await consortium.connect(OPERATOR)
    for body in (b"{", b"["):
        await publish_raw(connection, good.subject, good.headers, body)
    await connection.close()
    hearer.start()
    first, _ = await until(lambda: len(letters(hearer)) == 2 and letters(hearer))
    with hearer.database.write() as db:
        dead.discard(db, first.number)
    await hearer.halt()
    with hearer.database.write() as db:
        db.execute(sa.update(position).values(fact_id="another"))
    await hearer.connect()
    teller.start()
    hearer.start()
    await until(lambda: len(hearer.rows(sa.select(ledger.counted))) == 1)
    assert len(letters(hearer)) == 1


async def test_a_dead_letter_that_became_readable_is_handled_once(
    teller: End, hearer: End, consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade; then the stream is read again."""
    monkeypatch.setattr("essaim.hearing.chunk.read_fact", _cannot)
    teller.tell(a_session_held())
    teller.start()
    hearer.start()
    (letter,) = await until(lambda: letters(hearer))
    monkeypatch.undo()
    with hearer.database.write() as db:
        dead.retry(db, letter.number)
    await until(lambda: hearer.rows(sa.select(ledger.counted)))
    await hearer.halt()
    with hearer.database.write() as db:
        db.execute(sa.delete(position))
    await hearer.connect()
    hearer.start()
    await until(lambda: hearer.inbox.counts.duplicates == 1)
    assert [row.minutes for row in hearer.rows(sa.select(ledger.counted))] == [[60]]


def _cannot(*_: object) -> None:
    raise Unreadable("not by this version")


async def test_a_dead_letter_as_large_as_the_stream_takes_is_copied_without_its_body(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    teller.tell(a_session_held())
    good = load_raw(teller)
    connection = await consortium.connect(OPERATOR)
    await publish_raw(connection, good.subject, {"ce-id": "?"}, b"x" * (MOST - 50))
    hearer.start()
    await until(lambda: letters(hearer) and letters(hearer)[0].shown_at)
    copy = await connection.jetstream().get_msg("ESSAIM_DEAD", 1)
    assert (copy.data, (copy.headers or {})["essaim-dead-stream-seq"]) == (None, "1")
    assert len(letters(hearer)[0].body) == MOST - 50
    await connection.close()


async def test_what_a_statement_was_given_is_not_in_the_reason_of_a_failure(
    teller: End, hearer: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The values may be a person's; reasons are logged and shown to operators."""

    def fail(*_: object) -> None:
        query = sa.text("select cast(:name as integer) from nothing")
        with hearer.database.read() as db:
            db.execute(query, {"name": "Zoé Lévesque"})

    monkeypatch.setattr(hearer.hearing, "handle", fail)
    teller.tell(a_session_held())
    teller.start()
    hearer.start()
    query: sa.Select[Any] = sa.select(sa.column("reason")).select_from(sa.text("essaim_waiting"))
    ((reason,),) = await until(lambda: hearer.rows(query))
    assert "nothing" in reason
    assert "Zoé" not in reason
