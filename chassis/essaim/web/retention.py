"""What is kept of people: the notice for everybody, and what is due for those who decide."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from essaim.person import Role
from essaim.retention.everywhere import EVERYWHERE
from essaim.retention.plan import Durations, Lot, matters, plan
from essaim.web.pages import render
from essaim.web.site import runtime_of, today_of
from essaim.web.visitors import may, require

if TYPE_CHECKING:
    from essaim.running.runtime import Runtime

router = APIRouter(include_in_schema=False)


@router.get("/privacy", name="privacy")
def privacy(request: Request) -> Response:
    """Who keeps what here, why and how long, and whom to write to: made of the rules themselves."""
    runtime = runtime_of(request)
    consortium, own = runtime.consortium, runtime.service
    return render(
        request,
        "chassis/privacy.html",
        partner=consortium.find(own.name),
        others=[one for one in consortium.partners if one.knows_people and one.service != own.name],
        rules=[(rule, rule.lasts(_durations(runtime))) for rule in (*own.retention, *EVERYWHERE)],
    )


@router.get("/retention", name="retention")
def retention(request: Request) -> Response:
    """What is kept until when: to a coordinator, of her programmes. It names nobody."""
    require(request, Role.COORDINATOR)
    runtime, today = runtime_of(request), today_of(request)
    with runtime.read() as db:
        counted = plan(db, runtime.service.retention, _durations(runtime))
    return render(
        request,
        "chassis/retention.html",
        matters=matters({lot: n for lot, n in counted.items() if _may_see(request, lot)}, today),
    )


def _durations(runtime: "Runtime") -> Durations:
    return runtime.consortium.durations_of(runtime.service.name)


def _may_see(request: Request, lot: Lot) -> bool:
    if not lot.programme:
        return may(request, Role.OPERATOR)
    return may(request, Role.COORDINATOR, programme=lot.programme)
