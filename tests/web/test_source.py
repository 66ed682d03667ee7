from typing import Any, cast

import pytest
from essaim.web.source import source_of
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

PROXIES = "10.0.0.0/8, fd00::/8"


def seen_from(peer: str, *forwarded: str) -> str:
    """Where a request comes from, for a service behind these proxies that `peer` speaks to."""
    app = FastAPI()

    @app.get("/")
    def source(request: Request) -> str:
        return source_of(request)

    behind = ProxyHeadersMiddleware(cast(Any, app), PROXIES)
    browser = TestClient(cast(Any, behind), client=(peer, 50000))
    headers = [("x-forwarded-for", value) for value in forwarded]
    return str(browser.get("/", headers=cast(Any, headers)).json())


@pytest.mark.parametrize(
    ("peer", "forwarded", "source"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        # Who is no proxy of ours says nothing about himself.
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        # Each proxy adds whom it heard: what stands further left is the visitor's own invention.
        ("10.1.2.3", ("192.0.2.66, 198.51.100.1",), "198.51.100.1"),
        ("10.1.2.3", ("192.0.2.66, 198.51.100.1, 10.9.9.9",), "198.51.100.1"),
        ("10.1.2.3", ("192.0.2.66", "198.51.100.1"), "198.51.100.1"),
        ("10.1.2.3", ("10.0.0.7, 198.51.100.1:4711",), "198.51.100.1"),
        ("10.1.2.3", ("not an address",), "not an address"),
        ("fd00::1", ("2001:db8:1:2:3:4:5:6",), "2001:db8:1:2::/64"),
        ("fd00::1", ("::ffff:198.51.100.1",), "198.51.100.1"),
    ],
)
def test_the_source_is_what_the_last_trusted_proxy_heard(
    peer: str, forwarded: tuple[str, ...], source: str
) -> None:
    assert seen_from(peer, *forwarded) == source


def test_all_addresses_of_one_household_are_one_source() -> None:
    sources = {seen_from(f"2001:db8:1:2::{last:x}") for last in range(1, 9)}

    assert sources == {"2001:db8:1:2::/64"}
