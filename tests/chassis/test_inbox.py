"""Facts are handled once, in order, with their effects; what fails waits alone with its key."""

import asyncio
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import ledger
import pytest
import sqlalchemy as sa
from backbone import (
    INSTALLED,
    Consortium,
    End,
    a_session_held,
    load_raw,
    make_anew,
    publish_raw,
    until,
)
from essaim.broker.topology import OPERATOR, NotAsDeclared, check_consumer, declared
from essaim.hearing import dead, retries
from essaim.hearing import inbox as inbox_module
from essaim.hearing.pull import Pull
from essaim.hearing.router import FactRouter
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.tables import dead as dead_table
from essaim.keeping.tables import inbox, outbox, waiting
from essaim.operating.restore import restore
from essaim.operating.verify import verify
from essaim.telling.outbox import backlog, load_unpublished
from essaim.work import Work
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.scheduling import ProjectProgressed, ProjectStatus, SessionHeld
from waiting import PATIENCE


def counted(end: End) -> dict[str, list[int]]:
    rows = end.rows(sa.select(ledger.counted))
    return {str(row.session_id): row.minutes for row in rows}


def letters(end: End) -> list[Any]:
    with end.database.read() as db:
        return dead.list_dead(db)


def kept(end: End) -> int:
    with end.database.read() as db:
        return retries.count_waiting(db)


async def test_every_fact_is_handled_once_and_in_the_order_of_its_key(
    teller: End, hearer: End
) -> None:
    sessions = [a_session_held() for _ in range(5)]
    for minutes in range(20, 60):
        teller.tell(*(a_session_held(one.session_id, minutes=minutes) for one in sessions))
    teller.start()
    hearer.start()
    await until(lambda: hearer.inbox.counts.handled == 200)
    assert counted(hearer) == {str(one.session_id): list(range(20, 60)) for one in sessions}


