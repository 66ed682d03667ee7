"""A NATS cluster of three servers on this machine, each of which a test may kill."""

import socket
from pathlib import Path

from essaim.running.nats_server import NatsServer

NAMES = ("n1", "n2", "n3")


class Cluster:
    """Three servers, started at once: none takes anything before a second one is there."""

    def __init__(self, folder: Path, config: str) -> None:
        self.folder = folder
        self._ports = dict(zip(NAMES, _free_ports(len(NAMES)), strict=True))
        self._routes = dict(zip(NAMES, _free_ports(len(NAMES)), strict=True))
        self.nodes = {
            name: NatsServer(folder / name, self._config_of(name) + config, self._ports[name])
            for name in NAMES
        }

    @property
    def url(self) -> str:
        return ",".join(f"nats://127.0.0.1:{port}" for port in self._ports.values())

    def start(self) -> None:
        for node in self.nodes.values():
            node.start()

    def kill(self) -> None:
        for node in self.nodes.values():
            node.kill()

    def stop(self) -> None:
        for node in self.nodes.values():
            node.stop()

    def _config_of(self, name: str) -> str:
        routes = [f"nats://127.0.0.1:{port}" for port in self._routes.values()]
        return (
            f"server_name: {name}\n"
            "cluster {\n"
            "  name: essaim\n"
            f'  listen: "127.0.0.1:{self._routes[name]}"\n'
            f"  routes: {routes}\n".replace("'", '"')
            + "}\n"
        )


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
