"""Figures for Prometheus: how services are, and FastStream's of the messages they handle."""

from collections.abc import Iterable, Sequence
from typing import Any

from faststream.message import StreamMessage
from faststream.prometheus import ConsumeAttrs, MetricsSettingsProvider
from faststream.prometheus.middleware import PrometheusMiddleware
from faststream.response import PublishCommand
from nats.aio.msg import Msg
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric


class Figures:
    """What prometheus-client asks for the figures: the state of each service, by its name."""

    def __init__(self, states: dict[str, dict[str, Any]]) -> None:
        self._states = states

    def collect(self) -> Iterable[Metric]:
        families = {
            "ready": GaugeMetricFamily(
                "essaim_ready", "1 when every part works", labels=["service"]
            ),
            "active": GaugeMetricFamily(
                "essaim_active", "1 when this instance relays and handles", labels=["service"]
            ),
            "unpublished": GaugeMetricFamily(
                "essaim_unpublished_facts",
                "Facts told and not yet in the stream",
                labels=["service"],
            ),
            "pending": GaugeMetricFamily(
                "essaim_pending_facts", "Facts in the stream not yet handled", labels=["service"]
            ),
            "waiting": GaugeMetricFamily(
                "essaim_waiting_facts", "Facts that failed and will be retried", labels=["service"]
            ),
            "dead": GaugeMetricFamily(
                "essaim_dead_facts",
                "Facts given up, for an operator to look at",
                labels=["service"],
            ),
        }
        parts = GaugeMetricFamily(
            "essaim_part_ok", "1 when this part works", labels=["service", "part"]
        )
        for service, state in self._states.items():
            for name, family in families.items():
                family.add_metric([service], float(state[name]))
            for part in state["parts"]:
                parts.add_metric([service, part["name"]], float(part["ok"]))
        return [*families.values(), parts]


class _OfService(MetricsSettingsProvider[Any]):
    """What FastStream's own provider says, without ids: a subject ends with that of an entity,
    and each would be a time series of its own."""

    def __init__(self, service: str) -> None:
        self.messaging_system = "nats"
        self._service = service

    def get_consume_attrs_from_message(self, msg: StreamMessage[Any]) -> ConsumeAttrs:
        raw = msg.raw_message
        messages: Sequence[Msg] = raw if isinstance(raw, Sequence) else [raw]
        return {
            "destination_name": self._service,
            "message_size": sum(len(message.data) for message in messages),
            "messages_count": len(messages),
        }

    def get_publish_destination_name_from_cmd(self, cmd: PublishCommand) -> str:
        # The questions we ask: their subjects are few; the answers go to an inbox of their own.
        return cmd.destination if cmd.destination.startswith("essaim.ask.") else "answers"


def message_metrics(service: str, registry: CollectorRegistry) -> Any:
    """FastStream's middleware that counts and times questions and chunks of one service."""
    provider = _OfService(service)
    return PrometheusMiddleware(
        settings_provider_factory=lambda _: provider, registry=registry, app_name=service
    )
