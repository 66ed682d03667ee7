"""Who may use or change which shared resource."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Role
from essaim.web import may, require, today_of
from fastapi import Request

from candidatures import store
from candidatures.access.project import accompanied_projects
from candidatures.resource import AUDIENCES, Resource, is_for


def roles_in(request: Request, db: sa.Connection, person: Person) -> dict[str, set[Role]]:
    """What she is today in each programme: by her roles, and by the projects she bears."""
    today = today_of(request)
    found: dict[str, set[Role]] = {}
    for held in person.roles:
        if held.programme is None or held.role not in AUDIENCES:
            continue
        if person.holds({held.role}, today, held.programme):
            found.setdefault(held.programme, set()).add(held.role)
    for role, projects in (
        (Role.BEARER, store.project.borne_by(db, person.id)),
        (Role.MENTOR, accompanied_projects(request, db, person)),
    ):
        for project in projects:
            found.setdefault(store.project.programme_of(db, project.id), set()).add(role)
    return found


def readable_resources(request: Request, db: sa.Connection, person: Person) -> list[Resource]:
    """All that is for her; all of a programme, withdrawn ones too, where she coordinates it."""
    roles = roles_in(request, db, person)
    every = store.resource.of_programmes(db, [one.slug for one in store.programme.every(db)])
    return [one for one in every if _may_read(request, one, roles.get(one.programme, set()))]


def _may_read(request: Request, resource: Resource, roles: Collection[Role]) -> bool:
    return may(request, Role.COORDINATOR, programme=resource.programme) or is_for(resource, roles)


def usable_resource(request: Request, db: sa.Connection, resource_id: UUID) -> Resource:
    """The resource, for those it is kept for.

    Raises:
        Refusal: there is none (404), or it is for others (403).
    """
    person = require(request)
    found = store.resource.get(db, resource_id)
    if not _may_read(request, found, roles_in(request, db, person).get(found.programme, set())):
        require(request, Role.COORDINATOR, programme=found.programme)
    return found


def kept_resource(request: Request, db: sa.Connection, resource_id: UUID) -> Resource:
    """The resource, for who coordinates its programme.

    Raises:
        Refusal: there is none (404), or it is another's (403).
    """
    found = store.resource.get(db, resource_id)
    require(request, Role.COORDINATOR, programme=found.programme)
    return found
