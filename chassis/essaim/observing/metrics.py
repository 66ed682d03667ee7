"""Figures for Prometheus: how services are."""

from collections.abc import Iterable
from typing import Any

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
