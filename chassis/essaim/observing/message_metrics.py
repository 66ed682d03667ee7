"""FastStream's figures for Prometheus, of questions and chunks.

FastStream labels a figure with its subject; ours end with the id of an entity, so that each would
be a time series of its own. Here a chunk is named by its service, a question by its subject.
"""

from collections.abc import Sequence
from typing import Any

from faststream.message import StreamMessage
from faststream.prometheus import ConsumeAttrs, MetricsSettingsProvider
from faststream.prometheus.middleware import PrometheusMiddleware
from faststream.response import PublishCommand
from nats.aio.msg import Msg
from prometheus_client import CollectorRegistry


def message_metrics(service: str, registry: CollectorRegistry) -> Any:
    """FastStream's middleware that counts and times questions and chunks of one service."""
    names = _FigureNames(service)
    return PrometheusMiddleware(
        settings_provider_factory=lambda _: names, registry=registry, app_name=service
    )


class _FigureNames(MetricsSettingsProvider[Any]):
    def __init__(self, service: str) -> None:
        self.messaging_system = "nats"
        self._service = service

    def get_consume_attrs_from_message(self, msg: StreamMessage[Any]) -> ConsumeAttrs:
        messages = messages_of(msg)
        return {
            "destination_name": name_of(self._service, msg),
            "message_size": sum(len(message.data) for message in messages),
            "messages_count": len(messages),
        }

    def get_publish_destination_name_from_cmd(self, cmd: PublishCommand) -> str:
        # An answer goes to an inbox that serves once.
        return cmd.destination if cmd.destination.startswith("essaim.ask.") else "answers"


def messages_of(msg: StreamMessage[Any]) -> Sequence[Msg]:
    """Those of a chunk, or the one of a question."""
    raw = msg.raw_message
    return raw if isinstance(raw, Sequence) else [raw]


def name_of(service: str, msg: StreamMessage[Any]) -> str:
    is_chunk = isinstance(msg.raw_message, Sequence)
    return f"facts for {service}" if is_chunk else str(msg.raw_message.subject)
