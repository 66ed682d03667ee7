"""HEAD: what GET answers, without its body. What looks whether a page is there often asks so."""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadersOnly:
    """The application is asked by GET; the server, which knows better, sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
