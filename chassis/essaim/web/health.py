"""Whether a service lives, whether it is ready, and its figures for Prometheus."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from essaim.observing.metrics import OF_PROCESS, Together, measured
from essaim.person import Role
from essaim.running.figures import ServiceFigures
from essaim.web.site import runtime_of
from essaim.web.visitors import may

if TYPE_CHECKING:
    from essaim.running.runtime import Runtime

router = APIRouter(include_in_schema=False)

_PUBLIC = ("service", "ready")
_BY_PROXY = {"x-forwarded-for", "forwarded"}


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers; nothing else is looked at, so a restart is never asked in vain.

    Not in a thread like the pages: those may all wait for a database.
    """
    return {"status": "live"}


@router.get("/health/ready")
def ready(request: Request) -> Response:
    state = state_of(runtime_of(request))
    return JSONResponse(told(request, state), 200 if state["ready"] else 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    return exposition(request, [runtime_of(request)])


def told(request: Request, state: dict[str, Any]) -> dict[str, Any]:
    """What is wrong is for who runs the service; whether it is ready is for everybody."""
    return state if _is_for_operators(request) else {name: state[name] for name in _PUBLIC}


def _is_for_operators(request: Request) -> bool:
    """Whoever comes through no proxy is on our own network; through one, operators alone."""
    if _BY_PROXY.isdisjoint(request.headers):
        return True
    try:
        return may(request, Role.OPERATOR)
    except sa.exc.SQLAlchemyError:
        return False


def state_of(runtime: "Runtime") -> dict[str, Any]:
    """Readiness as JSON: each part with plain words, and the counts behind them."""
    readiness = runtime.readiness()
    return {
        "service": runtime.service.name,
        "version": version("essaim"),
        "ready": readiness.ready,
        "active": readiness.active,
        "settled": readiness.settled,
        "parts": [
            {"name": part.name, "ok": part.ok, "words": part.words} for part in readiness.parts
        ],
        "away": {
            one.partner.service: one.since.isoformat(timespec="seconds")
            for one in runtime.absences()
            if one.partner is not None
        },
        "unpublished": readiness.unpublished,
        "pending": readiness.pending,
        "waiting": readiness.waiting,
        "dead": readiness.dead,
    }


def exposition(request: Request, runtimes: "list[Runtime]") -> Response:
    """The figures of these services, each labelled with its service."""
    if not _is_for_operators(request):
        raise HTTPException(404)
    of_moment = CollectorRegistry(auto_describe=False)
    for one in runtimes:
        of_moment.register(ServiceFigures(one))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(
        Together((of_moment, OF_PROCESS, *measured(one.registry for one in runtimes)))
    )
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
