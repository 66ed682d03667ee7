"""A consortium at two sites: scheduling by itself, and the three others with the broker.

The other site is a process of its own, made of the folder that `essaim partner add` writes. It
reaches the broker by TLS through a link that a test may cut, and nobody reaches it but browsers
and programs. The hub is in this process.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import structlog
import uvicorn
from essaim.broker.certificates import certificates_in
from essaim.broker.client import connected
from essaim.broker.topology import OPERATOR, SYSTEM, apply, wanted
from essaim.broker.users import keys_of, seeds_in, users_of
from essaim.clock import SimulatedClock
from essaim.consortium.file import as_yaml, of_services
from essaim.keeping.database import Database
from essaim.operating.desk import USERS, Desk, keep_keys, write_users
from essaim.operating.journal import read_stream
from essaim.operating.verify import verify
from essaim.people.signing import public_key_of
from essaim.running.nats_server import NatsServer
from essaim.running.runtime import Runtime
from essaim.running.secrets import secret_of, sign_in_key_of
from essaim.service import installed_services
from essaim.settings import read_settings
from essaim.web.app import build_app
from essaim_demo.agreement import disagreements, not_handled, unlike
from essaim_demo.client import Services, TokenFor
from essaim_demo.player import START
from link import Link
from pydantic import SecretStr
from waiting import PATIENCE, wait_until

APART = "scheduling"


@dataclass
class Hub:
    """The site of the broker: what the operator looks after, and the services that run there."""

    desk: Desk
    address: str
    runtimes: dict[str, Runtime]


class Apart:
    """The process of the other site. `folder` is what it was given, and holds its database."""

    def __init__(self, folder: Path, address: str, simulated: bool) -> None:
        self.folder = folder
        self.address = address
        self._simulated = simulated
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'data' / APART}.db"

    def start(self, now: datetime = START) -> None:
        """As its guide says without Docker; returns once it serves pages."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "essaim", "run", APART],
                env=self._environment(now),
                stdout=log,
                stderr=log,
            )
        wait_until(self._serves, lambda: (self.folder / "log").read_text()[-3000:])

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int | None:
        """Ask it to end, as its host does; returns its exit code."""
        if self._process is None:
            return None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE)

    def _environment(self, now: datetime) -> dict[str, str]:
        given = dict(
            line.split("=", 1)
            for line in (self.folder / "settings.env").read_text().splitlines()
            if not line.startswith("#")
        )
        own = {
            "ESSAIM_NATS_SEED_FILE": str(self.folder / f"{APART}.seed"),
            "ESSAIM_NATS_CA": str(self.folder / "ca.pem"),
            "ESSAIM_CONSORTIUM": str(self.folder / "consortium.yaml"),
            "ESSAIM_DATA": str(self.folder / "data"),
            "ESSAIM_SECRET": secret_of(self.folder, APART),
            "ESSAIM_PUBLIC_URL": self.address,
            "ESSAIM_PORT": self.address.rpartition(":")[2],
        }
        clock = {"ESSAIM_CLOCK": "simulated", "ESSAIM_SIMULATED_START": now.isoformat()}
        return _of_others() | given | own | (clock if self._simulated else {})

    def _serves(self) -> bool:
        assert self._process is not None
        ended = self._process.poll()
        assert ended is None, f"ended with {ended}: {(self.folder / 'log').read_text()[-3000:]}"
        try:
            return httpx.get(f"{self.address}/{APART}/health/live").is_success
        except httpx.TransportError:
            return False


@dataclass
class TwoSites:
    """`hub` is the site of the broker, `apart` the service of the other one, `link` between."""

    hub: Hub
    apart: Apart
    link: Link

    def readiness(self) -> dict[str, Any]:
        """What the service of the other site says of itself."""
        found: dict[str, Any] = httpx.get(f"{self.apart.address}/{APART}/health/ready").json()
        return found

    def disagreements(self) -> list[str]:
        """What is wrong between the two sites and the stream, one sentence each."""
        return asyncio.run(self._disagreements())

    async def _disagreements(self) -> list[str]:
        desk, database = self.hub.desk, Database(self.apart.database_url)
        async with connected(desk.url, OPERATOR, desk.operator_seed, desk.ca) as operator:
            found = await disagreements(self.hub.runtimes, operator)
            stream = await read_stream(operator)
            found += not_handled(installed_services()[APART], database, stream)
            for result in await verify(operator, {APART: database}):
                found += unlike(result)
        database.close()
        return found


class ServicesOfTwoSites(Services):
    """Each request goes to the site of its service."""

    def __init__(self, sites: TwoSites, token_for: TokenFor) -> None:
        super().__init__(sites.hub.address, (*sites.hub.runtimes, APART), token_for)
        self.close()
        self._sites = sites
        self._http = httpx.Client(
            base_url=sites.hub.address, timeout=PATIENCE, transport=_ByService(sites.apart.address)
        )

    def states(self) -> list[dict[str, Any]]:
        return [*super().states(), self._sites.readiness()]


