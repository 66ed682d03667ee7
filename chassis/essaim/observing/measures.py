"""How long things take in one service, and how much goes at once: histograms for Prometheus.

Labels have few values: a route is the pattern, not the path; a type is one that the service hears.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Histogram

_PAGE = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_HANDLER = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10)
_MANY = (1, 4, 16, 64, 256, 512)


class Measures:
    """One set for each service and process; all are in seconds or facts."""

    def __init__(self, service: str, registry: CollectorRegistry | None = None) -> None:
        self._service = service
        registry = registry or CollectorRegistry()

        def histogram(name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(
                f"essaim_{name}", words, ("service", *labels), buckets=buckets, registry=registry
            )

        self._page = histogram(
            "page_seconds", "To answer a request", _PAGE, "method", "route", "status"
        )
        self._handler = histogram("handler_seconds", "To handle one fact", _HANDLER, "type")
        self._of_type: dict[str, Histogram] = {}
        self._chunk = histogram("chunk_seconds", "To handle and save a chunk of facts", _HANDLER)
        self._chunk_facts = histogram("chunk_facts", "Facts in a chunk", _MANY)
        self._batch = histogram("relay_batch_seconds", "To bring a batch to the stream", _HANDLER)
        self._batch_facts = histogram("relay_batch_facts", "Facts in a batch", _MANY)
        # From nothing on: a rate of what begins with its first value would not show that one.
        for one in (self._chunk, self._chunk_facts, self._batch, self._batch_facts):
            one.labels(service)

    def page(self, method: str, route: str, status: int, seconds: float) -> None:
        self._page.labels(self._service, method, route, f"{status // 100}xx").observe(seconds)

    def handled(self, type: str, seconds: float) -> None:
        # Found anew each time, it would cost more than the measuring: this is done for every fact.
        child = self._of_type.get(type)
        if child is None:
            child = self._of_type[type] = self._handler.labels(self._service, type)
        child.observe(seconds)

    @contextmanager
    def chunk(self, facts: int) -> Iterator[None]:
        """Around one that is saved; one that is not, is not measured."""
        begun = perf_counter()
        yield
        self._chunk.labels(self._service).observe(perf_counter() - begun)
        self._chunk_facts.labels(self._service).observe(facts)

    @contextmanager
    def batch(self, facts: int) -> Iterator[None]:
        """Around one that the server took."""
        begun = perf_counter()
        yield
        self._batch.labels(self._service).observe(perf_counter() - begun)
        self._batch_facts.labels(self._service).observe(facts)