async def test_a_fact_published_twice_is_handled_once(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    held = a_session_held()
    teller.tell(held)
    row = load_raw(teller)
    for _ in range(2):
        await publish_raw(teller.broker.connection, row.subject, row.headers, row.body)
    hearer.start()
    await until(lambda: hearer.inbox.counts.duplicates == 1)
    assert counted(hearer) == {str(held.session_id): [60]}


async def test_a_crash_between_commit_and_acknowledgement_does_nothing_twice(
    teller: End, hearer: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [a_session_held(minutes=minutes) for minutes in range(20, 60)]
    teller.tell(*facts)
    teller.start(teller.relay.run)
    await until(lambda: teller.relay.published == 40)
    monkeypatch.setattr("nats.aio.msg.Msg.ack", _never)
    hearer.start()
    await until(lambda: counted(hearer))
    await hearer.halt()
    monkeypatch.undo()
    await hearer.connect()
    more = a_session_held(facts[0].session_id, minutes=99)
    teller.tell(more)
    hearer.start()
    await until(lambda: counted(hearer)[str(more.session_id)] == [20, 99])
    assert Counter(map(len, counted(hearer).values())) == {1: 39, 2: 1}


async def _never(_: object) -> None:
    raise ConnectionError("the process was killed before it could acknowledge")


async def test_facts_come_in_order_after_a_broker_was_killed(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    session = a_session_held()
    teller.start()
    hearer.start()
    teller.tell(*(a_session_held(session.session_id, minutes=n) for n in range(20, 30)))
    await until(lambda: hearer.inbox.counts.handled == 10)
    consortium.server.kill()
    try:
        teller.tell(*(a_session_held(session.session_id, minutes=n) for n in range(30, 40)))
        await until(lambda: hearer.inbox.trouble)
    finally:
        consortium.server.start()
    await until(lambda: hearer.inbox.counts.handled == 20)
    assert counted(hearer) == {str(session.session_id): list(range(20, 40))}


async def test_what_a_handler_tells_leaves_with_its_effects(teller: End, hearer: End) -> None:
    teller.tell(a_session_held(project_ids=(a_session_held().session_id,)))
    teller.start()
    hearer.start(hearer.inbox.run)

    def told() -> list[Any]:
        return load_unpublished(hearer.database, 10)

    (row,) = await until(told)
    assert row.subject.startswith("essaim.premices.scheduling.project.progressed.v1.")
    cause = hearer.rows(sa.select(inbox.c.identity))[0].identity.rsplit("/", 1)[-1]
    assert row.headers["ce-causationid"] == cause


async def test_a_failing_fact_waits_with_the_later_ones_of_its_key_and_nobody_else(
    teller: End, hearer: End
) -> None:
    failing = a_session_held(minutes=13, project_ids=(a_session_held().session_id,))
    later = a_session_held(failing.session_id, minutes=30)
    other = a_session_held()
    teller.tell(failing, later, other)
    teller.start()
    hearer.start(hearer.inbox.run)
    await until(lambda: kept(hearer) == 2)
    assert counted(hearer) == {str(other.session_id): [60]}
    assert load_unpublished(hearer.database, 10) == [], "a failed handler tells nothing"

    latest = a_session_held(failing.session_id, minutes=40)
    teller.tell(latest)
    await until(lambda: kept(hearer) == 3)
    ledger.mended.append(True)
    await until(lambda: kept(hearer) == 0)
    assert counted(hearer)[str(failing.session_id)] == [13, 30, 40]


async def test_after_its_last_retry_a_fact_is_a_dead_letter_and_its_key_goes_on(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    failing = a_session_held(minutes=13)
    teller.tell(failing, a_session_held(failing.session_id, minutes=30))
    teller.start()
    hearer.start()
    await until(lambda: kept(hearer) == 2)
    await until(lambda: _kept_when_due(hearer) == 0)
    (letter,) = letters(hearer)
    assert letter.attempts == 1 + len(retries.PAUSES)
    assert letter.reason == "CannotCount: thirteen minutes"
    assert SessionHeld.read(letter.body) == failing
    assert letter.headers["ce-type"] == SessionHeld.type
    assert counted(hearer) == {str(failing.session_id): [30]}

    connection = await consortium.connect(OPERATOR)
    stream = connection.jetstream()
    await until(lambda: hearer.rows(sa.select(dead_table.c.shown_at))[0].shown_at)
    copy = await stream.get_msg("ESSAIM_DEAD", 1)
    await connection.close()
    assert (copy.headers or {})["essaim-dead-reason"] == letter.reason

    ledger.mended.append(True)
    with hearer.database.write() as db:
        dead.retry(db, letter.number)
    await until(lambda: counted(hearer) == {str(failing.session_id): [30, 13]})
    assert letters(hearer) == []


def _kept_when_due(end: End) -> int:
    """How many are kept, all of which become due at once."""
    with end.database.write() as db:
        db.execute(
            sa.update(waiting)
            .where(waiting.c.retry_at.is_not(None))
            .values(retry_at=datetime(2020, 1, 1, tzinfo=UTC))
        )
        return retries.count_waiting(db)


async def test_what_cannot_be_read_is_a_dead_letter_at_once_and_takes_nobody_with_it(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    held = a_session_held()
    teller.tell(held)
    good = load_raw(teller)
    connection = await consortium.connect(OPERATOR)
    subject, fresh = good.subject, good.headers
    broken = {
        "01a2018a-0000-7000-8000-000000000001": b"{",
        "01a2018a-0000-7000-8000-000000000002": b'{"session_id": "not an id"}',
        "01a2018a-0000-7000-8000-000000000003": b"\xff\xfe",
    }
    for id, body in broken.items():
        await publish_raw(connection, subject, fresh | {"ce-id": id}, body)
    await publish_raw(connection, subject, None, b"{}")
    await connection.close()
    teller.start(teller.relay.run)
    hearer.start(hearer.inbox.run)
    await until(lambda: counted(hearer) == {str(held.session_id): [60]})
    reasons = [letter.reason for letter in letters(hearer)]
    assert len(reasons) == 4
    assert "Invalid JSON" in reasons[0]
    assert "edition_id: Field required" in reasons[1]
    assert "'specversion'" in reasons[3] or "'id'" in reasons[3]


async def test_a_type_this_version_does_not_know_is_counted_and_skipped(
    database: Database, consortium: Consortium
) -> None:
    everything = End(consortium, "reporting", database, ledger.facts)
    await everything.connect()
    envelope = Envelope(
        id="01a2018a-0000-7000-8000-000000000009",
        type="essaim.scheduling.session.held.v1",
        source="/premices/scheduling",
        key="01a2018a-0000-7000-8000-00000000000a",
        time=datetime(2020, 5, 7, tzinfo=UTC),
        correlation_id="c",
    )
    envelope = replace(envelope, type="essaim.scheduling.session.held.v9")
    connection = await consortium.connect(OPERATOR)
    await publish_raw(connection, envelope.nats_subject, to_headers(envelope), b"{}")
    await connection.close()
    everything.start(everything.inbox.run)
    await until(lambda: everything.inbox.counts.skipped == 1)
    assert letters(everything) == []
    assert everything.rows(sa.select(inbox)) == [], "a rebuild after the upgrade picks it up"
    await everything.halt()


@pytest.mark.parametrize(
    "escape", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit, StopIteration]
)
async def test_a_handler_that_would_end_the_program_fails_for_its_fact_only(
    teller: End, hearer: End, monkeypatch: pytest.MonkeyPatch, escape: type[BaseException]
) -> None:
    def leave(held: SessionHeld, work: Work) -> None:
        if held.minutes == 14:
            raise escape

    facts = FactRouter("ledger")
    facts.subscriber(SessionHeld)(leave)
    facts.subscriber(SessionHeld)(ledger.count_held_session)
    monkeypatch.setattr(hearer.inbox.chunks, "_hearing", facts)
    other = a_session_held()
    teller.tell(a_session_held(minutes=14), other)
    teller.start()
    hearer.start(hearer.inbox.run)
    await until(lambda: counted(hearer) == {str(other.session_id): [60]})
    (reason,) = hearer.rows(sa.select(waiting.c.reason))
    assert f"it raised {escape.__name__}" in reason[0]


async def test_a_handler_that_does_not_come_back_is_named(
    teller: End, hearer: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "LONG", 0.2)
    goes_on = threading.Event()

    def hang(held: SessionHeld, work: Work) -> None:
        goes_on.wait(PATIENCE)

    facts = FactRouter("ledger")
    facts.subscriber(SessionHeld)(hang)
    monkeypatch.setattr(hearer.inbox.chunks, "_hearing", facts)
    teller.tell(a_session_held())
    teller.start()
    hearer.start(hearer.inbox.run)
    assert "a handler hangs" in await until(hearer.inbox.stuck)
    goes_on.set()
    await until(lambda: hearer.inbox.counts.handled == 1 and not hearer.inbox.stuck())


async def test_a_broker_that_is_slow_to_give_our_last_fact_has_not_lost_it(
    teller: End, hearer: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a slow link would have us read the whole stream again and again."""
    teller.tell(*(a_session_held() for _ in range(3)))
    teller.start()
    hearer.start()
    await until(lambda: hearer.inbox.counts.handled == 3)
    await hearer.halt()
    monkeypatch.setattr(inbox_module, "ANCHOR", 0.6)

    async def nothing(self: Pull, most: int, patience: float) -> list[Any]:
        await asyncio.sleep(patience)
        return []

    await hearer.connect()
    with monkeypatch.context() as slow:
        slow.setattr(Pull, "next_chunk", nothing)
        hearer.start()
        await until(lambda: "in time" in (hearer.inbox.trouble or ""))
    await until(lambda: hearer.inbox.trouble is None)
    assert hearer.inbox.counts.duplicates == 0, "it was not read from the start"


async def test_a_fact_on_a_subject_its_headers_do_not_name_is_a_dead_letter(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    """A partner may only publish on its own subjects, so the subject says who speaks."""
    teller.tell(a_session_held())
    row = load_unpublished(teller.database, 1)[0]
    forged = row.headers | {"ce-source": "/autre/scheduling"}
    connection = await consortium.connect(OPERATOR)
    await publish_raw(connection, row.subject, forged, row.body)
    await connection.close()
    hearer.start(hearer.inbox.run)
    (letter,) = await until(lambda: letters(hearer))
    assert "its headers say essaim.autre.scheduling" in letter.reason


async def test_a_missing_or_different_consumer_is_named_and_waited_for(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    connection = await consortium.connect(OPERATOR)
    stream = connection.jetstream()
    await stream.delete_consumer("ESSAIM", "candidatures")
    with pytest.raises(NotAsDeclared, match=r"consumer candidatures: consumer not found.*topology"):
        await check_consumer(hearer.broker.connection, "candidatures", frozenset())
    held = a_session_held()
    teller.tell(held)
    teller.start(teller.relay.run)
    hearer.start(hearer.inbox.run)
    await until(lambda: "consumer not found" in (hearer.inbox.trouble or ""))
    await make_anew(connection, declared(INSTALLED, max_bytes=64 * 1024 * 1024))
    await until(lambda: counted(hearer) == {str(held.session_id): [60]})

    await stream.delete_consumer("ESSAIM", "candidatures")
    await until(lambda: "deleted" in (hearer.inbox.trouble or "").lower()
                or "not found" in (hearer.inbox.trouble or ""))  # fmt: skip
    await connection.close()


async def test_a_lost_stream_is_restored_from_the_journals_and_nothing_is_done_twice(
    teller: End, hearer: End, consortium: Consortium
) -> None:
    facts = [a_session_held() for _ in range(30)]
    teller.tell(*facts)
    teller.start()
    hearer.start()
    await until(lambda: hearer.inbox.counts.handled == 30)
    await hearer.halt()
    await until(lambda: load_unpublished(teller.database, 1) == [])

    connection = await consortium.connect(OPERATOR)
    await connection.jetstream().delete_stream("ESSAIM")
    await make_anew(connection, declared(INSTALLED, max_bytes=64 * 1024 * 1024))
    journals = {"scheduling": teller.database}
    (lost,) = await verify(connection, journals)
    assert (lost.told, len(lost.missing), lost.sound) == (30, 30, False)
    assert await restore(connection, journals) == 30
    (found,) = await verify(connection, journals)
    assert (found.in_stream, found.sound) == (30, True)
    await connection.close()

    await hearer.connect()
    after = a_session_held(facts[0].session_id, minutes=45)
    teller.tell(after)
    hearer.start()
    await until(lambda: counted(hearer).get(str(after.session_id)) == [60, 45])
    assert len(counted(hearer)) == 30


async def test_a_database_restored_from_a_backup_reads_again_what_it_lacks(
    teller: End, hearer: End
) -> None:
    facts = [a_session_held(project_ids=(new_id(), new_id())) for _ in range(10)]
    teller.tell(*facts)
    teller.start()
    hearer.start()
    await until(lambda: hearer.inbox.counts.handled == 10)
    await hearer.halt()
    answers = sa.select(outbox.c.id).order_by(outbox.c.position)
    told = hearer.rows(answers)
    with hearer.database.write() as db:
        # The backup was taken when the first four had been handled.
        fourth = db.execute(sa.select(inbox.c.identity).where(inbox.c.stream_seq == 4)).scalar_one()
        anchor = fourth.rsplit("/", 1)[-1]
        db.execute(sa.delete(inbox).where(inbox.c.stream_seq > 4))
        db.execute(sa.delete(outbox).where(outbox.c.position > 4))
        db.execute(
            sa.text("update essaim_position set stream_seq = 4, fact_id = :a"), {"a": anchor}
        )
        kept_ids = [fact.session_id for fact in facts[:4]]
        db.execute(sa.delete(ledger.counted).where(ledger.counted.c.session_id.not_in(kept_ids)))
    await hearer.connect()
    hearer.start()
    await until(lambda: len(counted(hearer)) == 10)
    assert set(map(len, counted(hearer).values())) == {1}
    assert hearer.rows(answers) == told, "partners drop answers they know, by their ids"


async def test_while_the_database_is_full_the_inbox_holds_what_it_has(
    teller: End, hearer: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorname = "SQLITE_FULL"
    real_write = hearer.database.write

    def refuse() -> Any:
        raise sa.exc.OperationalError("insert", {}, full)

    monkeypatch.setattr(hearer.database, "write", refuse)
    held = a_session_held()
    teller.tell(held)
    teller.start()
    hearer.start(hearer.inbox.run)
    await until(lambda: "disk is full" in (hearer.inbox.trouble or ""))
    monkeypatch.setattr(hearer.database, "write", real_write)
    await until(lambda: counted(hearer) == {str(held.session_id): [60]})
    with hearer.database.read() as db:
        assert backlog(db).parked == 0
    assert letters(hearer) == []


async def test_what_an_older_version_passed_over_is_heard_by_the_one_that_knows_it(
    teller: End, hearer: End
) -> None:
    """Old and new run side by side during an upgrade, and the old one may hold the lease."""
    held = a_session_held()
    before, after = a_project_progressed(), a_project_progressed()
    teller.start(teller.relay.run)
    teller.tell(held, before, a_session_held(held.session_id, minutes=30))
    hearer.start(hearer.inbox.run)
    await until(lambda: hearer.inbox.counts.handled == 2 and hearer.inbox.counts.skipped == 1)
    await hearer.halt()

    progressed: list[Any] = []
    knows_more = FactRouter("ledger")
    knows_more.subscriber(SessionHeld)(ledger.count_held_session)

    @knows_more.subscriber(ProjectProgressed)
    def note(fact: ProjectProgressed, work: Work) -> None:
        progressed.append(fact.project_id)

    newer = replace(hearer, hearing=knows_more)
    await newer.connect()
    newer.start(newer.inbox.run)
    teller.tell(after)
    await until(lambda: len(progressed) == 2)
    await newer.halt()
    assert progressed == [before.project_id, after.project_id]
    assert counted(newer) == {str(held.session_id): [60, 30]}, "nothing is handled twice"


def a_project_progressed() -> ProjectProgressed:
    return ProjectProgressed(
        project_id=new_id(),
        edition_id=new_id(),
        cohort_id=new_id(),
        status=ProjectStatus.IN_PROGRESS,
        reported_on=date(2020, 5, 7),
    )
