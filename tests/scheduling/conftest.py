"""The scheduling service on a real database, with the cohort of Prémices it heard of."""

from datetime import datetime
from uuid import UUID

import pytest
import signing
from essaim.clock import SimulatedClock
from essaim.ids import new_id, stable_id
from essaim.keeping.database import Database
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.web.app import build_app
from essaim_contracts.candidatures import (
    CohortFormed,
    Commitment,
)
from fastapi.testclient import TestClient
from scheduling.commands.track import import_track

from tests.scheduling.promotion_2020 import (
    A_TRACK,
    Api,
    Backbone,
    OpenWork,
    Somebody,
    a_cohort,
    a_partner,
)


@pytest.fixture
def service() -> Service:
    from scheduling.main import service

    return service


@pytest.fixture
def clock() -> SimulatedClock:
    """Stands on 20 February 2020, a week before the launch day."""
    return SimulatedClock(datetime.fromisoformat("2020-02-20T09:00:00+01:00"))


@pytest.fixture
def backbone(database: Database, clock: SimulatedClock) -> Backbone:
    return Backbone(database, clock)


@pytest.fixture
def cohort(backbone: Backbone, work: OpenWork) -> CohortFormed:
    """The cohort of Prémices with its track, UR Scop and Grenade as partners."""
    formed = a_cohort()
    with work() as one:
        import_track(one, A_TRACK)
    backbone.hear(
        a_partner("UR Scop", Commitment.STEWARD, Commitment.SPEAKER),
        a_partner("Grenade", Commitment.MENTOR, Commitment.SPEAKER),
        formed,
    )
    return formed


@pytest.fixture
def somebody(database: Database) -> Somebody:
    """`somebody(Role.MENTOR, "Grenade")` is a person who holds this role for that partner."""

    def add(role: Role, partner: str | None = None, id: UUID | None = None) -> Person:
        held = RoleHeld(
            role,
            "premices",
            organisation_id=stable_id("premices", "organisation", partner) if partner else None,
        )
        person = Person(id or new_id(), "Camille Roussel", "c@exemple.fr", roles=(held,))
        with database.write() as db:
            save_person(db, person, share=False)
        return person

    return add


@pytest.fixture
def api(runtime: Runtime) -> Api:
    """`api(person)` is a client of the JSON API and the pages, signed in as her."""
    app = build_app([runtime])

    def client(person: Person | None) -> TestClient:
        headers = {}
        if person is not None:
            headers = signing.bearer("scheduling", person.id)
        return TestClient(
            app,
            base_url="https://premices.example/scheduling",
            headers=headers,
            follow_redirects=False,
        )

    return client
