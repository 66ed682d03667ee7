"""What every answer says to the browser about what it may load, keep and tell others."""

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'self'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # A sign-in link must not leak to another site through the address of the page.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_KEPT = "public, max-age=31536000, immutable"
_NOT_KEPT = "private, no-cache"


class LimitedBody:
    """Refuses a request whose body is larger than `most` bytes, as soon as that is known."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        declared = headers.get(b"content-length", b"0")
        received = int(declared) if declared.isdigit() else 0

        async def receive_limited() -> Message:
            nonlocal received
            if received > self._most:
                # Raised inside the application, where it becomes a page or a problem.
                raise HTTPException(413)
            message = await receive()
            if not declared.isdigit() or declared == b"0":
                received += len(message.get("body", b""))
            return message

        await self._app(scope, receive_limited, send)


class SecurityHeaders:
    """Adds the headers to every answer; only versioned static files may be kept for long."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_versioned = "/static/" in scope["path"] and b"v=" in scope["query_string"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                found = message["status"] in (200, 304)
                headers.setdefault("Cache-Control", _KEPT if is_versioned and found else _NOT_KEPT)
            await send(message)

        await self._app(scope, receive, send_with_headers)
