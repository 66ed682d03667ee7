"""The test of every route finds what a table of rights forgot, of whatever kind it is."""

from dataclasses import replace

import matrix
import pytest
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from essaim.web.rights import ROOT, Right
from fastapi import APIRouter, WebSocket
from starlette.routing import Mount

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_new_route_without_a_declared_right_is_found(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = dict.fromkeys(matrix.routes_of(runtime), Right(frozenset()))
    router = APIRouter()

    @router.get("/api/secrets/{id}")
    @router.post("/secrets")
    def secret() -> str:
        return "for whom?"

    @router.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()

    with_more = replace(runtime.service, routers=(*runtime.service.routers, router))
    monkeypatch.setattr(runtime, "service", with_more)

    assert matrix.undeclared(runtime, declared) == {
        "GET /api/secrets/{id}", "POST /secrets", "WEBSOCKET /live",
    }  # fmt: skip


def test_a_right_without_its_route_is_found(runtime: Runtime) -> None:
    routes = matrix.routes_of(runtime)
    declared = dict.fromkeys((*routes, "GET /gone"), Right(frozenset()))

    assert matrix.undeclared(runtime, declared) == {"GET /gone"}


def test_beside_the_services_stand_the_home_page_and_the_health_of_all(runtime: Runtime) -> None:
    beside = [route for route in build_app([runtime]).routes if not isinstance(route, Mount)]

    assert set(matrix.walk(beside)) == set(ROOT)
