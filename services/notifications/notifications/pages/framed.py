"""A mail's HTML inside a page of ours."""

from fastapi import Response
from fastapi.responses import HTMLResponse

_FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def framed(html: str) -> Response:
    """For a frame of ours: it can show itself, open links elsewhere, nothing else."""
    shown = html.replace("<head>", '<head><base target="_blank">', 1)
    return HTMLResponse(shown, headers={"Content-Security-Policy": _FRAME_POLICY})
