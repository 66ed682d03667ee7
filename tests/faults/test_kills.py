"""Services, broker and database are killed at random moments: nothing is lost, nothing is twice."""

import asyncio
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import party
import pytest
import sqlalchemy as sa
from backbone import Consortium
from essaim.broker.topology import OPERATOR
from essaim.hearing.dead import count_dead
from essaim.hearing.retries import count_waiting
from essaim.keeping.database import Database
from essaim.keeping.lease import current_holder
from essaim.keeping.tables import outbox
from essaim.operating.verify import verify
from essaim.running.nats_server import NatsServer
from essaim.telling.outbox import backlog
from killable import Killable, Party, Postgres, paused
from waiting import wait_until


class Said(NamedTuple):
    """A fact of an outbox: the how-manieth of its key, and the fact it answers."""

    id: str
    key: str
    times: int
    cause: str | None


def said_by(database: Database) -> list[Said]:
    query = sa.select(outbox.c.id, outbox.c.key, outbox.c.headers, outbox.c.body)
    with database.read() as db:
        rows = db.execute(query.order_by(outbox.c.position)).all()
    return [_said(row) for row in rows]


def _said(row: Any) -> Said:
    body = json.loads(row.body)
    times = body["minutes"] if "minutes" in body else _seconds(body["erased_at"])
    return Said(
        row.id,
        row.key.removeprefix("erased "),
        times,
        json.loads(row.headers).get("ce-causationid"),
    )


def _seconds(instant: str) -> int:
    return int((datetime.fromisoformat(instant) - party.BEGINNING).total_seconds())


def heard_by(database: Database) -> list[Said]:
    with database.read() as db:
        rows = db.execute(sa.select(party.heard).order_by(party.heard.c.number)).all()
    return [Said(row.fact_id, str(row.key), row.times, None) for row in rows]


def by_key(facts: Iterable[Said]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for fact in facts:
        found[fact.key].append(fact.times)
    return found


def still_to_do(teller: Database, hearer: Database) -> str:
    """What keeps the two from resting, in words; empty when they do."""
    told, answered = len(said_by(teller)), len(said_by(hearer))
    counts = {"told": told, "heard": len(heard_by(hearer)), "answered": answered}
    counts["answers heard"] = len(heard_by(teller))
    left = []
    for database in (teller, hearer):
        with database.read() as db:
            behind = backlog(db)
            left += [behind.waiting, behind.parked, count_waiting(db), count_dead(db)]
    if len(set(counts.values())) == 1 and not any(left):
        return ""
    return f"{counts}; unpublished, parked, waiting, dead: {left[:4]} there, {left[4:]} here"


def rest(teller: Database, hearer: Database) -> None:
    wait_until(lambda: not still_to_do(teller, hearer), lambda: still_to_do(teller, hearer))


def check(hub: Consortium, teller: Database, hearer: Database, printed: list[str]) -> None:
    sessions, answers = said_by(teller), said_by(hearer)
    print(f"{len(sessions)} sessions told, as many answers")
    assert sessions, "there was something to lose"
    each = by_key(sessions)
    assert each == {key: list(range(1, len(times) + 1)) for key, times in each.items()}
    committed = {f"{fact.key}/{fact.times}" for fact in sessions}
    assert set(printed) <= committed, "what was committed is there"
    assert by_key(heard_by(hearer)) == each, "each fact was handled once, in the order of its key"
    assert sorted(fact.cause or "" for fact in answers) == sorted(fact.id for fact in sessions)
    assert by_key(heard_by(teller)) == each, "and so was each answer"
    asyncio.run(check_stream(hub, {"scheduling": teller, "candidatures": hearer}))


async def check_stream(hub: Consortium, journals: dict[str, Database]) -> None:
    connection = await hub.connect(OPERATOR)
    found = await verify(connection, journals)
    messages = (await connection.jetstream().stream_info("ESSAIM")).state.messages
    await connection.close()
    assert all(one.sound for one in found), found
    assert messages == sum(one.told for one in found), "each fact stands in the stream once"


def play(
    hub: Consortium,
    chance: random.Random,
    rounds: int,
    tmp_path: Path,
    urls: tuple[str, str],
    parties: Callable[[str, str], Party],
    others: dict[str, Killable],
) -> None:
    """Two services tell and hear while one thing after the other is killed; then all is checked."""
    teller, hearer = parties("scheduling", urls[0]), parties("candidatures", urls[1])
    victims: dict[str, Killable] = {"teller": teller, "hearer": hearer} | others
    wait_until(teller.said.read_text, lambda: "the teller says nothing")
    for number in range(rounds):
        name = chance.choice(sorted(victims))
        print(f"round {number}: {name}")
        hurt(victims[name], chance)
        time.sleep(chance.uniform(0, 1.5))
    (tmp_path / "enough").touch()
    databases = Database(urls[0]), Database(urls[1])
    try:
        rest(*databases)
        assert [teller.stop(), hearer.stop()] == [0, 0]
        check(hub, *databases, teller.said.read_text().split())
    finally:
        for database in databases:
            database.close()


def hurt(victim: Killable, chance: random.Random) -> None:
    if chance.random() < 0.2:
        with paused(victim):
            time.sleep(chance.uniform(0, 1))
        return
    victim.kill()
    time.sleep(chance.uniform(0, 0.5))
    victim.start()


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--fault-rounds"))


def test_on_sqlite_nothing_is_lost_or_done_twice_whatever_is_killed(
    hub: Consortium,
    broker: NatsServer,
    chance: random.Random,
    rounds: int,
    tmp_path: Path,
    parties: Callable[[str, str], Party],
) -> None:
    urls = f"sqlite:///{tmp_path / 'teller.db'}", f"sqlite:///{tmp_path / 'hearer.db'}"
    play(hub, chance, rounds, tmp_path, urls, parties, {"broker": broker})


def test_on_postgresql_nothing_is_lost_or_done_twice_whatever_is_killed(
    hub: Consortium,
    broker: NatsServer,
    chance: random.Random,
    rounds: int,
    tmp_path: Path,
    postgres: Postgres,
    parties: Callable[[str, str], Party],
) -> None:
    urls = postgres.url("teller"), postgres.url("hearer")
    others: dict[str, Killable] = {"broker": broker, "database": postgres}
    play(hub, chance, max(1, rounds // 2), tmp_path, urls, parties, others)


def test_an_instance_that_froze_gives_way_to_another_and_spoils_nothing_when_it_goes_on(
    hub: Consortium, tmp_path: Path, postgres: Postgres, parties: Callable[[str, str], Party]
) -> None:
    urls = postgres.url("teller"), postgres.url("hearer")
    teller, first = parties("scheduling", urls[0]), parties("candidatures", urls[1])
    databases = Database(urls[0]), Database(urls[1])
    try:
        wait_until(lambda: len(heard_by(databases[1])) > 100)
        second = parties("candidatures", urls[1])
        with paused(first):
            wait_until(lambda: holder(databases[1]) == second.pid)
        second_heard = len(heard_by(databases[1]))
        wait_until(lambda: len(heard_by(databases[1])) > second_heard + 100)
        assert holder(databases[1]) == second.pid
        (tmp_path / "enough").touch()
        rest(*databases)
        assert [one.stop() for one in (teller, first, second)] == [0, 0, 0]
        check(hub, *databases, teller.said.read_text().split())
    finally:
        for database in databases:
            database.close()


def holder(database: Database) -> int:
    """The process that relays and handles for the hearer."""
    with database.read() as db:
        return int((current_holder(db, "candidatures") or ":0:").split(":")[1])
