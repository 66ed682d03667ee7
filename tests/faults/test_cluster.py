"""Three brokers keep every fact: one may be lost without anybody noticing, two without a loss."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from backbone import INSTALLED, Consortium
from cluster import Cluster
from essaim.broker.api import ask_jetstream
from essaim.broker.rights import users_config
from essaim.broker.topology import FACTS, OPERATOR, apply, declared
from essaim.broker.users import keys_of
from essaim.keeping.database import Database
from killable import Party
from nats.aio.client import Client
from reckoning import check, heard_by, rest, said_by
from storm import play
from waiting import PATIENCE, wait_until


@pytest.fixture
def cluster(tmp_path: Path, seeds: dict[str, str]) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "nats", users_config(INSTALLED, keys_of(seeds)))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def hub(cluster: Cluster, seeds: dict[str, str]) -> Consortium:
    """The cluster with the declared topology, each stream on all three."""
    made = Consortium(cluster, seeds)
    asyncio.run(_declare(made))
    return made


async def _declare(hub: Consortium) -> None:
    connection = await hub.connect(OPERATOR)
    try:
        await elected(connection)
        await apply(connection, declared(INSTALLED, replicas=3, max_bytes=1024**3))
    finally:
        await connection.close()


async def elected(connection: Client) -> None:
    """Wait until the three have chosen who leads them: before, nobody answers."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(TimeoutError):
                answer = await ask_jetstream(connection, "STREAM.NAMES", patience=1)
                if "error" not in answer:
                    return


def leader(hub: Consortium) -> str:
    """Which server leads the stream of facts."""

    async def ask() -> str:
        connection = await hub.connect(OPERATOR)
        try:
            found = await ask_jetstream(connection, f"STREAM.INFO.{FACTS}")
        finally:
            await connection.close()
        return str(found["cluster"]["leader"])

    return asyncio.run(ask())


def test_facts_go_on_without_the_leader_and_without_a_follower_and_nothing_is_lost_without_two(
    hub: Consortium, cluster: Cluster, tmp_path: Path, parties: Callable[[str, str], Party]
) -> None:
    urls = f"sqlite:///{tmp_path / 'teller.db'}", f"sqlite:///{tmp_path / 'hearer.db'}"
    teller, hearer = parties("scheduling", urls[0]), parties("candidatures", urls[1])
    databases = Database(urls[0]), Database(urls[1])

    def heard_on() -> None:
        """Facts that are told from now on are heard."""
        told = len(said_by(databases[0]))
        wait_until(lambda: len(heard_by(databases[1])) > told, lambda: f"{told} told")

    try:
        heard_on()
        first = leader(hub)
        cluster.nodes[first].kill()
        heard_on()
        second = leader(hub)
        assert second != first
        cluster.nodes[first].start()
        (follower,) = set(cluster.nodes) - {first, second}
        cluster.nodes[follower].kill()
        heard_on()
        cluster.nodes[second].kill()
        told = len(said_by(databases[0]))
        wait_until(lambda: len(said_by(databases[0])) > told + 100)
        cluster.nodes[second].start()
        heard_on()
        cluster.nodes[follower].start()
        (tmp_path / "enough").touch()
        rest(*databases)
        assert [teller.stop(), hearer.stop()] == [0, 0]
        check(hub, *databases, teller.said.read_text().split())
    finally:
        for database in databases:
            database.close()


def test_on_a_cluster_nothing_is_lost_or_done_twice_whatever_is_killed(
    hub: Consortium,
    cluster: Cluster,
    chance: random.Random,
    rounds: int,
    tmp_path: Path,
    parties: Callable[[str, str], Party],
) -> None:
    urls = f"sqlite:///{tmp_path / 'teller.db'}", f"sqlite:///{tmp_path / 'hearer.db'}"
    play(hub, chance, max(1, rounds // 2), tmp_path, urls, parties, dict(cluster.nodes))
