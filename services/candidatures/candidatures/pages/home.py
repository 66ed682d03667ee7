"""The first page: calls for everybody, figures for those who work on a programme."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Role
from essaim.people import directory
from essaim.web import may, render, runtime_of, visitor
from essaim_contracts.words import CALL_KINDS
from fastapi import APIRouter, Request, Response

from candidatures import store
from candidatures.access import OVERSEERS, shares_of
from candidatures.access.project import accompanied_projects
from candidatures.application import OwnApplication
from candidatures.call import Call
from candidatures.cohort import Cohort
from candidatures.erasure import overdue
from candidatures.labels import CALL_STATES
from candidatures.programme import Programme
from candidatures.scoring import Share

router = APIRouter(include_in_schema=False)


@router.get("/", name="home")
def home(request: Request) -> Response:
    """What this service holds."""
    person = visitor(request)
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        calls, cohorts = store.call.every(db), store.cohort.every(db)
        programmes = [_card(request, db, one, calls, cohorts) for one in store.programme.every(db)]
        mine = _own_applications(db, person) if person else []
        accompanied = accompanied_projects(request, db, person) if person else []
        coordinates = may(request, Role.COORDINATOR)
        late = overdue(store.erasure.unconfirmed(db), now) if coordinates else []
    return render(
        request,
        "home.html",
        programmes=programmes,
        mine=mine,
        signed_in=person is not None,
        accompanied=accompanied,
        coordinates=coordinates,
        late=late,
        state_labels=CALL_STATES,
        kind_labels=CALL_KINDS,
    )


def _own_applications(db: sa.Connection, person: Person) -> list[OwnApplication]:
    return store.project.applications_of(db, directory.own_ids(db, person))


@dataclass(frozen=True)
class _Card:
    """A programme on this page; `counts` (of a call, by state) are for those `inside` alone, and
    `shares` what a member of its committee has to score of a call that is closed."""

    name: str
    slug: str
    stewards: list[str]
    contact: str
    inside: bool
    calls: list[Call]
    editions: int
    organisations: int
    counts: dict[UUID, dict[str, int]]
    shares: dict[UUID, Share | None]
    cohorts: list[Cohort]


def _card(
    request: Request,
    db: sa.Connection,
    programme: Programme,
    calls: Sequence[Call],
    cohorts: Sequence[Cohort],
) -> _Card:
    """`calls` and `cohorts` are those of all programmes."""
    slug = programme.slug
    own = [call for call in calls if call.programme == slug]
    inside = may(request, *OVERSEERS, programme=slug)
    counted = own if inside else []
    return _Card(
        name=programme.name,
        slug=slug,
        stewards=store.programme.stewards_of(db, slug),
        contact=", ".join(filter(None, (programme.contact_email, programme.contact_phone))),
        inside=inside,
        calls=own,
        editions=len(store.programme.editions_of(db, slug)),
        organisations=len(store.programme.organisations_of(db, slug)),
        counts={call.id: store.application.counts_of_call(db, call.id) for call in counted},
        shares=shares_of(request, db, counted),
        cohorts=[one for one in cohorts if one.programme == slug],
    )
