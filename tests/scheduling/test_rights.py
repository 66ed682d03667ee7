"""Every route of scheduling × every visitor."""

from datetime import datetime
from typing import Any

import matrix
import pytest
from essaim.clock import SimulatedClock
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import CohortFormed, Commitment
from fastapi.testclient import TestClient
from matrix import World
from scheduling.rights import RIGHTS

from tests.scheduling.promotion_2020 import A_TRACK, COHORT, Api, Backbone, Somebody, a_partner

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PORTEUSE, ALONE = "Aïssatou la porteuse", "Zoé qui agit seule"
NOON = {"starts_at": "2020-04-02T12:00:00+02:00", "ends_at": "2020-04-02T14:00:00+02:00"}
A_NEW_TRACK = A_TRACK.replace("code: premices", "code: autre")
TEXT = {"content-type": "application/yaml"}


def organisation(name: str) -> str:
    return str(a_partner(name).organisation_id)


@pytest.fixture
def world(
    api: Api,
    runtime: Runtime,
    backbone: Backbone,
    cohort: CohortFormed,
    somebody: Somebody,
    clock: SimulatedClock,
    database: Database,
) -> World:
    mine, theirs = cohort.projects
    backbone.hear(
        a_partner("BIERISTAN", Commitment.GODPARENT), a_partner("TERO", Commitment.GODPARENT)
    )
    office = api(somebody(Role.COORDINATOR))
    bearer = Person(mine.bearer_ids[0], PORTEUSE, roles=(RoleHeld(Role.BEARER, "premices"),))
    alone = Person(new_id(), ALONE)
    with database.write() as db:
        for person in (bearer, alone):
            save_person(db, person, share=False)
    backbone.hear(a_partner("alone", Commitment.GODPARENT, person_id=alone.id))
    the_one = {"cohort_id": str(COHORT), "mode": "online", "kind": "mentoring"}
    session = made(
        office,
        "sessions",
        the_one
        | {
            "title": "Rendez-vous",
            "starts_at": "2020-03-12T14:00:00+01:00",
            "ends_at": "2020-03-12T16:00:00+01:00",
            "project_ids": [str(mine.project_id)],
            "provider_id": organisation("Grenade"),
        },
    )["session_id"]
    pair = {"kind": "godparent", "organisation_id": organisation("BIERISTAN")}
    with_her = {"kind": "godparent", "organisation_id": organisation("alone")}
    made(office, "pairings", with_her | {"project_id": str(mine.project_id)})
    pairing = made(office, "pairings", pair | {"project_id": str(mine.project_id)})["pairing_id"]
    proposals = {"cohort_id": str(COHORT), "kind": "godparent"}
    proposed = made(office, "pairings/proposals", proposals)["items"][0]["pairing_id"]
    feed = made(api(bearer), "feeds", {})["feed_id"]
    (opened,) = api(bearer).get("/api/feeds").json()["items"]
    clock.set(datetime.fromisoformat("2020-03-12T17:00:00+01:00"))
    workshop = {"cohort_id": str(COHORT), "kind": "workshop", "title": "Atelier", "mode": "online"}
    moved = {"reason": "other"} | NOON
    return World(
        runtime,
        RIGHTS,
        places={
            "session_id": session,
            "cohort_id": COHORT,
            "project_id": mine.project_id,
            "pairing_id": pairing,
            "feed_id": feed,
            "token": opened["address"].rpartition("/")[2].removesuffix(".ics"),
        },
        bodies={
            "POST /clock": {"json": {"now": "2019-01-01T00:00:00Z"}},
            "POST /api/tracks": {"content": A_NEW_TRACK, "headers": TEXT},
            "POST /api/feeds": {"json": {}},
            "PUT /api/sessions/{session_id}/roster": {"json": {"marks": []}},
            "POST /api/sessions/{session_id}/close": {"json": {"headcount": 2}},
            "POST /api/sessions": {"json": workshop | NOON},
            "POST /api/sessions/batch": {"json": {"sessions": [workshop | NOON]}},
            "POST /api/sessions/{session_id}/move": {"json": moved},
            "POST /api/sessions/{session_id}/place": {"json": {"place": "Lyon"}},
            "POST /api/sessions/{session_id}/cancel": {"json": {"reason": "other"}},
            "POST /api/projects/{project_id}/exchanges": {"json": {"note": "Bonjour"}},
            "POST /projects/{project_id}/exchanges": {"data": {"note": "Bonjour"}},
            "POST /api/projects/{project_id}/hours": {"json": {"kind": "legal", "minutes": 60}},
            "POST /api/projects/{project_id}/progress": {"json": {"status": "in_progress"}},
            "POST /api/pairings": {"json": pair | {"project_id": str(theirs.project_id)}},
            "POST /api/pairings/proposals": {"json": proposals},
            "POST /api/pairings/confirm": {"json": {"pairing_ids": [proposed]}},
            "POST /api/pairings/{pairing_id}/end": {"json": {"reason": "replaced"}},
            "PUT /api/offers": {
                "json": {"programme": "premices", "kind": "godparent", "offers": []}
            },
            "PUT /api/wishes": {
                "json": {"wishes": [{"project_id": str(mine.project_id), "topics": []}]}
            },
        },
        names=(PORTEUSE, ALONE),
        near={
            Role.MENTOR: a_partner("Grenade").organisation_id,
            Role.GODPARENT: a_partner("BIERISTAN").organisation_id,
        },
        people={Role.BEARER: bearer.id},
    )


def made(client: TestClient, what: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/api/{what}", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_route_says_for_whom_it_is(world: World) -> None:
    assert matrix.undeclared(world.runtime, world.declared) == set()


def test_every_route_answers_those_it_says_and_nobody_else(world: World) -> None:
    found = matrix.disagreements(world)

    assert not found, "\n".join(found)
