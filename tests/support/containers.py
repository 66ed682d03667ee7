"""The backbone's servers in containers of the images that docker-compose.yml names."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy
from waiting import wait_until

_COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


def _image(service: str) -> str:
    declared: dict[str, Any] = yaml.safe_load(_COMPOSE.read_text())
    return str(declared["services"][service]["image"])


@contextmanager
def postgres() -> Iterator[sa.URL]:
    """An empty PostgreSQL; the address is its superuser's."""
    container = DockerContainer(_image("postgres")).with_env("POSTGRES_PASSWORD", "test")
    # Twice: the first time it is up only to create its files.
    ready = LogMessageWaitStrategy("database system is ready to accept connections", times=2)
    port = _free_port()
    _open_here(container, 5432, port)
    with container.waiting_for(ready):
        yield sa.make_url(f"postgresql+psycopg://postgres:test@127.0.0.1:{port}/postgres")


class NatsContainer:
    """The same ways as `essaim.running.nats_server.NatsServer`: start, kill, start again, stop."""

    def __init__(self, config: str) -> None:
        self._port = _free_port()
        self.url = f"nats://127.0.0.1:{self._port}"
        self._config = (
            "listen: 0.0.0.0:4222\n"
            'jetstream { store_dir: "/data", sync_interval: always }\n' + config
        )
        self._container = DockerContainer(_image("nats")).with_command("--config /nats.conf")
        _open_here(self._container, 4222, self._port)
        self._created = False

    def start(self) -> None:
        if self._created:
            self._container.get_wrapped_container().start()
        else:
            self._create()
            self._created = True
        wait_until(self._greets, lambda: "the NATS container does not greet")

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def stop(self) -> None:
        self._container.stop()

    def stored(self) -> bytes:
        """Everything it keeps on its disk."""
        archive, _ = self._container.get_wrapped_container().get_archive("/data")
        return b"".join(archive)

    def _create(self) -> None:
        # The configuration is in the container before its first start, by way of a copy.
        self._container.with_copy_into_container(self._config.encode(), "/nats.conf").start()

    def _greets(self) -> bool:
        """Docker's port answers before the server does."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1) as probe:
            return probe.recv(4) == b"INFO"
        return False


def _open_here(container: DockerContainer, inside: int, port: int) -> None:
    """`with_bind_ports` would open the port on every address of the machine."""
    ports: dict[Any, Any] = container.ports
    ports[inside] = ("127.0.0.1", port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
