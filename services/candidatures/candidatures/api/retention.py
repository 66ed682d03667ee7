"""The JSON API of what the keeping of an edition's data counts from."""

from uuid import UUID

from essaim.web import command
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands
from candidatures.access import Coordinator
from candidatures.schemas.retention import ClockBody

router = APIRouter()


@router.put("/api/editions/{edition_id}/retention", status_code=204, tags=["people"])
def put_clock(
    request: Request, edition_id: UUID, body: ClockBody, coordinator: Coordinator
) -> Response:
    """Say an edition's last payment, or that nothing of it may be erased, to every partner."""

    def setting(work: Work) -> None:
        commands.retention.set_clock(
            work, edition_id, body.last_payment_on, body.suspended_for, coordinator
        )

    return command(request, setting, status=204)
