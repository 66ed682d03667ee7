"""What Caddy tells the services of a visitor, and what it lets nobody outside see: a real one.

`ESSAIM_TRUSTED_PROXIES` is 127.0.0.1 here, so that this test may be a TLS proxy, or a stranger.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from essaim.web.source import source_of
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from waiting import PATIENCE, wait_until

CADDYFILE = Path(__file__).parents[2] / "deploy" / "caddy" / "Caddyfile"
CADDY = Path(sys.executable).with_name("caddy")
PROXY, STRANGER = "127.0.0.1", "203.0.113.0/24"


class Echo(BaseHTTPRequestHandler):
    """A service that answers with what it was told of the visitor."""

    def do_GET(self) -> None:
        said = json.dumps(self.headers.get_all("X-Forwarded-For")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


@pytest.fixture(scope="module")
def service() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def caddy(folder: Path, service: int, trusted: str) -> Iterator[httpx.Client]:
    """Our Caddyfile, with this test's service for the four."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    written = CADDYFILE.read_text(encoding="utf-8")
    assert "{partner}:8000" in written
    written = written.replace("{partner}:8000", f"127.0.0.1:{service}")
    written = written.replace("\n:8080 {", f"\nhttp://:{port} {{")
    (folder / "Caddyfile").write_text(written, encoding="utf-8")
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    environment = os.environ | {
        "ESSAIM_TRUSTED_PROXIES": trusted,
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            wait_until(lambda: _answers(client), (folder / "log").read_text)
            yield client
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def behind_a_proxy(
    service: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    with caddy(tmp_path_factory.mktemp("behind"), service, PROXY) as client:
        yield client


@pytest.fixture(scope="module")
def in_front(service: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with caddy(tmp_path_factory.mktemp("front"), service, STRANGER) as client:
        yield client


def taken_from(forwarded: list[str]) -> str:
    """Whom a service takes for the visitor, which trusts Caddy and the proxy before it."""
    app = FastAPI()

    @app.get("/")
    def source(request: Request) -> str:
        return source_of(request)

    behind = ProxyHeadersMiddleware(cast(Any, app), f"{PROXY}, 10.0.0.0/8")
    asked = TestClient(cast(Any, behind), client=("10.0.0.2", 50000))
    answer = asked.get("/", headers={"x-forwarded-for": ", ".join(forwarded)})
    return str(answer.json())


@pytest.mark.parametrize(
    ("forwarded", "told"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("192.0.2.66, 198.51.100.7", "198.51.100.7"),
        ("192.0.2.66, 127.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("nonsense, 198.51.100.7", "198.51.100.7"),
    ],
)
def test_behind_a_proxy_the_service_hears_of_the_visitor_the_proxy_heard(
    behind_a_proxy: httpx.Client, forwarded: str, told: str
) -> None:
    answer = behind_a_proxy.get("/", headers={"X-Forwarded-For": forwarded})

    assert taken_from(answer.json()) == told


@pytest.mark.parametrize("forwarded", ["198.51.100.7", "10.0.0.1, 10.0.0.2"])
def test_who_is_no_proxy_of_ours_says_nothing_about_himself(
    in_front: httpx.Client, forwarded: str
) -> None:
    answer = in_front.get("/", headers={"X-Forwarded-For": forwarded})

    assert answer.json() == ["127.0.0.1"]


@pytest.mark.parametrize("path", ["/metrics", "/scheduling/metrics", "/nobody/metrics"])
def test_the_figures_for_monitoring_are_for_nobody_outside(
    in_front: httpx.Client, path: str
) -> None:
    assert in_front.get(path).status_code == 404
