"""What Caddy tells the services of a visitor, and what it lets nobody outside see: a real one.

`ESSAIM_TRUSTED_PROXIES` is 127.0.0.1 here, so that this test may be a TLS proxy, or a stranger.
"""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from essaim.cli.doctor import _certificate
from essaim.operating.certificate import certificate_of
from essaim.web.source import source_of
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from waiting import PATIENCE, wait_until

CADDY_FILES = Path(__file__).parents[2] / "deploy" / "caddy"
CADDY = Path(sys.executable).with_name("caddy")
PROXY, STRANGER = "127.0.0.1", "203.0.113.0/24"


SAID = "Élan coopératif. " * 100


class Echo(BaseHTTPRequestHandler):
    """A service that answers with what it was told of the visitor."""

    def do_GET(self) -> None:
        found = {name: self.headers.get_all(name) for name in ("X-Forwarded-For", "X-Partner")}
        said = json.dumps(found | {"proto": self.headers["X-Forwarded-Proto"], "text": SAID})
        body = said.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


@pytest.fixture(scope="module")
def service() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def written(folder: Path, service: int, port: int) -> None:
    """Our files for Caddy, with this test's service for the four and no port that is not free."""
    for file in CADDY_FILES.iterdir():
        text = file.read_text(encoding="utf-8")
        proxied = "reverse_proxy {partner}:8000 {"
        assert (proxied in text) == (file.name == "consortium.caddy")
        to_test = f"reverse_proxy 127.0.0.1:{service} {{\n\t\theader_up X-Partner {{partner}}"
        text = text.replace(proxied, to_test).replace("\n:8080 {", f"\nhttp://:{port} {{")
        (folder / file.name).write_text(text, encoding="utf-8")
    with (folder / "global.caddy").open("a") as file_of_all:
        file_of_all.write(f"http_port {free_port()}\n")


@contextmanager
def running(folder: Path, config: str, **settings: str) -> Iterator[Path]:
    """Caddy with these files; gives its log."""
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(folder / config)]
    environment = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment | settings, stdout=log, stderr=log)
    try:
        yield folder / "log"
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def caddy(folder: Path, service: int, trusted: str) -> Iterator[httpx.Client]:
    """Caddy without a domain, before this test's service."""
    port = free_port()
    written(folder, service, port)
    with (
        running(folder, "Caddyfile", ESSAIM_TRUSTED_PROXIES=trusted) as log,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        wait_until(lambda: _answers(client), log.read_text)
        yield client


@pytest.fixture(scope="module")
def of_a_domain(service: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Caddy with the domain « localhost », whose certificate it signs by itself; HTTP beside it."""
    folder, port = tmp_path_factory.mktemp("domain"), free_port()
    plain = free_port()
    written(folder, service, plain)
    domain, root = f"localhost:{port}", folder / "caddy" / "pki" / "authorities" / "local"
    started = running(
        folder, "Caddyfile.https", ESSAIM_DOMAIN=domain, ESSAIM_CERTIFICATE="internal"
    )
    with started as log:
        wait_until((root / "root.crt").exists, log.read_text)
        trust = ssl.create_default_context(cafile=str(root / "root.crt"))
        with httpx.Client(base_url=f"https://{domain}", verify=trust, timeout=PATIENCE) as client:
            client.headers["X-Plain"] = f"http://localhost:{plain}"
            wait_until(lambda: _answers(client), log.read_text)
            yield client


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

    assert taken_from(answer.json()["X-Forwarded-For"]) == told


@pytest.mark.parametrize("forwarded", ["198.51.100.7", "10.0.0.1, 10.0.0.2"])
def test_who_is_no_proxy_of_ours_says_nothing_about_himself(
    in_front: httpx.Client, forwarded: str
) -> None:
    answer = in_front.get("/", headers={"X-Forwarded-For": forwarded})

    assert answer.json()["X-Forwarded-For"] == ["127.0.0.1"]


@pytest.mark.parametrize("path", ["/metrics", "/scheduling/metrics", "/nobody/metrics"])
def test_the_figures_for_monitoring_are_for_nobody_outside(
    in_front: httpx.Client, path: str
) -> None:
    assert in_front.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "page", "partner"),
    [
        ("/", "", "candidatures"),
        ("/scheduling/sessions", "", "scheduling"),
        ("/reporting", "", "reporting"),
        ("/reportings", "", "candidatures"),
        ("/static/0a1b/essaim.css", "http://localhost/scheduling/sessions?x=1", "scheduling"),
        ("/static/0a1b/essaim.css", "https://essaim.example.org/reporting/", "reporting"),
        ("/static/0a1b/essaim.css", "https://essaim.example.org/", "candidatures"),
        ("/static/0a1b/essaim.css", "", "candidatures"),
        ("/candidatures/calls", "http://localhost/scheduling/", "candidatures"),
    ],
)
def test_a_page_and_what_it_stands_on_come_from_the_same_service(
    in_front: httpx.Client, path: str, page: str, partner: str
) -> None:
    answer = in_front.get(path, headers={"Referer": page})

    assert answer.json()["X-Partner"] == [partner]


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_pages_travel_small(in_front: httpx.Client, encoding: str) -> None:
    with in_front.stream("GET", "/", headers={"Accept-Encoding": encoding}) as answer:
        size = sum(len(part) for part in answer.iter_raw())

    assert answer.headers["content-encoding"] == encoding
    assert size < len(SAID) / 4


def test_what_a_service_says_to_the_browser_stands_and_caddy_s_own_answers_say_it_too(
    in_front: httpx.Client,
) -> None:
    theirs, own = in_front.get("/"), in_front.get("/metrics")

    assert theirs.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert "default-src 'none'" in own.headers["content-security-policy"]
    for answer in (theirs, own):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in answer.headers


def test_with_a_domain_pages_are_encrypted_and_stay_so(of_a_domain: httpx.Client) -> None:
    for path in ("/", "/metrics"):
        answer = of_a_domain.get(path)
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert of_a_domain.get("/").json()["proto"] == "https"


def test_the_doctor_says_until_when_the_certificate_holds(of_a_domain: httpx.Client) -> None:
    found = certificate_of(str(of_a_domain.base_url))

    assert "Caddy Local Authority" in found.issuer
    assert found.is_renewed_in_time(found.begins)
    assert not found.is_renewed_in_time(found.ends - timedelta(hours=1))
    assert _certificate(str(of_a_domain.base_url)).ok


def test_the_doctor_says_when_no_certificate_is_shown(in_front: httpx.Client) -> None:
    finding = _certificate(str(in_front.base_url).replace("http:", "https:"))

    assert not finding.ok


def test_with_a_domain_the_former_port_leads_to_it(of_a_domain: httpx.Client) -> None:
    answer = httpx.get(f"{of_a_domain.headers['X-Plain']}/reporting/?x=1", timeout=PATIENCE)

    assert answer.status_code == 302
    assert answer.headers["location"] == str(of_a_domain.base_url.join("/reporting/?x=1"))
