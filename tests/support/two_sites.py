"""A consortium at two sites: scheduling by itself, and the three others with the broker.

Scheduling reaches the broker through a link that a test may cut, and nobody reaches scheduling but
browsers and programs.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import structlog
import uvicorn
from essaim.clock import SimulatedClock
from essaim.consortium.file import as_yaml, of_services
from essaim.consortium.partners import Consortium
from essaim.people.signing import public_key_of
from essaim.running.embedded import Embedded, keys_folder
from essaim.running.runtime import Runtime
from essaim.running.secrets import secret_of, sign_in_key_of
from essaim.service import installed_services
from essaim.settings import read_settings
from essaim.web.app import build_app
from essaim_demo.client import Services, TokenFor
from essaim_demo.player import START
from link import Link
from pydantic import SecretStr
from waiting import PATIENCE, wait_until

APART = "scheduling"


@dataclass
class TwoSites:
    """`hub` is the site of the broker, `apart` the service of the other one, `link` between."""

    hub: Embedded
    apart: Runtime
    apart_at: str
    link: Link

    @property
    def runtimes(self) -> dict[str, Runtime]:
        return self.hub.runtimes | {APART: self.apart}


class ServicesOfTwoSites(Services):
    """Each request goes to the site of its service."""

    def __init__(self, sites: TwoSites, token_for: TokenFor) -> None:
        super().__init__(sites.hub.address, tuple(sites.runtimes), token_for)
        self.close()
        self._http = httpx.Client(
            base_url=sites.hub.address, timeout=PATIENCE, transport=_ByService(sites.apart_at)
        )

    def states(self) -> list[dict[str, Any]]:
        there = self._http.get(f"/{APART}/health/ready").json()
        return [*super().states(), there]


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
def two_sites(folder: Path) -> Iterator[TwoSites]:
    structlog.reset_defaults()
    clock = SimulatedClock(START)
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        # Another name than the hub's, so that browsers keep the two apart.
        apart_at = f"http://localhost:{listening.getsockname()[1]}"
        others = {name: one for name, one in installed_services().items() if name != APART}
        hub_data = folder / "hub"
        hub_data.mkdir(parents=True)
        written = as_yaml(_with_pages(of_services(installed_services()), apart_at), spelt_out=True)
        (hub_data / "consortium.yaml").write_text(written)
        hub = Embedded(others, hub_data, clock=clock)
        server = stack.enter_context(hub.running())
        stack.enter_context(hub.served(server))
        url = next(iter(hub.runtimes.values())).settings.nats_url
        link = Link(int(url.rsplit(":", 1)[1]))
        stack.callback(link.close)
        apart = _apart(folder / "apart", hub, clock, apart_at, f"nats://127.0.0.1:{link.port}")
        stack.enter_context(_served(apart, listening))
        yield TwoSites(hub, apart, apart_at, link)


def _with_pages(consortium: Consortium, apart_at: str, hub_at: str = "") -> Consortium:
    """Where each service has its pages, for a reader at one of the two sites."""
    at = {APART: apart_at}
    return replace(
        consortium,
        partners=tuple(
            replace(one, pages=f"{at.get(one.service, hub_at)}/{one.service}/")
            for one in consortium.partners
        ),
    )


def _apart(
    folder: Path, hub: Embedded, clock: SimulatedClock, apart_at: str, nats_url: str
) -> Runtime:
    service = installed_services()[APART]
    settings = read_settings(
        service.settings,
        data=folder,
        database_url="",
        nats_url=nats_url,
        nats_seed=SecretStr((keys_folder(hub.data) / APART).read_text()),
        public_url=apart_at,
        secret=SecretStr(secret_of(folder, APART)),
        sign_in_public_key=public_key_of(sign_in_key_of(hub.data)),
        clock="simulated",
    )
    consortium = _with_pages(of_services(installed_services()), apart_at, hub.address)
    runtime = Runtime(service, settings, clock=clock, consortium=consortium)
    runtime.migrate()
    return runtime


@contextmanager
def _served(runtime: Runtime, listening: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(build_app([runtime]), log_config=None, access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name="apart")
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield
    finally:
        server.should_exit = True
        thread.join()
