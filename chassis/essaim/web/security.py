"""What every answer says to the browser about what it may load, keep and tell others."""

import asyncio
import time
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from essaim.web.cookies import SIGN_IN
from essaim.web.static_files import shared_path

_POLICY = (
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'self'",
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # A sign-in link must not leak to another site through the address of the page.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_KEPT = "public, max-age=31536000, immutable"
_NOT_KEPT = "private, no-cache"
_PERSONAL = "no-store"
"""What somebody signed in was shown: nobody finds it afterwards on a computer she shared."""


def _is_personal(asked: Headers) -> bool:
    return "authorization" in asked or SIGN_IN in asked.get("cookie", "")


BODY_PATIENCE = 30.0
"""Seconds a body may keep us waiting, and as many more as it has kilobytes: uvicorn has no end."""
_SLOWEST = 1024  # bytes a second


class LimitedBody:
    """Refuses a body larger than `most` bytes, or too slow, as soon as that is known.

    Refusals are raised inside the application, where they become a page or a problem.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = dict(scope.get("headers", ())).get(b"content-length", b"0")
        size = int(declared) if declared.isdigit() else 0
        received, waited, is_whole = 0, 0.0, False

        async def receive_limited() -> Message:
            nonlocal received, waited, is_whole
            if is_whole:
                return await receive()
            if max(size, received) > self._most:
                raise HTTPException(413)
            begun = time.monotonic()
            patience = BODY_PATIENCE + received / _SLOWEST - waited
            try:
                message = await asyncio.wait_for(receive(), max(patience, 0.0))
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            waited += time.monotonic() - begun
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            return message

        await self._app(scope, receive_limited, send)


class SecurityHeaders:
    """Adds the headers to every answer; only versioned static files may be kept for long."""

    def __init__(self, app: ASGIApp, *, is_https: bool, others: Iterable[str] = ()) -> None:
        """`others` are partners' own hosts: a form here may lead there, by way of signing in."""
        self._app = app
        targets = " ".join(("form-action 'self'", *others))
        self._versioned = f"{shared_path()}/"
        self._headers = _HEADERS | {"Content-Security-Policy": "; ".join((*_POLICY, targets))}
        if is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_versioned = scope["path"].startswith(self._versioned) or (
            "/static/" in scope["path"] and b"v=" in scope["query_string"]
        )
        asked = Headers(scope=scope)
        not_kept = _PERSONAL if _is_personal(asked) else _NOT_KEPT
        here = f"{scope['scheme']}://{asked.get('host', '')}/"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                found = message["status"] in (200, 304)
                headers.setdefault("Cache-Control", _KEPT if is_versioned and found else not_kept)
                if headers.get("location", "").startswith(here):
                    # Whatever name we were asked by, we send to a path of where she is.
                    headers["Location"] = headers["location"][len(here) - 1 :]
            await send(message)

        await self._app(scope, receive, send_with_headers)
