"""Three brokers keep every fact: one may be lost without anybody noticing, two without a loss."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import ledger
import party
import pytest
from backbone import INSTALLED, Consortium
from cluster import Cluster
from essaim.broker.api import ask_jetstream
from essaim.broker.connection import Broker
from essaim.broker.rights import users_config
from essaim.broker.topology import FACTS, OPERATOR, apply, declared
from essaim.broker.users import keys_of
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.operating.restore import restore, restore_own
from essaim.running.nats_server import NatsServer
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


async def _declare(hub: Consortium, replicas: int = 3) -> None:
    connection = await hub.connect(OPERATOR)
    try:
        await elected(connection)
        await apply(connection, declared(INSTALLED, replicas=replicas, max_bytes=1024**3))
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


def test_from_one_server_to_three_each_restores_what_it_said_a_partner_elsewhere_by_its_own_key(
    tmp_path: Path, seeds: dict[str, str]
) -> None:
    """As docs/cluster.md says it. The partner knows the published server alone, then as before."""
    config = users_config(INSTALLED, keys_of(seeds))
    three = Cluster(tmp_path / "three", config)
    published = three.url.split(",")[0]
    one = NatsServer(tmp_path / "one", config, int(published.rpartition(":")[2]))
    one.start()
    alone, together = Consortium(one, seeds), Consortium(three, seeds)
    asyncio.run(_declare(alone, replicas=1))
    here, elsewhere = (tmp_path / name for name in ("here", "elsewhere"))
    partner, ours = _party(alone, "scheduling", elsewhere), _party(together, "candidatures", here)
    databases = Database(_url(elsewhere)), Database(_url(here))
    try:
        _play_until_rest(partner, ours, databases, elsewhere)
        ours.stop()
        one.stop()
        three.start()
        asyncio.run(_declare(together))
        asyncio.run(_restore(together, alone, databases))
        ours.start()
        partner.stop()
        _play_until_rest(partner, ours, databases, elsewhere)
        assert [partner.stop(), ours.stop()] == [0, 0]
        check(together, *databases, partner.said.read_text().split())
    finally:
        for end in (partner, ours, three, one):
            end.kill()
        for database in databases:
            database.close()


def _party(hub: Consortium, name: str, folder: Path) -> Party:
    folder.mkdir()
    database = Database(_url(folder))
    migrate(database, ledger.service)
    party.metadata.create_all(database.engine)
    database.close()
    update = {"data": folder, "database_url": _url(folder)}
    return Party(folder, name, hub.settings(name).model_copy(update=update))


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'service.db'}"


def _play_until_rest(
    partner: Party, ours: Party, databases: tuple[Database, Database], elsewhere: Path
) -> None:
    """The partner tells and we answer, a hundred facts more, until all is heard."""
    (elsewhere / "enough").unlink(missing_ok=True)
    before = len(heard_by(databases[1]))
    partner.start()
    if not before:
        ours.start()
    wait_until(lambda: len(heard_by(databases[1])) > before + 100)
    (elsewhere / "enough").touch()
    rest(*databases)


async def _restore(
    together: Consortium, alone: Consortium, databases: tuple[Database, Database]
) -> None:
    """The operator what was said here, then the partner its own."""
    connection = await together.connect(OPERATOR)
    assert await restore(connection, {"candidatures": databases[1]}) > 0
    await connection.close()
    broker = Broker(alone.settings("scheduling"), "scheduling")
    await broker.start()
    assert await restore_own(broker, "scheduling", databases[0]) > 0
    await broker.stop()
