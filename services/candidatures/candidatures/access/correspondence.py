"""Who writes about an application: its bearer, and who coordinates its programme."""

from uuid import UUID

import sqlalchemy as sa
from essaim import Role
from essaim.web import may, require
from fastapi import Request

from candidatures import store
from candidatures.access import is_applicant, reading_of
from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.call import Call
from candidatures.conflict import conflict_of_interest
from candidatures.sight import Reading


def corresponds(request: Request, call: Call, reading: Reading) -> bool:
    """Whether the visitor writes for the coordination: no conflict, and she may know who applies.

    Who coordinates and reads an anonymous round as a member does not, until it is decided.
    """
    coordinates = may(request, Role.COORDINATOR, programme=call.programme)
    return coordinates and reading.conflict is None and reading.names


def side_of(request: Request, db: sa.Connection, application_id: UUID) -> bool:
    """Whether the visitor is she who applied (True), or coordinates (False).

    Raises:
        Refusal: (404) neither; (403) a conflict keeps her who coordinates from it.
    """
    found = store.application.get(db, application_id)
    if found.state == ApplicationState.DRAFT:
        raise unknown_application()
    if is_applicant(request, db, found):
        return True
    refuse_no_correspondent(request, db, found)
    return False


def refuse_no_correspondent(request: Request, db: sa.Connection, found: Application) -> None:
    call = store.call.of_id(db, found.call_id)
    require(request, Role.COORDINATOR, programme=call.programme)
    reading = reading_of(request, db, found, call)
    if reading.conflict is not None:
        raise conflict_of_interest(found.number, reading.conflict)
    if not reading.names:
        raise unknown_application()
