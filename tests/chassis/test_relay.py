"""Facts leave the outbox for the stream: all of them, in order, and only with their transaction."""

import asyncio
import json

import pytest
import sqlalchemy as sa
from backbone import INSTALLED, Consortium, End, a_session_held, make_anew, until
from essaim.broker.topology import OPERATOR, declared
from essaim.clock import SystemClock
from essaim.ids import new_id
from essaim.keeping.tables import outbox
from essaim.operating.journal import read_stream
from essaim.operating.restore import restore
from essaim.telling import relay
from essaim.telling.outbox import Pending, backlog, load_unpublished
from essaim.telling.parked import discard, list_parked, park, unpark
from essaim.telling.publisher import BrokerSilent
from essaim.telling.relay import Relay
from essaim.telling.sent import Sent
from essaim.work import open_work
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import from_message
from essaim_contracts.scheduling import SessionHeld
from nats.aio.client import Client

# Brokers and programs are started and killed here: seconds, not in `make quick`.
pytestmark = pytest.mark.slow


def all_published(end: End) -> bool:
    with end.database.read() as db:
        return backlog(db).waiting == 0


async def test_a_fact_told_in_a_transaction_reaches_the_stream_with_its_envelope(
    teller: End, consortium: Consortium
) -> None:
    held = a_session_held()
    teller.tell(held)
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))

    connection = await consortium.connect(OPERATOR)
    message = await connection.jetstream().get_msg("ESSAIM", 1)
    await connection.close()
    envelope, payload = from_message(message.headers, message.data or b"")
    assert SessionHeld.read(payload) == held
    assert envelope.programme == "premices"
    assert message.subject == f"essaim.premices.scheduling.session.held.v1.{held.session_id}"
    assert (message.headers or {})["Nats-Msg-Id"] == envelope.id


async def test_nothing_is_told_when_the_transaction_fails(teller: End) -> None:
    def told_then_failed() -> None:
        with open_work(teller.database, SystemClock()) as work:
            work.tell(a_session_held(), programme="premices")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        told_then_failed()
    assert load_unpublished(teller.database, 10) == []


async def test_the_outbox_is_a_journal_that_says_where_each_fact_is_in_the_stream(
    teller: End,
) -> None:
    facts = [a_session_held() for _ in range(1203)]
    teller.tell(*facts)
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    rows = teller.rows(sa.select(outbox.c.key, outbox.c.stream_seq).order_by(outbox.c.position))
    assert rows == [(str(fact.session_id), n) for n, fact in enumerate(facts, start=1)]


async def test_facts_told_while_the_broker_is_down_leave_when_it_is_back(
    teller: End, consortium: Consortium
) -> None:
    teller.start(teller.relay.run)
    consortium.server.kill()
    try:
        facts = [a_session_held() for _ in range(7)]
        teller.tell(*facts)
        await until(lambda: teller.relay.trouble)
    finally:
        consortium.server.start()
    await until(lambda: all_published(teller))
    connection = await consortium.connect(OPERATOR)
    stream = await read_stream(connection)
    await connection.close()
    assert [held.subject.rsplit(".", 1)[1] for held in stream.values()] == [
        str(fact.session_id) for fact in facts
    ]


async def test_a_batch_with_a_fact_the_stream_already_holds_is_sent_one_by_one(
    teller: End, consortium: Consortium
) -> None:
    """As after a crash between the server's answer and our note of it."""
    teller.tell(*(a_session_held() for _ in range(5)))
    third = load_unpublished(teller.database, 10)[2]
    await teller.broker.connection.jetstream().publish(
        third.subject, third.body, headers=dict(third.headers)
    )
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    connection = await consortium.connect(OPERATOR)
    assert len(await read_stream(connection)) == 5
    assert (await connection.jetstream().stream_info("ESSAIM")).state.messages == 5
    await connection.close()


@pytest.mark.parametrize(
    ("projects", "reason"),
    [(30_000, "more than the server accepts"), (10_000, "message size exceeds maximum allowed")],
)
async def test_a_fact_too_large_is_parked_and_holds_back_its_own_key_only(
    teller: End, projects: int, reason: str
) -> None:
    large = a_session_held(project_ids=tuple(new_id() for _ in range(projects)))
    after_it = a_session_held(large.session_id, minutes=30)
    other = a_session_held()
    teller.tell(large, after_it, other)
    teller.start(teller.relay.run)

    def other_is_out() -> bool:
        with teller.database.read() as db:
            return backlog(db).parked == 1 and [
                row.key for row in db.execute(sa.select(outbox).where(outbox.c.stream_seq == 1))
            ] == [str(other.session_id)]

    await until(other_is_out)
    with teller.database.write() as db:
        (row,) = list_parked(db)
        assert reason in row.reason
        assert discard(db, row.position)
    teller.relay.wake.set()
    await until(lambda: all_published(teller))
    rows = teller.rows(sa.select(outbox.c.stream_seq).order_by(outbox.c.position))
    assert rows == [(None,), (2,), (1,)]


