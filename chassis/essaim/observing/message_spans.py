"""FastStream's spans around questions and chunks; needs the extra `essaim[tracing]`.

FastStream names a span by its subject; ours end with the id of an entity. Here a chunk is named by
its service, a question by its subject.
"""

from typing import Any

from faststream.message import StreamMessage
from faststream.nats.opentelemetry.provider import BaseNatsTelemetrySettingsProvider
from faststream.opentelemetry.middleware import TelemetryMiddleware
from opentelemetry.sdk.trace import TracerProvider

from essaim.observing.message_metrics import messages_of, name_of


def message_spans(service: str, provider: TracerProvider) -> Any:
    """FastStream's middleware that records a span of each question and chunk of one service."""
    names = _SpanNames(service)
    return TelemetryMiddleware(settings_provider_factory=lambda _: names, tracer_provider=provider)


class _SpanNames(BaseNatsTelemetrySettingsProvider[Any]):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def get_consume_attrs_from_message(self, msg: StreamMessage[Any]) -> dict[str, Any]:
        return {
            "messaging.system": self.messaging_system,
            "messaging.batch.message_count": len(messages_of(msg)),
        }

    def get_consume_destination_name(self, msg: StreamMessage[Any]) -> str:
        return name_of(self._service, msg)
