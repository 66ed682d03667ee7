"""Two services that tell and hear without pause, each in its own process, and their broker."""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import ledger
import nats
import party
import pytest
from backbone import INSTALLED, Consortium
from essaim.broker.rights import inbox_prefix, users_config
from essaim.broker.topology import OPERATOR, apply, declared
from essaim.broker.users import passwords_in, users_of
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.running.nats_server import NatsServer
from killable import Party, Postgres


@pytest.fixture
def chance() -> random.Random:
    """The dice of a test; ESSAIM_SEED throws them again as they fell."""
    seed = int(os.environ.get("ESSAIM_SEED") or random.SystemRandom().randrange(10**6))
    print(f"ESSAIM_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def passwords(tmp_path: Path) -> dict[str, str]:
    return passwords_in(tmp_path / "passwords", users_of(INSTALLED))


@pytest.fixture
def broker(tmp_path: Path, passwords: dict[str, str]) -> Iterator[NatsServer]:
    """A broker for this test alone, which it may kill."""
    server = NatsServer(tmp_path / "nats", users_config(INSTALLED, passwords))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def hub(broker: NatsServer, passwords: dict[str, str]) -> Consortium:
    """The broker with the declared topology, and who may connect to it."""
    asyncio.run(_declare(broker.url, passwords[OPERATOR]))
    return Consortium(broker, passwords)


async def _declare(url: str, password: str) -> None:
    connection = await nats.connect(
        url, user=OPERATOR, password=password, inbox_prefix=inbox_prefix(OPERATOR).encode()
    )
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
