from collections.abc import Iterator

import pytest
from essaim.observing.tracing import Tracing
from essaim.running.embedded import Embedded
from essaim_demo.stage import Stage
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from small_edition import consortium_in, played_in


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    """What the four services recorded."""
    return InMemorySpanExporter()


@pytest.fixture(scope="module")
def embedded(
    tmp_path_factory: pytest.TempPathFactory, spans: InMemorySpanExporter
) -> Iterator[Embedded]:
    """The whole consortium in this process, its pages served on a free port."""

    def tracing(service: str) -> Tracing:
        provider = TracerProvider(resource=Resource({"service.name": service}))
        provider.add_span_processor(SimpleSpanProcessor(spans))
        return Tracing(provider)

    with consortium_in(tmp_path_factory.mktemp("consortium"), tracing) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def played(embedded: Embedded) -> Iterator[Stage]:
    """The edition, played once for all these tests."""
    with played_in(embedded) as stage:
        yield stage
