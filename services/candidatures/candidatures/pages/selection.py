"""Where a selection stands: the calls of one's programmes, each with what is left to do."""

from essaim import Role
from essaim.web import SignedIn, may, render, require, runtime_of
from fastapi import APIRouter, Request, Response

from candidatures import store
from candidatures.access import OVERSEERS, shares_of
from candidatures.labels import CALL_STATES

router = APIRouter(include_in_schema=False)


@router.get("/selection", name="selection")
def selection(request: Request, _: SignedIn) -> Response:
    """For those who select or follow it; the last call first."""
    require(request, *OVERSEERS)
    with runtime_of(request).read() as db:
        calls = [
            call
            for call in store.call.every(db)
            if may(request, *OVERSEERS, programme=call.programme)
        ]
        left = store.outstanding.of_calls(db, [call.id for call in calls])
        shares = shares_of(request, db, calls)
    return render(
        request,
        "selection.html",
        calls=calls,
        left=left,
        shares=shares,
        decides={
            call.id: may(request, Role.COORDINATOR, programme=call.programme) for call in calls
        },
        ranks={
            call.id: may(request, Role.COORDINATOR, Role.COMMITTEE_MEMBER, programme=call.programme)
            for call in calls
        },
        state_labels=CALL_STATES,
    )
