"""FastStream's middlewares around questions and chunks: its spans, and its figures for Prometheus.

FastStream names both by subject; ours end with the id of an entity, so that each would be a name
and a time series of its own. Here a chunk is named by its service, a question by its subject.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from faststream.message import StreamMessage
from faststream.nats.opentelemetry.provider import BaseNatsTelemetrySettingsProvider
from faststream.opentelemetry.middleware import TelemetryMiddleware
from faststream.prometheus import ConsumeAttrs, MetricsSettingsProvider
from faststream.prometheus.middleware import PrometheusMiddleware
from faststream.response import PublishCommand
from nats.aio.msg import Msg
from prometheus_client import CollectorRegistry

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


def message_spans(service: str, provider: "TracerProvider") -> Any:
    """FastStream's middleware that records a span of each question and chunk of one service."""
    names = _SpanNames(service)
    return TelemetryMiddleware(settings_provider_factory=lambda _: names, tracer_provider=provider)


def message_metrics(service: str, registry: CollectorRegistry) -> Any:
    """FastStream's middleware that counts and times questions and chunks of one service."""
    names = _FigureNames(service)
    return PrometheusMiddleware(
        settings_provider_factory=lambda _: names, registry=registry, app_name=service
    )


class _SpanNames(BaseNatsTelemetrySettingsProvider[Any]):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def get_consume_attrs_from_message(self, msg: StreamMessage[Any]) -> dict[str, Any]:
        return {
            "messaging.system": self.messaging_system,
            "messaging.batch.message_count": len(_messages(msg)),
        }

    def get_consume_destination_name(self, msg: StreamMessage[Any]) -> str:
        return _name(self._service, msg)


class _FigureNames(MetricsSettingsProvider[Any]):
    def __init__(self, service: str) -> None:
        self.messaging_system = "nats"
        self._service = service

    def get_consume_attrs_from_message(self, msg: StreamMessage[Any]) -> ConsumeAttrs:
        messages = _messages(msg)
        return {
            "destination_name": _name(self._service, msg),
            "message_size": sum(len(message.data) for message in messages),
            "messages_count": len(messages),
        }

    def get_publish_destination_name_from_cmd(self, cmd: PublishCommand) -> str:
        # An answer goes to an inbox that serves once.
        return cmd.destination if cmd.destination.startswith("essaim.ask.") else "answers"


def _messages(msg: StreamMessage[Any]) -> Sequence[Msg]:
    raw = msg.raw_message
    return raw if isinstance(raw, Sequence) else [raw]


def _name(service: str, msg: StreamMessage[Any]) -> str:
    is_chunk = isinstance(msg.raw_message, Sequence)
    return f"facts for {service}" if is_chunk else str(msg.raw_message.subject)
