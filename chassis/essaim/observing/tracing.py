"""What led to what: one correlation id and one trace for an act and all that follows from it.

Both travel in the facts, in the questions and beside the letters that wait; every log line carries
the correlation id. Spans are recorded where OpenTelemetry is set up (`ESSAIM_TRACING=otlp`, extra
`essaim[tracing]`); without it a trace has the ids all the same, so that partners who record find
their spans in one trace.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from essaim.ids import new_id

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_W3C = TraceContextTextMapPropagator()


@dataclass(frozen=True)
class Origin:
    """What is shared by all that follows from one act: an id for logs, a W3C trace context."""

    correlation_id: str
    traceparent: str


_TRACEPARENT = re.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_CORRELATION = re.compile("[!-~]{1,100}")

_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


def new_origin(correlation_id: str | None = None) -> Origin:
    """Of an act that begins here, or of one that has a correlation id and no trace."""
    id = new_id()
    # Not recorded, say the flags: only a span that was makes them 01.
    traceparent = f"00-{id.hex}-{secrets.token_hex(8)}-00"
    return Origin(correlation_id or str(id), traceparent)


def origin_in(correlation_id: str | None, traceparent: str | None) -> Origin | None:
    """The origin that another service's message names; None where it has not the right form."""
    id, trace_context = correlation_id or "", traceparent or ""
    is_whole = _CORRELATION.fullmatch(id) and _TRACEPARENT.fullmatch(trace_context)
    return Origin(id, trace_context) if is_whole else None


def current_origin() -> Origin:
    """What led to what is being done now; a new one where nothing did."""
    origin = _origin.get() or new_origin()
    span = trace.get_current_span().get_span_context()
    return replace(origin, traceparent=_written(span)) if span.is_valid else origin


@contextmanager
def following(origin: Origin) -> Iterator[None]:
    """Be part of what follows from an act: log lines and facts of this block carry its ids."""
    token = _origin.set(origin)
    # structlog's own block looks through all variables there are, and this is done for each fact.
    bound = structlog.contextvars.bind_contextvars(correlation_id=origin.correlation_id)
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**bound)
        _origin.reset(token)


class Tracing:
    """The spans of one service; none are recorded without a `provider`."""

    def __init__(self, provider: "TracerProvider | None" = None) -> None:
        self.provider = provider
        self._tracer = provider.get_tracer("essaim") if provider else None

    @contextmanager
    def span(self, name: str, origin: Origin, **attributes: str) -> Iterator[Origin]:
        """Do something that follows from `origin`, and record how long it took.

        Gives what is shared by all that follows from it.
        """
        if self._tracer is None:
            with following(origin):
                yield origin
            return
        parent = _W3C.extract({"traceparent": origin.traceparent})
        with (
            following(origin),
            self._tracer.start_as_current_span(name, context=parent, attributes=attributes),
        ):
            yield current_origin()

    def note(self, name: str, origin: Origin, **attributes: str) -> None:
        """Record that something which follows from `origin` was done with others at once."""
        if self._tracer is not None:
            parent = _W3C.extract({"traceparent": origin.traceparent})
            self._tracer.start_span(name, context=parent, attributes=attributes).end()

    def stop(self) -> None:
        """Send what is recorded and not sent yet."""
        if self.provider is not None:
            self.provider.shutdown()


class TracingNotInstalled(Exception):
    def __init__(self) -> None:
        super().__init__(
            "ESSAIM_TRACING is otlp, but OpenTelemetry's SDK or OTLP exporter is not installed. "
            "Install essaim[tracing], or set ESSAIM_TRACING=off."
        )


def otlp_tracing(service: str) -> Tracing:
    """Spans sent to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names.

    Raises:
        TracingNotInstalled: the extra is missing.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON
    except ImportError as error:
        raise TracingNotInstalled from error
    # A partner who records nothing says so in the flags; that must not switch ours off.
    sampler = None if "OTEL_TRACES_SAMPLER" in os.environ else ALWAYS_ON
    resource = Resource.create({"service.name": f"essaim-{service}"})
    provider = TracerProvider(sampler=sampler, resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)


def _written(span: trace.SpanContext) -> str:
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
