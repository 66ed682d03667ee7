"""What follows from an act is found again: one correlation id in logs and facts, one trace."""

import json
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import ledger
import pytest
import sqlalchemy as sa
import structlog
from backbone import Consortium, End, a_session_held, until
from essaim.broker.connection import Broker
from essaim.broker.topology import OPERATOR
from essaim.clock import SystemClock
from essaim.hearing.inbox import Inbox
from essaim.hearing.router import FactRouter
from essaim.ids import new_id
from essaim.keeping.tables import outbox
from essaim.observing.message_metrics import message_metrics
from essaim.observing.message_spans import message_spans
from essaim.observing.tracing import Origin, TracingNotInstalled, new_origin, otlp_tracing
from essaim.work import Work, open_work
from essaim_contracts.scheduling import SessionHeld
from faststream import BaseMiddleware
from faststream.message import StreamMessage
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest
from waiting import PATIENCE

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

log = structlog.get_logger()


async def with_middlewares(hearer: End, *middlewares: Any) -> None:
    """Connect anew, with FastStream's middlewares around questions and chunks."""
    await hearer.broker.stop()
    settings = hearer.consortium.settings("candidatures")
    hearer.broker = Broker(settings, "candidatures", middlewares=middlewares)
    await hearer.broker.start()
    hearer.inbox = Inbox(
        hearer.database, hearer.broker, SystemClock(), "candidatures", hearer.hearing, lambda: None
    )


def test_a_service_without_opentelemetry_is_told_what_to_install(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    with pytest.raises(TracingNotInstalled, match=r"Install essaim\[tracing\]"):
        otlp_tracing("scheduling")


def test_a_service_needs_nothing_of_opentelemetry_but_its_api(database_url: str) -> None:
    """As it is installed without the extra, in the images of the deployment."""
    blocked = "opentelemetry.sdk opentelemetry.semconv opentelemetry.exporter"
    program = (
        "import sys\n"
        f"sys.modules |= dict.fromkeys({blocked!r}.split())\n"
        "import essaim.cli.main, essaim.web.app"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE)


def test_spans_leave_for_the_collector_and_those_of_two_services_are_one_trace(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[ExportTraceServiceRequest] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever).start()
        address = f"http://127.0.0.1:{collector.server_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        asks, hears = otlp_tracing("scheduling"), otlp_tracing("reporting")
        with asks.span("POST /sessions", new_origin()) as told:
            pass
        hears.note("hear session.held", told)
        asks.stop()
        hears.stop()
        collector.shutdown()

    spans = {
        name.value.string_value: span
        for request in received
        for resource in request.resource_spans
        for name in resource.resource.attributes
        if name.key == "service.name"
        for scope in resource.scope_spans
        for span in scope.spans
    }
    asked, heard = spans["essaim-scheduling"], spans["essaim-reporting"]
    assert (heard.trace_id, heard.parent_span_id) == (asked.trace_id, asked.span_id)


async def test_a_fact_its_log_lines_and_what_it_leads_to_have_one_correlation_id_and_one_trace(
    teller: End, hearer: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = FactRouter("candidatures")

    @facts.subscriber(SessionHeld)
    def say(held: SessionHeld, work: Work) -> None:
        log.info("a session was held")
        ledger.count_held_session(held, work)

    monkeypatch.setattr(hearer.inbox.chunks, "_hearing", facts)
    trace = new_id().hex
    origin = Origin("the-act", f"00-{trace}-00f067aa0ba902b7-01")
    with open_work(teller.database, SystemClock(), origin=origin) as work:
        work.tell(a_session_held(project_ids=(new_id(),)), programme="premices")
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        teller.start(teller.relay.run)
        hearer.start(hearer.inbox.run)
        await until(lambda: hearer.inbox.counts.handled == 1)
    (line,) = [line for line in lines if line["event"] == "a session was held"]
    assert line["correlation_id"] == "the-act"
    headers = json.loads(hearer.rows(sa.select(outbox.c.headers))[0][0])
    assert headers["ce-correlationid"] == "the-act"
    assert headers["traceparent"].split("-")[1] == trace


async def test_faststream_middlewares_stand_around_each_chunk(teller: End, hearer: End) -> None:
    spans, registry = InMemorySpanExporter(), CollectorRegistry()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    await with_middlewares(
        hearer,
        message_spans("candidatures", provider),
        message_metrics("candidatures", registry),
    )
    teller.tell(*(a_session_held() for _ in range(50)))
    teller.start(teller.relay.run)
    await until(lambda: teller.relay.published == 50)
    hearer.start(hearer.inbox.run)
    await until(lambda: hearer.inbox.counts.handled == 50)
    await until(spans.get_finished_spans)
    names = {span.name for span in spans.get_finished_spans()}
    assert names == {"facts for candidatures create", "facts for candidatures process"}
    figures = generate_latest(registry).decode()
    assert 'handler="facts for candidatures"' in figures
    assert "essaim.premices" not in figures, "a time series for each entity would never end"


class Careless(BaseMiddleware):
    """A middleware as they come: it drops the first chunk, and hides an error."""

    left = 2

    async def consume_scope(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]
    ) -> Any:
        Careless.left -= 1
        if Careless.left == 1:
            return None
        return await call_next(msg)


async def test_a_careless_middleware_loses_nothing(teller: End, hearer: End) -> None:
    await with_middlewares(hearer, Careless)
    teller.tell(*(a_session_held() for _ in range(50)))
    teller.start(teller.relay.run)
    await until(lambda: teller.relay.published == 50)
    hearer.start(hearer.inbox.run)
    await until(lambda: hearer.inbox.counts.handled == 50)
    assert Careless.left < 1, "it had its chance"
    assert hearer.inbox.counts.duplicates == 0


async def test_faststream_never_asks_the_consumer_beside_the_inbox(
    consortium: Consortium, hearer: End
) -> None:
    """What we stand on in FastStream: were its subscriber to pull, facts would go two ways."""
    operator = await consortium.connect(OPERATOR)

    async def waiting() -> int | None:
        found = await operator.jetstream().consumer_info("ESSAIM", "candidatures")
        waiting: int | None = found.num_waiting
        return waiting

    assert await waiting() == 0
    hearer.start(hearer.inbox.run)
    await until(lambda: hearer.inbox.trouble is None)
    assert await waiting() == 1
    await operator.close()
