"""Whether a service lives, whether it is ready, and its figures for Prometheus."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from essaim.web.site import runtime_of

if TYPE_CHECKING:
    from essaim.running.runtime import Runtime

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers; nothing else is looked at, so a restart is never asked in vain.

    Not in a thread like the pages: those may all wait for a database.
    """
    return {"status": "live"}


@router.get("/health/ready")
def ready(request: Request) -> Response:
    state = state_of(runtime_of(request))
    return JSONResponse(state, 200 if state["ready"] else 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    return exposition([runtime_of(request)])


def state_of(runtime: "Runtime") -> dict[str, Any]:
    """Readiness as JSON: each part with plain words, and the counts behind them."""
    readiness = runtime.readiness()
    return {
        "service": runtime.service.name,
        "ready": readiness.ready,
        "active": readiness.active,
        "settled": readiness.settled,
        "parts": [
            {"name": part.name, "ok": part.ok, "words": part.words} for part in readiness.parts
        ],
        "unpublished": readiness.unpublished,
        "pending": readiness.pending,
        "waiting": readiness.waiting,
        "dead": readiness.dead,
    }


def exposition(runtimes: "Iterable[Runtime]") -> Response:
    """The figures of these services, each labelled with its service."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(list(runtimes)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Figures:
    """What prometheus-client asks for the figures; they are read when it does."""

    def __init__(self, runtimes: "list[Runtime]") -> None:
        self._runtimes = runtimes

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
        for runtime in self._runtimes:
            state = state_of(runtime)
            for name, family in families.items():
                family.add_metric([runtime.service.name], float(state[name]))
            for part in state["parts"]:
                parts.add_metric([runtime.service.name, part["name"]], float(part["ok"]))
        return [*families.values(), parts]
