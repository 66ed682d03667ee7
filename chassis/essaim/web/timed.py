"""How long each route takes, for Prometheus."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from essaim.observing.measures import Measures
from essaim.web.correlation import is_a_look

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
NOWHERE = "none"
"""Stands for what no route is for: addresses that were guessed, static files."""


class Timed:
    """Measures from the request to the last byte of its answer."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_a_look(scope):
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        status = 500

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_seen)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            route = getattr(scope.get("route"), "path", NOWHERE)
            self._measures.page(method, route, status, perf_counter() - begun)
