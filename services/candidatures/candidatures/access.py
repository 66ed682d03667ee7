"""Who may see or touch which application: its applicant, or those who work on the call."""

from uuid import UUID

import sqlalchemy as sa
from essaim.person import Role
from essaim.web import may, visitor
from fastapi import Request

from candidatures import store
from candidatures.application import Application, ApplicationState
from candidatures.applying import unknown_application
from candidatures.call import Call

READERS = (Role.COORDINATOR, Role.COMMITTEE_MEMBER)


def application_of_applicant(
    request: Request, db: sa.Connection, application_id: UUID, token: str | None
) -> Application:
    """The application, for whoever holds its secret or is its bearer.

    Raises:
        Refusal: (404) it is not hers; the same answer as when there is none.
    """
    application = store.find_application(db, application_id)
    if application is None or not _is_applicant(request, db, application, token):
        raise unknown_application()
    return application


def readable_application(
    request: Request, db: sa.Connection, application_id: UUID, token: str | None
) -> tuple[Application, Call, bool]:
    """The application, its call, and whether the visitor reads it as coordinator or committee.

    A draft is its applicant's alone.

    Raises:
        Refusal: (404) neither.
    """
    application = store.find_application(db, application_id)
    if application is None:
        raise unknown_application()
    call = store.call_of_id(db, application.call_id)
    inside = application.state != ApplicationState.DRAFT and may(
        request, *READERS, programme=call.programme
    )
    if not inside and not _is_applicant(request, db, application, token):
        raise unknown_application()
    return application, call, inside


def _is_applicant(
    request: Request, db: sa.Connection, application: Application, token: str | None
) -> bool:
    if token and store.token_opens(db, application.id, token):
        return True
    person = visitor(request)
    return person is not None and person.id == application.bearer_id
