"""Figures for Prometheus: gauges and counters of a moment, and several services' as one."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry, Info, ProcessCollector, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

GAUGES = {
    "ready": "1 when every part works",
    "active": "1 when this instance relays and handles",
    "unpublished_facts": "Facts told and not yet in the stream, those held back included",
    "outbox_oldest_seconds": "How long the first of them has waited",
    "pending_facts": "Facts in the stream not yet handled",
    "waiting_facts": "Facts that failed, and those behind them, to be tried again",
    "dead_facts": "Facts given up, for an operator to look at",
    "loop_lag_seconds": "How late the event loop was when it was looked at last",
    "database_bytes": "Size of the service's database",
    "database_connections_used": "Connections to the database in use",
    "database_connections_most": "Connections to the database there may be at once",
    "disk_free_bytes": "Room left where the service keeps its documents",
    "disk_bytes": "Size of that disk",
    "backup_taken_timestamp_seconds": "When the database was last saved, in seconds since 1970",
    "backup_bytes": "Size of that backup",
    "retention_lots_due": "Lots of personal data that are past the time they may be kept",
    "stream_bytes": "Size of the stream of facts, as the relay saw it last",
    "stream_max_bytes": "Size at which it takes no more facts",
    "stream_messages": "Facts in the stream",
}
BY_TYPE = {
    "parked_facts": "Facts that the stream refused for good, by type",
    "dead_facts_by_type": "Facts given up, by type",
}
HEARD = "When another partner's service was heard last, in seconds since 1970"
TOLD = "Messages that came from the stream since this process began, by whose they are"
COUNTERS = {
    "facts_published": "Facts brought to the stream since this process began",
    "facts_handled": "Facts handled since this process began",
    "facts_failed": "Facts whose handling failed at first, or that could not be read",
    "facts_duplicate": "Facts that came again, and were dropped",
}


def families(
    service: str,
    values: Mapping[str, float],
    by_type: Mapping[str, Mapping[str, float]],
    parts: Mapping[str, bool],
    partners: Mapping[str, float],
) -> Iterable[Metric]:
    """The figures of one service; a value that is not known now is left out."""
    for name, words in GAUGES.items():
        if name in values:
            gauge = GaugeMetricFamily(f"essaim_{name}", words, labels=["service"])
            gauge.add_metric([service], values[name])
            yield gauge
    for name, words in BY_TYPE.items():
        yield _by("type", name, words, service, by_type.get(name, {}))
    for name, words in COUNTERS.items():
        if name in values:
            counter = CounterMetricFamily(f"essaim_{name}", words, labels=["service"])
            counter.add_metric([service], values[name])
            yield counter
    yield _by("partner", "partner_heard_timestamp_seconds", HEARD, service, partners)
    yield _by("part", "part_ok", "1 when this part works", service, parts)


def told(service: str, counted: Mapping[str, int]) -> CounterMetricFamily:
    """Who tells how much, as one who hears it counts it: a partner need not say that itself."""
    counter = CounterMetricFamily("essaim_facts_told", TOLD, labels=["service", "owner"])
    for owner, count in counted.items():
        counter.add_metric([service, owner], count)
    return counter


def _by(
    label: str, name: str, words: str, service: str, values: Mapping[str, float]
) -> GaugeMetricFamily:
    """A figure with one value for each of something, such as a type."""
    gauge = GaugeMetricFamily(f"essaim_{name}", words, labels=["service", label])
    for one, value in values.items():
        gauge.add_metric([service, one], float(value))
    return gauge


OF_PROCESS = CollectorRegistry(auto_describe=False)
"""Memory, processor time and open files of this process; which version it is."""
ProcessCollector(registry=OF_PROCESS)
Info("essaim_build", "The version of the chassis", registry=OF_PROCESS).info(
    {"version": version("essaim")}
)


@contextmanager
def measured_together() -> Iterator[None]:
    """What is measured in here is kept in files, for the other processes of this program too.

    Enter it before there is another process.
    """
    global _SHARED
    alone = values.ValueClass
    with TemporaryDirectory(prefix="essaim-measured-", ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        _SHARED = MultiProcessCollector(None, folder)  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            _SHARED, values.ValueClass = None, alone
            del os.environ[_FOLDER]


def measured(registries: Iterable[CollectorRegistry]) -> Iterable[Collector]:
    """What was measured in these, by whichever process of this program."""
    return tuple(registries) if _SHARED is None else (_SHARED,)


_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SHARED: Collector | None = None


class Together:
    """Several registries as one: each family once, with everybody's samples."""

    def __init__(self, registries: Iterable[Collector]) -> None:
        self._registries = tuple(registries)

    def collect(self) -> Iterable[Metric]:
        found: dict[str, Metric] = {}
        for registry in self._registries:
            for family in registry.collect():
                known = found.setdefault(family.name, family)
                if known is not family:
                    known.samples.extend(family.samples)
        return found.values()
