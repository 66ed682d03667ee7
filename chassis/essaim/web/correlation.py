"""Each request begins something: what follows from it is found again by one id."""

from collections.abc import MutableMapping
from typing import Any

from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from essaim.observing.tracing import Tracing, following, new_origin

HEADER = "X-Correlation-Id"
# Asked every few seconds, for ever: they would hide everything else.
_NOT_TRACED = ("/health/live", "/health/ready", "/metrics")


class Correlated:
    """Gives every request an id, said in the answer, in its log lines and in its facts.

    The id is ours: what a client brings would let strangers write into our logs.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = new_origin()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = origin.correlation_id
            await send(message)

        with following(origin):
            await self._app(scope, receive, send_with_id)


def telemetry_of(tracing: Tracing) -> TelemetryConfig:
    """FastAPI's own spans, for a service that records them; nothing else of its telemetry."""
    recorded = tracing.provider is not None
    config = TelemetryConfig(
        tracing=recorded, metrics=False, logs=False, operation_spans=False, exclude=is_a_look
    )
    if tracing.provider is not None:
        config["tracer_provider"] = tracing.provider
    return config


def is_a_look(scope: MutableMapping[str, Any]) -> bool:
    """Whether it is asked how we fare."""
    return str(scope["path"]).endswith(_NOT_TRACED)
