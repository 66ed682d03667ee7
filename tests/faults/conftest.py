"""Two services that tell and hear without pause, each in its own process, and their broker."""

import asyncio
import os
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import ledger
import party
import pytest
from backbone import INSTALLED, Consortium
from essaim.broker.client import connect
from essaim.broker.rights import users_config
from essaim.broker.topology import OPERATOR, apply, declared
from essaim.broker.users import keys_of, seeds_in, users_of
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.people.signing import new_key, public_key_of
from essaim.running.nats_server import NatsServer
from killable import Party, Postgres


@pytest.fixture
def chance() -> random.Random:
    """The dice of a test; ESSAIM_SEED throws them again as they fell."""
    seed = int(os.environ.get("ESSAIM_SEED") or random.SystemRandom().randrange(10**6))
    print(f"ESSAIM_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def seeds(tmp_path: Path) -> dict[str, str]:
    return seeds_in(tmp_path / "keys", users_of(INSTALLED))


@pytest.fixture
def broker(tmp_path: Path, seeds: dict[str, str]) -> Iterator[NatsServer]:
    """A broker for this test alone, which it may kill."""
    server = NatsServer(tmp_path / "nats", users_config(INSTALLED, keys_of(seeds)))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def hub(broker: NatsServer, seeds: dict[str, str]) -> Consortium:
    """The broker with the declared topology, and who may connect to it."""
    asyncio.run(_declare(broker.url, seeds[OPERATOR]))
    return Consortium(broker, seeds)


async def _declare(url: str, seed: str) -> None:
    connection = await connect(url, OPERATOR, seed)
    await apply(connection, declared(INSTALLED, max_bytes=1024**3))
    await connection.close()


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
def parties(hub: Consortium, tmp_path: Path) -> Iterator[Callable[..., Party]]:
    """`parties("scheduling", database_url)` starts a service on a migrated database."""
    started: list[Party] = []

    def start(name: str, url: str) -> Party:
        database = Database(url)
        migrate(database, ledger.service)
        party.metadata.create_all(database.engine)
        database.close()
        settings = hub.settings(name).model_copy(update={"data": tmp_path, "database_url": url})
        one = Party(tmp_path / f"{name}-{len(started)}", name, settings)
        one.start()
        started.append(one)
        return one

    yield start
    for one in started:
        one.kill()


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--fault-rounds"))


@pytest.fixture
def environment(hub: Consortium, tmp_path: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return os.environ | {
        "ESSAIM_DATABASE_URL": f"sqlite:///{tmp_path / 'scheduling.db'}",
        "ESSAIM_DATA": str(tmp_path),
        "ESSAIM_NATS_URL": hub.server.url,
        "ESSAIM_NATS_SEED": hub.seeds["scheduling"],
        "ESSAIM_SECRET": "a secret of a test, long enough for it",
        "ESSAIM_SIGN_IN_PUBLIC_KEY": public_key_of(new_key()),
        "ESSAIM_PORT": str(port),
    }
