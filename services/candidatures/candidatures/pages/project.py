"""The page of a project, the same for all beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Role
from essaim.people.directory import names_of
from essaim.text.collation import order_key
from essaim.web import may, render, runtime_of, today_of, visitor
from essaim_contracts.scheduling import SessionPlanned
from essaim_contracts.words import HOUR_KINDS, PAIRING_KINDS, PROJECT_STATUSES, SESSION_KINDS
from fastapi import APIRouter, Request, Response

from candidatures import store
from candidatures.access.project import readable_project
from candidatures.deliverable import HandedIn
from candidatures.deliverable_review import Review
from candidatures.labels import FILE_STATES
from candidatures.project import ProjectLife

router = APIRouter(include_in_schema=False)

COMING = 3
"""Sessions shown; the others are in the calendar."""


@router.get("/projects/{project_id}", name="project")
def project(request: Request, project_id: UUID) -> Response:
    """A project with what its partners said of it.

    For its bearers, those who accompany it and those on its programme; unnamed for a funder.
    """
    return show_project(request, project_id)


def show_project(request: Request, project_id: UUID, refusal: Refusal | None = None) -> Response:
    """Its page; a `refusal` is of what somebody handed in there."""
    now, today = runtime_of(request).clock.now(), today_of(request)
    with runtime_of(request).read() as db:
        found, named = readable_project(request, db, project_id)
        programme = store.project.programme_of(db, project_id)
        cohort = store.cohort.find(db, found.cohort_id) if found.cohort_id else None
        known = store.at_a_glance.of(db, [project_id], now)
        life = store.project.life_of(db, project_id)
        versions = store.deliverable.versions_of(db, project_id)
        beside = known.beside.get(project_id, [])
        named_ids = (*found.bearer_ids, *(one.person_id for one in beside if one.person_id))
        people = names_of(db, named_ids if named else ())
        owed = store.owed.of_project(db, project_id, today)
        reviews = _reviews(db, project_id, named=named)
    person, partner = visitor(request), runtime_of(request).consortium.find(SessionPlanned.owner)
    coordinates = may(request, Role.COORDINATOR, programme=programme)
    carries = person is not None and person.id in found.bearer_ids
    return render(
        request,
        "project.html",
        refusal=refusal,
        project=found,
        named=named,
        cohort=cohort,
        people=people,
        bearers=sorted((people[id] for id in found.bearer_ids if id in people), key=order_key),
        beside=beside,
        packages=known.packages.get(project_id, []),
        coming=known.coming.get(project_id, [])[:COMING],
        trophies=known.trophies.get(project_id, []),
        life=life,
        versions=versions,
        owed=owed,
        reviews=reviews,
        coordinates=coordinates,
        carries=carries,
        hands_in=coordinates or carries,
        file_states=FILE_STATES,
        events=_events(life, versions, reviews),
        support=partner.root if partner else None,
        today=today,
        hour_kinds=HOUR_KINDS,
        pairing_kinds=PAIRING_KINDS,
        status_labels=PROJECT_STATUSES,
        session_kinds=SESSION_KINDS,
    )


def _reviews(db: sa.Connection, project_id: UUID, *, named: bool) -> list[tuple[str, Review]]:
    """What was said of its files, for those who may read these."""
    edition_id = store.project.edition_of(db, project_id)
    return store.deliverable_review.of_project(db, project_id, edition_id) if named else []


@dataclass(frozen=True)
class _Event:
    """A line of the project's history: a session (`kind`), a `version` handed in, or its review."""

    day: date
    kind: str = ""
    minutes: int = 0
    version: HandedIn | None = None
    review: Review | None = None


def _events(
    life: ProjectLife, versions: Sequence[HandedIn], reviews: Sequence[tuple[str, Review]]
) -> list[_Event]:
    held = [_Event(one.held_on, one.kind, one.minutes) for one in life.sessions]
    files = [_Event(one.handed_in_at.date(), version=one) for one in versions]
    read = [_Event(one.reviewed_at.date(), review=one) for _, one in reviews]
    return sorted((*held, *files, *read), key=lambda event: event.day, reverse=True)