class _ByService(httpx.HTTPTransport):
    def __init__(self, apart_at: str) -> None:
        super().__init__()
        self._apart_at = httpx.URL(apart_at)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith(f"/{APART}/"):
            request.url = request.url.copy_with(host=self._apart_at.host, port=self._apart_at.port)
            request.headers["Host"] = f"{self._apart_at.host}:{self._apart_at.port}"
        return super().handle_request(request)


@contextmanager
def two_sites(folder: Path, *, simulated: bool = True) -> Iterator[TwoSites]:
    """The two sites, on simulated time or on the machine's."""
    structlog.reset_defaults()
    with ExitStack() as stack:
        desk = stack.enter_context(_broker(folder / "hub"))
        link = Link(int(desk.url.rpartition(":")[2]))
        stack.callback(link.close)
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        hub_at = f"http://127.0.0.1:{listening.getsockname()[1]}"
        # Another name than the hub's, so that browsers keep the two apart.
        apart = Apart(folder / "apart", f"http://localhost:{_free_port()}", simulated)
        _join(desk, hub_at, link.port, apart)
        hub = Hub(desk, hub_at, _runtimes(desk, hub_at, simulated))
        stack.enter_context(_served(list(hub.runtimes.values()), listening))
        stack.callback(apart.kill)
        apart.start()
        yield TwoSites(hub, apart, link)
        assert apart.stop() == 0


@contextmanager
def _broker(folder: Path) -> Iterator[Desk]:
    """A broker that speaks TLS alone, and the desk of its operator."""
    services = installed_services()
    consortium = of_services(services)
    seeds = seeds_in(folder / "keys", users_of(consortium))
    keep_keys(folder, keys_of(seeds))
    write_users(folder, consortium)
    file = folder / "consortium.yaml"
    file.write_text(as_yaml(consortium, spelt_out=False))
    certificates_in(folder / "tls", ["127.0.0.1", "localhost"])
    tls = (
        f'include "{USERS}"\n'
        "tls {\n"
        f'  cert_file: "{folder / "tls" / "server.pem"}"\n'
        f'  key_file: "{folder / "tls" / "server-key.pem"}"\n'
        "  handshake_first: true\n"
        "}\n"
    )
    server = NatsServer(folder, tls)
    server.start()
    ca, url = folder / "tls" / "ca.pem", server.url.replace("nats://", "tls://")
    desk = Desk(file, folder, services, seeds[OPERATOR], seeds[SYSTEM], url, ca, folder / "keys")
    try:
        asyncio.run(_apply_topology(desk))
        yield desk
    finally:
        server.stop()


async def _apply_topology(desk: Desk) -> None:
    async with connected(desk.url, OPERATOR, desk.operator_seed, desk.ca) as operator:
        await apply(operator, wanted(desk.consortium()))


def _join(desk: Desk, hub_at: str, port: int, apart: Apart) -> None:
    """By the operator's command, which writes the folder of the other site."""
    system = desk.folder / "keys" / SYSTEM
    environment = {
        "ESSAIM_CONSORTIUM": desk.file,
        "ESSAIM_DATA": desk.folder / "data",
        "ESSAIM_NATS_URL": desk.url,
        "ESSAIM_NATS_CA": desk.ca,
        "ESSAIM_NATS_SEED_FILE": desk.folder / "keys" / OPERATOR,
        "ESSAIM_NATS_SYSTEM_SEED_FILE": system,
        "ESSAIM_NATS_HOST": "localhost",
        "ESSAIM_NATS_PORT": port,
        "ESSAIM_PUBLIC_URL": hub_at,
        "ESSAIM_SIGN_IN_KEY": sign_in_key_of(desk.folder),
    }
    act = ["partner", "add", "Le Bureau des temps", "--service", APART, "--to", str(apart.folder)]
    subprocess.run(
        [sys.executable, "-m", "essaim", *act, "--pages", f"{apart.address}/{APART}/"],
        env=_of_others() | {name: str(value) for name, value in environment.items()},
        check=True,
        capture_output=True,
    )


def _runtimes(desk: Desk, hub_at: str, simulated: bool) -> dict[str, Runtime]:
    clock = SimulatedClock(START) if simulated else None
    key = sign_in_key_of(desk.folder)
    runtimes = {}
    for name in desk.consortium().here:
        service = desk.services[name]
        settings = read_settings(
            service.settings,
            data=desk.folder / "data",
            consortium=desk.file,
            database_url="",
            nats_url=desk.url,
            nats_ca=desk.ca,
            nats_seed_file=desk.folder / "keys" / name,
            public_url=hub_at,
            secret=SecretStr(secret_of(desk.folder, name)),
            sign_in_key=SecretStr(key if service.keeps_directory else ""),
            sign_in_public_key=public_key_of(key),
            clock="simulated" if simulated else "system",
        )
        runtimes[name] = Runtime(service, settings, clock=clock)
        runtimes[name].migrate()
    return runtimes


@contextmanager
def _served(runtimes: list[Runtime], listening: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(build_app(runtimes), log_config=None, access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name="hub")
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield
    finally:
        server.should_exit = True
        thread.join()


def _of_others() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ESSAIM_")}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
