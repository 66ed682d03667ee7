"""The page of a project, the same for all beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Role
from essaim.people import directory
from essaim.people.directory import names_of
from essaim.text.collation import order_key
from essaim.web import may, render, runtime_of, today_of, visitor
from essaim_contracts.scheduling import SessionPlanned
from essaim_contracts.words import HOUR_KINDS, PAIRING_KINDS, PROJECT_STATUSES, SESSION_KINDS
from fastapi import APIRouter, Request, Response

from candidatures import store
from candidatures.access.project import reaches, readable_project
from candidatures.ceremony import PrizeState, StandingPrize
from candidatures.cohort import Cohort
from candidatures.deliverable import HandedIn
from candidatures.deliverable_review import Review
from candidatures.labels import FILE_STATES, PRIZE_STATES
from candidatures.project import Project, ProjectLife
from candidatures.store.at_a_glance import Beside

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
    runtime = runtime_of(request)
    with runtime.read() as db:
        found, named = readable_project(request, db, project_id)
        programme = store.project.programme_of(db, project_id)
        cohort = store.cohort.find(db, found.cohort_id) if found.cohort_id else None
        known = store.at_a_glance.of(db, [project_id], runtime.clock.now())
        may_write = named and reaches(request, db, found, programme)
        beside = known.beside.get(project_id, [])
        around = _around(db, found, beside, named=named, may_write=may_write)
        files = _files(request, db, project_id, named=named)
        prizes = _prizes(db, found, cohort)
    person, partner = visitor(request), runtime.consortium.find(SessionPlanned.owner)
    coordinates = may(request, Role.COORDINATOR, programme=programme)
    carries = person is not None and person.id in found.bearer_ids
    return render(
        request,
        "project.html",
        refusal=refusal,
        project=found,
        named=named,
        cohort=cohort,
        prizes=prizes,
        beside=beside,
        packages=known.packages.get(project_id, []),
        coming=known.coming.get(project_id, [])[:COMING],
        trophies=known.trophies.get(project_id, []),
        coordinates=coordinates,
        carries=carries,
        hands_in=coordinates or carries,
        support=partner.root if partner else None,
        **around,
        **files,
        **_WORDS,
    )


_WORDS: dict[str, Any] = {
    "file_states": FILE_STATES,
    "prize_states": PRIZE_STATES,
    "hour_kinds": HOUR_KINDS,
    "pairing_kinds": PAIRING_KINDS,
    "status_labels": PROJECT_STATUSES,
    "session_kinds": SESSION_KINDS,
}


def _around(
    db: sa.Connection, project: Project, beside: Sequence[Beside], *, named: bool, may_write: bool
) -> dict[str, Any]:
    """Who carries and accompanies it, and how they are reached, for who may know."""
    ids = (*project.bearer_ids, *(one.person_id for one in beside if one.person_id))
    people = names_of(db, ids if named else ())
    bearers = [id for id in project.bearer_ids if id in people]
    return {
        "people": people,
        "bearers": sorted(bearers, key=lambda id: order_key(people[id])),
        "contacts": _contacts(db, ids) if may_write else {},
    }


def _files(request: Request, db: sa.Connection, project_id: UUID, *, named: bool) -> dict[str, Any]:
    """What it owes and handed in, what was said of that, and what happened."""
    life = store.project.life_of(db, project_id)
    versions = store.deliverable.versions_of(db, project_id)
    reviews = _reviews(db, project_id, named=named)
    return {
        "life": life,
        "versions": versions,
        "reviews": reviews,
        "owed": store.owed.of_project(db, project_id, today_of(request)),
        "events": _events(life, versions, reviews),
    }


def _contacts(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """How each of these persons is reached: her address, her telephone."""
    found = (directory.find_person(db, id) for id in dict.fromkeys(ids))
    return {one.id: [way for way in (one.email, one.phone) if way] for one in found if one}


def _prizes(db: sa.Connection, project: Project, cohort: Cohort | None) -> list[StandingPrize]:
    """The prizes that were announced for it."""
    if cohort is None:
        return []
    given = (PrizeState.AWARDED, PrizeState.DELIVERED)
    every = store.trophy.standing_of(db, cohort.edition_id)
    return [one for one in every if one.project_id == project.id and one.state in given]


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
