"""Setting the simulated clock, which demos and tests do; not there on the system's clock."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime

from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.web.site import runtime_of
from essaim.web.visitors import allowed
from essaim.web.written import Body

router = APIRouter(include_in_schema=False)


class ClockSetting(Body):
    now: AwareDatetime


@router.post("/clock")
def set_clock(
    request: Request, setting: ClockSetting, _: Annotated[Person, Depends(allowed(Role.OPERATOR))]
) -> dict[str, str]:
    """Move business time forward and run the timers until nothing is left to do."""
    runtime = runtime_of(request)
    try:
        runtime.set_clock(setting.now)
    except ValueError as error:
        raise Refusal(
            "clock_refused",
            "L’horloge est à {now} : elle ne peut pas revenir à {wanted}.",
            status=422,
            field="now",
            now=runtime.clock.now(),
            wanted=setting.now,
        ) from error
    return {"now": runtime.clock.now().isoformat()}
