"""Who may see or touch what: applicants, and those who work on a call or a programme."""

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Role, Work
from essaim.web import allowed, arrived_at, may, require, visitor
from essaim.web.site import language_of, secret_of
from essaim.web.source import source_of
from fastapi import Depends, Request

from candidatures import store
from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.call import Call
from candidatures.commands.draft import Door
from candidatures.commands.quota import Source
from candidatures.committee import not_in_committee
from candidatures.project import Project, unknown_project

READERS = (Role.COORDINATOR, Role.COMMITTEE_MEMBER)
"""Those who read the applications of their programme, with the persons."""

OVERSEERS = (*READERS, Role.FUNDER)
"""Those who follow their programme: a funder sees no person."""

Coordinator = Annotated[Person, Depends(allowed(Role.COORDINATOR))]
CommitteeMember = Annotated[Person, Depends(allowed(Role.COMMITTEE_MEMBER))]


# --- applications


def application_of_applicant(
    request: Request, db: sa.Connection, application_id: UUID, token: str | None
) -> Application:
    """The application, for whoever holds its secret or is its bearer.

    Raises:
        Refusal: (404) it is not hers; the same answer as when there is none.
    """
    application = store.application.get(db, application_id)
    if not _is_applicant(request, db, application, token):
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
    application = store.application.get(db, application_id)
    call = store.call.of_id(db, application.call_id)
    inside = application.state != ApplicationState.DRAFT and may(
        request, *READERS, programme=call.programme
    )
    if not inside and not _is_applicant(request, db, application, token):
        raise unknown_application()
    return application, call, inside


def _is_applicant(
    request: Request, db: sa.Connection, application: Application, token: str | None
) -> bool:
    if token and store.application.token_opens(db, application.id, token):
        return True
    person = visitor(request)
    return person is not None and person.id == application.bearer_id


def require_coordinator_of(request: Request, db: sa.Connection, application_id: UUID) -> None:
    require(request, Role.COORDINATOR, programme=_programme_of(db, application_id))


def refuse_outsider(work: Work, person: Person, application_id: UUID) -> None:
    """Only members of the committee of this programme score: an operator is none of them."""
    programme = _programme_of(work.db, application_id)
    if not person.holds({Role.COMMITTEE_MEMBER}, work.today, programme):
        raise not_in_committee()


def _programme_of(db: sa.Connection, application_id: UUID) -> str:
    application = store.application.get(db, application_id)
    return store.call.of_id(db, application.call_id).programme


# --- projects


def readable_project(request: Request, db: sa.Connection, project_id: UUID) -> Project:
    """The project, for its bearers and those who follow its programme."""
    return _project_for(request, db, project_id, OVERSEERS)


def project_to_hand_in_for(request: Request, db: sa.Connection, project_id: UUID) -> Project:
    """The project, for its bearers, or a coordinator on their behalf."""
    return _project_for(request, db, project_id, (Role.COORDINATOR,))


def _project_for(
    request: Request, db: sa.Connection, project_id: UUID, roles: tuple[Role, ...]
) -> Project:
    project = store.project.find(db, project_id)
    if project is None:
        raise unknown_project()
    person = visitor(request)
    if person is None or person.id not in project.bearer_ids:
        require(request, *roles, programme=store.project.programme_of(db, project_id))
    return project


# --- people


def refuse_eraser(request: Request, person: Person) -> None:
    """A person is erased by herself, a coordinator of a programme she is in, or an operator."""
    asker = visitor(request)
    if asker is not None and asker.id == person.id:
        return
    programmes = {held.programme for held in person.roles}
    if not any(may(request, Role.COORDINATOR, programme=slug) for slug in programmes):
        require(request, Role.OPERATOR)


# --- how a request comes to a draft


def door_of(request: Request, token: str, language: str | None = None) -> Door:
    """`language` is that of a draft begun now: the page's own, where none is named."""
    return Door(token, language or language_of(request), arrived_at(request), source_here(request))


def source_here(request: Request) -> Source:
    """Where this request comes from, to count what one place asks for."""
    return Source(source_of(request), secret_of(request))
