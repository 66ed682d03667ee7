"""Services, broker and database are killed at random moments: nothing is lost, nothing is twice."""

import random
from collections.abc import Callable
from pathlib import Path

from backbone import Consortium
from essaim.keeping.database import Database
from essaim.keeping.lease import current_holder
from essaim.running.nats_server import NatsServer
from killable import Killable, Party, Postgres, paused
from reckoning import check, heard_by, rest
from storm import play
from waiting import wait_until


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
        # It stands by; on a machine so busy that the second one's lease ran out meanwhile, it may
        # have been given it again. Two that act at once would spoil what is counted below.
        wait_until(lambda: stands_by(first) or holder(databases[1]) == first.pid)
        heard = len(heard_by(databases[1]))
        wait_until(lambda: len(heard_by(databases[1])) > heard + 100)
        (tmp_path / "enough").touch()
        rest(*databases)
        assert [one.stop() for one in (teller, first, second)] == [0, 0, 0]
        check(hub, *databases, teller.said.read_text().split())
    finally:
        for database in databases:
            database.close()


def stands_by(instance: Party) -> bool:
    return "lease lost" in instance.log.read_text()


def holder(database: Database) -> int:
    """The process that relays and handles for the hearer."""
    with database.read() as db:
        return int((current_holder(db, "candidatures") or ":0:").split(":")[1])