async def test_a_fact_too_large_only_with_its_headers_is_parked_and_the_connection_stays(
    teller: End,
) -> None:
    most = teller.broker.connection.max_payload
    small = len(a_session_held().model_dump_json())
    large = a_session_held(project_ids=tuple(new_id() for _ in range((most - small - 50) // 39)))
    assert most - 100 < len(large.model_dump_json()) < most
    other = a_session_held()
    teller.tell(large, other)
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    with teller.database.read() as db:
        (row,) = list_parked(db)
    assert "with its headers, more than the server accepts" in row.reason
    assert (teller.broker.is_connected, teller.broker.reconnects) == (True, 0)


async def test_a_fact_of_another_owner_is_refused_with_the_reason_and_can_be_retried(
    teller: End,
) -> None:
    teller.tell(PersonErased(person_id=new_id(), erased_at=SystemClock().now()))
    teller.start(teller.relay.run)

    def refused() -> list[str]:
        with teller.database.read() as db:
            return [row.reason for row in list_parked(db)]

    (reason,) = await until(refused)
    assert "permissions violation" in reason.lower()
    with teller.database.write() as db:
        assert unpark(db, list_parked(db)[0].position)
        assert not unpark(db, 999)
    teller.relay.wake.set()
    await until(refused)


async def test_a_parked_fact_that_is_freed_while_others_leave_is_not_overtaken(
    teller: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 3)
    first = a_session_held()
    others = [a_session_held() for _ in range(5)]
    teller.tell(first, *others, a_session_held(first.session_id, minutes=30))
    park(teller.database, 1, "the server did not know us")
    send = teller.relay._send

    async def free_then_send(rows: list[Pending]) -> None:
        with teller.database.write() as db:
            unpark(db, 1)
        await send(rows)

    monkeypatch.setattr(teller.relay, "_send", free_then_send)
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    rows = teller.rows(sa.select(outbox.c.stream_seq).order_by(outbox.c.position))
    assert rows[0].stream_seq < rows[-1].stream_seq


async def test_an_instance_whose_lease_ran_out_says_nothing_any_more(teller: End) -> None:
    holds: list[bool] = []
    mine = Relay(teller.database, teller.broker, "scheduling", lambda: bool(holds))
    teller.tell(a_session_held(), a_session_held())
    teller.start(mine.run)
    await until(lambda: "lease" in (mine.trouble or ""))
    assert not all_published(teller)
    holds.append(True)
    await until(lambda: all_published(teller))


async def test_a_stream_that_lost_facts_is_told_nothing_new_before_it_is_restored(
    teller: End, consortium: Consortium
) -> None:
    """What is said now would else be heard before what was said earlier."""
    session = a_session_held()
    teller.tell(*(a_session_held(session.session_id, minutes=n) for n in (20, 30)))
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    connection = await consortium.connect(OPERATOR)
    await connection.jetstream().delete_stream("ESSAIM")
    teller.tell(a_session_held(session.session_id, minutes=40))
    await until(lambda: teller.relay.trouble)
    await make_anew(connection, declared(INSTALLED, max_bytes=64 * 1024 * 1024))
    await until(lambda: "essaim stream restore" in (teller.relay.trouble or ""))
    await restore(connection, {"scheduling": teller.database})
    await until(lambda: all_published(teller))
    told = [
        SessionHeld.read((await connection.jetstream().get_msg("ESSAIM", seq)).data or b"").minutes
        for seq in (1, 2, 3)
    ]
    assert told == [20, 30, 40]
    await connection.close()


async def test_a_stream_lost_while_we_had_nothing_to_say_is_told_nothing_new_either(
    teller: End, consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is the loss hidden by what others said since: the stream is as long as it was."""
    monkeypatch.setattr(relay, "LOOK", 0.5)
    session = a_session_held()
    teller.tell(*(a_session_held(session.session_id, minutes=n) for n in (20, 30)))
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    connection = await consortium.connect(OPERATOR)
    await connection.jetstream().delete_stream("ESSAIM")
    await make_anew(connection, declared(INSTALLED, max_bytes=64 * 1024 * 1024))
    for _ in range(5):
        await connection.jetstream().publish(
            f"essaim.premices.candidatures.person.erased.v1.{new_id()}", b"{}"
        )
    await until(lambda: "essaim stream restore" in (teller.relay.trouble or ""))
    teller.tell(a_session_held(session.session_id, minutes=40))
    await until(lambda: not teller.relay.wake.is_set())
    assert not all_published(teller)
    assert await restore(connection, {"scheduling": teller.database}) == 2
    await until(lambda: all_published(teller))
    told = [
        SessionHeld.read((await connection.jetstream().get_msg("ESSAIM", seq)).data or b"").minutes
        for seq in (6, 7, 8)
    ]
    assert told == [20, 30, 40]
    await connection.close()


async def test_a_stream_that_lost_facts_is_noticed_by_who_has_nothing_to_say(
    teller: End, consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "LOOK", 0.5)
    teller.tell(a_session_held())
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    connection = await consortium.connect(OPERATOR)
    await connection.jetstream().delete_stream("ESSAIM")
    await until(lambda: "essaim topology apply" in (teller.relay.trouble or ""))
    await make_anew(connection, declared(INSTALLED, max_bytes=64 * 1024 * 1024))
    await until(lambda: "essaim stream restore" in (teller.relay.trouble or ""))
    await restore(connection, {"scheduling": teller.database})
    await until(lambda: teller.relay.trouble is None)
    await connection.close()


async def test_what_left_before_a_crash_and_was_not_noted_is_no_loss(
    teller: End, consortium: Consortium
) -> None:
    session = a_session_held()
    teller.tell(session)
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    await teller.halt()
    teller.tell(a_session_held(session.session_id, minutes=30))
    row = load_unpublished(teller.database, 1)[0]
    connection = await consortium.connect(OPERATOR)
    await connection.jetstream().publish(row.subject, row.body, headers=dict(row.headers))
    await connection.close()
    await teller.connect()
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))


async def test_facts_told_by_several_processes_leave_in_the_order_of_their_transactions(
    teller: End, consortium: Consortium
) -> None:
    """Those of this process are handed to the relay, those of others it reads."""
    session = a_session_held()
    told = [a_session_held(session.session_id, minutes=n) for n in range(1, 41)]
    teller.start(teller.relay.run)
    for fact in told:
        if fact.minutes % 3:
            teller.tell(fact)
            await asyncio.sleep(0.001)
            continue
        with open_work(teller.database, SystemClock()) as elsewhere:
            elsewhere.tell(fact, programme="premices")
    await until(lambda: all_published(teller))
    connection = await consortium.connect(OPERATOR)
    found = [
        SessionHeld.read((await connection.jetstream().get_msg("ESSAIM", seq)).data or b"").minutes
        for seq in range(1, 41)
    ]
    assert found == [fact.minutes for fact in told]
    await connection.close()


async def test_what_was_published_and_not_noted_when_we_were_killed_is_in_the_stream_once(
    teller: End, consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(sent: Sent) -> None:
        """As if the process ended before."""

    session = a_session_held()
    told = [a_session_held(session.session_id, minutes=n) for n in (20, 30, 40)]
    with monkeypatch.context() as killed:
        for name in ("note_meanwhile", "note_at_end"):
            killed.setattr(Sent, name, never)
        teller.start(teller.relay.run)
        teller.tell(*told[:2])
        await until(lambda: teller.relay.published == 2)
        await teller.halt()
    assert len(load_unpublished(teller.database, 10)) == 2
    await teller.connect()
    teller.tell(told[2])
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    rows = teller.rows(sa.select(outbox.c.stream_seq).order_by(outbox.c.position))
    assert [row.stream_seq for row in rows] == [1, 2, 3]
    connection = await consortium.connect(OPERATOR)
    assert (await connection.jetstream().stream_info("ESSAIM")).state.messages == 3
    await connection.close()


async def test_a_database_restored_from_a_backup_goes_on_telling(teller: End) -> None:
    """The stream holds facts it does not know of, after those it does."""
    session = a_session_held()
    teller.tell(*(a_session_held(session.session_id, minutes=n) for n in (20, 30)))
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    await teller.halt()
    with teller.database.write() as db:
        db.execute(sa.delete(outbox).where(outbox.c.position == 2))
    await teller.connect()
    teller.tell(a_session_held(session.session_id, minutes=40))
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    assert [row.stream_seq for row in teller.rows(sa.select(outbox.c.stream_seq))] == [1, 3]


async def test_a_link_too_slow_for_a_whole_batch_is_given_smaller_ones(
    teller: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, sizes = teller.relay._publisher.publish_batch, []

    async def slowly(rows: list[Pending]) -> dict[int, int]:
        sizes.append(len(rows))
        if len(rows) > 200:
            raise BrokerSilent
        return await publish(rows)

    monkeypatch.setattr(teller.relay._publisher, "publish_batch", slowly)
    teller.tell(*(a_session_held() for _ in range(600)))
    teller.start(teller.relay.run)
    await until(lambda: all_published(teller))
    assert sizes[:2] == [500, 125]
    assert max(sizes[2:]) > 125, "and larger ones again, as far as they go"


async def test_a_full_stream_refuses_and_the_outbox_holds(
    teller: End, consortium: Consortium
) -> None:
    connection = await consortium.connect(OPERATOR)
    await _set_max_bytes(connection, 1024)
    teller.tell(*(a_session_held() for _ in range(6)))
    teller.start(teller.relay.run)
    await until(lambda: "maximum bytes" in (teller.relay.trouble or ""))
    assert "ESSAIM_STREAM_MAX_BYTES" in (teller.relay.trouble or ""), "and what to do"
    await _set_max_bytes(connection, 1024 * 1024)
    await until(lambda: all_published(teller))
    assert (await connection.jetstream().stream_info("ESSAIM")).state.messages == 6
    await connection.close()


async def _set_max_bytes(connection: Client, size: int) -> None:
    found = json.loads((await connection.request("$JS.API.STREAM.INFO.ESSAIM", b"")).data)
    config = found["config"] | {"max_bytes": size}
    await connection.request("$JS.API.STREAM.UPDATE.ESSAIM", json.dumps(config).encode())
