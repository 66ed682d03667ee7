"""Who may see or touch which project and which cohort."""

from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Role
from essaim.web import may, require, today_of, visitor
from fastapi import Request

from candidatures import store
from candidatures.access import OVERSEERS, READERS, reading_of, standing
from candidatures.accompaniment import accompanies
from candidatures.cohort import Cohort
from candidatures.project import Project, unknown_project


def readable_project(request: Request, db: sa.Connection, project_id: UUID) -> tuple[Project, bool]:
    """The project, and whether the visitor sees who bears it and what it handed in.

    Its bearers, those who accompany it and those who work on its programme do; a funder does not.

    Raises:
        SignInNeeded: nobody is signed in.
        Refusal: it is unknown (404), or none of hers (403).
    """
    person = require(request)
    project = _project(db, project_id)
    programme = store.project.programme_of(db, project_id)
    if _is_near(request, db, person, project, programme):
        return project, True
    require(request, *OVERSEERS, programme=programme)
    return project, may(request, *READERS, programme=programme) and not _is_hidden(
        request, db, person, project, programme
    )


def reaches(request: Request, db: sa.Connection, project: Project, programme: str) -> bool:
    """Whether the visitor may write to those around a project, as they may to her.

    Who carries or accompanies it, and who coordinates it; the committee reads their names alone.
    """
    person = require(request)
    near = _is_near(request, db, person, project, programme)
    return near or may(request, Role.COORDINATOR, programme=programme)


def _is_hidden(
    request: Request, db: sa.Connection, person: Person, project: Project, programme: str
) -> bool:
    """Whether who bears it is hidden from a member of the committee, or she is in conflict."""
    if not standing(request, person, programme)[0]:
        return False
    found = store.application.of_project(db, project.id)
    readings = (reading_of(request, db, one, store.call.of_id(db, one.call_id)) for one in found)
    return any(not (one.names and one.file) for one in readings)


def project_with_files(request: Request, db: sa.Connection, project_id: UUID) -> Project:
    """The project, for those who may read what it handed in.

    Raises:
        Refusal: (403) she follows it without its persons: files name them.
    """
    project, named = readable_project(request, db, project_id)
    if not named:
        require(request, *READERS, programme=store.project.programme_of(db, project_id))
    return project


def project_to_hand_in_for(request: Request, db: sa.Connection, project_id: UUID) -> Project:
    """The project, for its bearers, or a coordinator on their behalf."""
    project = _project(db, project_id)
    person = visitor(request)
    if person is None or person.id not in project.bearer_ids:
        programme = store.project.programme_of(db, project_id)
        require(request, Role.COORDINATOR, programme=programme)
    return project


def project_to_review(request: Request, db: sa.Connection, project_id: UUID) -> Project:
    """The project, for who coordinates its programme.

    Raises:
        Refusal: there is none (404), or it is another's (403).
    """
    project = _project(db, project_id)
    require(request, Role.COORDINATOR, programme=store.project.programme_of(db, project_id))
    return project


def accompanied_projects(request: Request, db: sa.Connection, person: Person) -> list[Project]:
    """The projects she accompanies today, by title."""
    beside = store.accompaniment.of_person(db, person)
    ids = {one.project_id for one in beside}
    projects = [_project(db, id) for id in ids]
    near = [
        project
        for project in projects
        if _is_near(request, db, person, project, store.project.programme_of(db, project.id))
    ]
    return sorted(near, key=lambda project: project.title.casefold())


def _project(db: sa.Connection, project_id: UUID) -> Project:
    project = store.project.find(db, project_id)
    if project is None:
        raise unknown_project()
    return project


def _is_near(
    request: Request, db: sa.Connection, person: Person, project: Project, programme: str
) -> bool:
    if person.id in project.bearer_ids:
        return True
    beside = store.accompaniment.of_project(db, project.id)
    return accompanies(person, programme, beside, today_of(request))


# --- cohorts


def readable_cohort(request: Request, db: sa.Connection, cohort_id: UUID) -> tuple[Cohort, bool]:
    """The cohort, and whether the visitor sees who bears its projects.

    Raises:
        SignInNeeded: nobody is signed in.
        Refusal: it is unknown (404), or none of hers (403).
    """
    person, cohort = require(request), store.cohort.get(db, cohort_id)
    named = sees_bearers(request, db, person, cohort)
    if named is None:
        require(request, *OVERSEERS, programme=cohort.programme)
    return cohort, bool(named)


def coordinated_cohort(request: Request, db: sa.Connection, cohort_id: UUID) -> Cohort:
    """The cohort, for who coordinates its programme.

    Raises:
        Refusal: there is none (404), or it is another's (403).
    """
    cohort = store.cohort.get(db, cohort_id)
    require(request, Role.COORDINATOR, programme=cohort.programme)
    return cohort


def cohort_of_jury(request: Request, db: sa.Connection, cohort_id: UUID) -> Cohort:
    """The cohort, for those who prepare its ceremony: what they prepare is nobody else's.

    Raises:
        Refusal: there is none (404), or it is another's (403).
    """
    cohort = store.cohort.get(db, cohort_id)
    require(request, *READERS, programme=cohort.programme)
    return cohort


def coordinated_trophy(request: Request, db: sa.Connection, trophy_id: UUID) -> None:
    coordinated_cohort(request, db, store.trophy.find(db, trophy_id).cohort_id)


def coordinated_prize(request: Request, db: sa.Connection, prize_id: UUID) -> None:
    edition = store.programme.edition_of(db, store.trophy.find_standing(db, prize_id).edition_id)
    require(request, Role.COORDINATOR, programme=edition.programme if edition else None)


def sees_bearers(
    request: Request, db: sa.Connection, person: Person, cohort: Cohort
) -> bool | None:
    """Whether she sees who bears the projects of a cohort; None when it is none of hers."""
    if may(request, *READERS, programme=cohort.programme):
        return True
    projects = store.project.of_cohort(db, cohort.id)
    if any(person.id in project.bearer_ids for project in projects):
        return True
    return False if may(request, *OVERSEERS, programme=cohort.programme) else None
