"""What only the first of several processes knows is asked of it: how all fares, and the clock."""

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_ASKED = ("/health/ready", "/metrics", "/clock")
_PATIENCE = 60.0
_OF_THE_WAY = {"connection", "content-length", "date", "transfer-encoding"}


class AsksFirst:
    """Around the application of another process; `address` is where the first one answers it."""

    def __init__(self, app: ASGIApp, address: str) -> None:
        self._app = app
        self._first = httpx.AsyncClient(base_url=address, timeout=_PATIENCE, trust_env=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(_ASKED):
            await self._app(scope, receive, send)
            return
        answer = await self._ask(Request(scope, receive))
        await answer(scope, receive, send)

    async def _ask(self, request: Request) -> Response:
        path = f"{request.url.path}?{request.url.query}"
        try:
            # Handed on as it comes: how much it may be is for the first one to say.
            found = await self._first.request(
                request.method, path, headers=request.headers.raw, content=request.stream()
            )
        except httpx.HTTPError as error:
            words = f"the first process does not answer: {type(error).__name__}"
            return JSONResponse({"ready": False, "reason": words}, 503)
        kept = {name: text for name, text in found.headers.items() if name not in _OF_THE_WAY}
        return Response(found.content, found.status_code, kept)
