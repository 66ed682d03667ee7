"""A stream as an integrator meets it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from essaim.running.nats_server import NatsServer

from tests.contracts.integrator import Stream, accounts


@pytest.fixture
def nats_servers(tmp_path: Path) -> Iterator[Callable[[str], NatsServer]]:
    """Servers on one store, one after the other, where `press` has the given seed."""
    started: list[NatsServer] = []

    def start(seed: str) -> NatsServer:
        port = -1
        if started:
            started[-1].stop()
            port = int(started[-1].url.rsplit(":", 1)[1])
        started.append(NatsServer(tmp_path / "nats", accounts(seed), port))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
async def stream(nats_servers: Callable[[str], NatsServer]) -> Stream:
    stream = Stream(nats_servers(Stream.seed))
    connection = await stream.operator()
    await connection.jetstream().add_stream(name="ESSAIM", subjects=["essaim.>"])
    await connection.close()
    return stream
