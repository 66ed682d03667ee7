"""Who reaches what: godparents, mentors, bearers and funders, at the API and on the pages."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from essaim.clock import SimulatedClock
from essaim.ids import new_id, stable_id
from essaim.keeping.database import Database
from essaim.people.directory import erase_person, save_person
from essaim.person import Person, Role, RoleHeld
from essaim_contracts import Fact
from essaim_contracts.candidatures import CohortFormed, Commitment
from essaim_contracts.scheduling import HoursUsed
from fastapi.testclient import TestClient

from tests.scheduling.promotion_2020 import COHORT, Api, Backbone, Somebody, a_partner

ALONE = stable_id("premices", "person", "who acts alone")


@pytest.fixture
def office(api: Api, somebody: Somebody) -> TestClient:
    return api(somebody(Role.COORDINATOR))


@pytest.fixture
def fournil(cohort: CohortFormed) -> UUID:
    return cohort.projects[0].project_id


def an_appointment(office: TestClient, project_id: UUID, **values: Any) -> str:
    body = {
        "cohort_id": str(COHORT),
        "kind": "mentoring",
        "title": "Rendez-vous de mentorat",
        "starts_at": "2020-03-12T14:00:00+01:00",
        "ends_at": "2020-03-12T16:00:00+01:00",
        "mode": "online",
        "project_ids": [str(project_id)],
        "provider_id": str(a_partner("Grenade").organisation_id),
    }
    answer = office.post("/api/sessions", json=body | values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["session_id"])


def paired(office: TestClient, backbone: Backbone, project_id: UUID, **values: Any) -> str:
    backbone.hear(a_partner("BIERISTAN", Commitment.GODPARENT))
    body = {
        "project_id": str(project_id),
        "kind": "godparent",
        "organisation_id": str(a_partner("BIERISTAN").organisation_id),
    }
    answer = office.post("/api/pairings", json=body | values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["pairing_id"])


def statuses(client: TestClient, project_id: UUID) -> list[int]:
    """What her project answers her: hours, progress, exchanges."""
    addresses = (f"/api/projects/{project_id}/{what}" for what in ("hours", "progress"))
    return [client.get(address).status_code for address in addresses]


def totals(client: TestClient) -> dict[str, int]:
    """How many rows each list of the API has for her, and how many its page shows."""
    found = {"pairings": client.get("/api/pairings").json()["total"]}
    found["sessions"] = client.get("/api/sessions").json()["total"]
    for name in ("pairings", "sessions", "hours"):
        lines = client.get(f"/{name}?format=csv").text.splitlines()
        found[f"{name} page"] = len(lines) - 1
    return found


def test_a_godparent_reaches_the_project_her_cooperative_accompanies(
    api: Api, office: TestClient, backbone: Backbone, fournil: UUID, somebody: Somebody
) -> None:
    godparent = api(somebody(Role.GODPARENT, "BIERISTAN"))
    colleague = api(somebody(Role.GODPARENT, "BIERISTAN"))
    other = api(somebody(Role.GODPARENT, "Une autre"))
    before = statuses(godparent, fournil)
    pairing = paired(office, backbone, fournil)

    assert before == [403, 403]
    assert statuses(godparent, fournil) == statuses(colleague, fournil) == [200, 200]
    assert statuses(other, fournil) == [403, 403]
    expected = {"pairings": 1, "pairings page": 1, "sessions": 0, "sessions page": 0}
    assert totals(godparent) == expected | {"hours page": 1}
    assert totals(other)["pairings"] == 0
    office.post(f"/api/pairings/{pairing}/end", json={"reason": "replaced"})
    assert statuses(godparent, fournil) == [403, 403]


def test_a_mentor_reaches_what_her_organisations_appointments_concern(
    api: Api, office: TestClient, cohort: CohortFormed, fournil: UUID, somebody: Somebody
) -> None:
    session = an_appointment(office, fournil)
    mentor = api(somebody(Role.MENTOR, "Grenade"))
    other = api(somebody(Role.MENTOR, "UR Scop"))

    assert statuses(mentor, fournil) == [200, 200]
    assert statuses(mentor, cohort.projects[1].project_id) == [403, 403]
    assert totals(mentor) == {
        "pairings": 0, "pairings page": 0, "sessions": 1, "sessions page": 1, "hours page": 1,
    }  # fmt: skip
    assert mentor.get(f"/sessions/{session}").status_code == 200
    assert statuses(other, fournil) == [403, 403]
    assert totals(other)["sessions"] == totals(other)["hours page"] == 0
    office.post(f"/api/sessions/{session}/cancel", json={"reason": "other"})
    assert statuses(mentor, fournil) == [403, 403]


def test_a_role_that_ended_reaches_nothing_more(
    api: Api,
    office: TestClient,
    backbone: Backbone,
    fournil: UUID,
    somebody: Somebody,
    database: Database,
) -> None:
    godparent = somebody(Role.GODPARENT, "BIERISTAN")
    paired(office, backbone, fournil, person_id=str(godparent.id))
    an_appointment(office, fournil)
    ended = tuple(
        RoleHeld(
            role, "premices", stable_id("premices", "organisation", partner),
            until=date(2020, 2, 19),
        )
        for role, partner in ((Role.GODPARENT, "BIERISTAN"), (Role.MENTOR, "Grenade"))
    )  # fmt: skip
    before = statuses(api(godparent), fournil)
    with database.write() as db:
        save_person(db, Person(godparent.id, "Camille", roles=ended), share=False)

    assert (before, statuses(api(godparent), fournil)) == ([200, 200], [403, 403])
    assert totals(api(godparent))["pairings"] == totals(api(godparent))["sessions"] == 0


def test_a_bearer_finds_her_cohort_and_who_accompanies_her(
    api: Api, office: TestClient, backbone: Backbone, cohort: CohortFormed, somebody: Somebody
) -> None:
    mine, theirs = cohort.projects
    paired(office, backbone, mine.project_id)
    office.post("/api/pairings/proposals", json={"cohort_id": str(COHORT), "kind": "godparent"})
    bearer = api(somebody(Role.BEARER, id=mine.bearer_ids[0]))

    assert bearer.get(f"/api/cohorts/{COHORT}").status_code == 200
    listed = bearer.get("/api/pairings", params={"project": str(mine.project_id)}).json()
    assert [one["state"] for one in listed["items"]] == ["active"]
    assert bearer.get("/api/pairings").json()["total"] == 1
    assert (
        bearer.get("/api/pairings", params={"project": str(theirs.project_id)}).json()["total"] == 0
    )


def test_a_funder_sees_no_person_at_any_door(
    api: Api,
    office: TestClient,
    backbone: Backbone,
    fournil: UUID,
    somebody: Somebody,
    database: Database,
    clock: SimulatedClock,
) -> None:
    with database.write() as db:
        save_person(db, Person(ALONE, "Zoé Canari", roles=()), share=False)
    backbone.hear(a_partner("alone", Commitment.MENTOR, Commitment.GODPARENT, person_id=ALONE))
    alone = str(a_partner("alone").organisation_id)
    paired(office, backbone, fournil, organisation_id=alone)
    session = an_appointment(office, fournil, provider_id=alone)
    coordinator = UUID(office.get("/api/pairings").json()["items"][0]["person_id"])
    assert coordinator == ALONE
    clock.set(datetime.fromisoformat("2020-03-12T17:00:00+01:00"))
    funder = api(somebody(Role.FUNDER))
    people = [ALONE, *(UUID(id) for id in _participants(office, session))]

    pages = ("/", "/sessions", "/pairings", "/pairings?format=csv&sort=organisation", "/hours")
    answers = (
        "/api/sessions", f"/api/sessions/{session}", "/api/pairings", "/api/cohorts",
        f"/api/cohorts/{COHORT}", f"/api/projects/{fournil}/hours",
    )  # fmt: skip
    for address in (*pages, f"/sessions/{session}", *answers):
        answer = funder.get(address)
        assert answer.status_code == 200, address
        assert "Canari" not in answer.text, address
        assert not [id for id in people if str(id) in answer.text], address
    assert "Zoé Canari" in office.get("/pairings").text
    assert funder.get(f"/api/projects/{fournil}/exchanges").status_code == 403


def _participants(office: TestClient, session: str) -> list[str]:
    found: list[str] = office.get(f"/api/sessions/{session}").json()["participant_ids"]
    return found


def test_a_godparent_notes_her_exchanges_in_her_own_name(
    api: Api, office: TestClient, backbone: Backbone, cohort: CohortFormed, somebody: Somebody
) -> None:
    mine = cohort.projects[0]
    godparent = somebody(Role.GODPARENT, "BIERISTAN")
    bearer = api(somebody(Role.BEARER, id=mine.bearer_ids[0]))
    address = f"/api/projects/{mine.project_id}/exchanges"
    said = {"note": "Le bail est signé.", "happened_on": "2020-02-18"}
    before = api(godparent).post(address, json=said).status_code
    paired(office, backbone, mine.project_id)

    noted = api(godparent).post(address, json=said)
    to_come = api(godparent).post(address, json=said | {"happened_on": "2020-02-21"})
    for_another = api(godparent).post(address, json=said | {"noted_by": str(new_id())})

    assert (before, noted.status_code) == (403, 201)
    assert noted.json()["noted_by"] == str(godparent.id)
    assert (to_come.status_code, for_another.status_code) == (422, 422)
    for reader in (bearer, office, api(godparent)):
        (read,) = reader.get(address).json()["items"]
        assert read["note"] == "Le bail est signé."
    assert bearer.post(address, json=said).status_code == 403
    assert "bail" not in str(backbone.said(Fact))


def test_a_godparent_notes_an_exchange_on_the_page_her_lists_lead_to(
    api: Api, office: TestClient, backbone: Backbone, fournil: UUID, somebody: Somebody
) -> None:
    godparent = api(somebody(Role.GODPARENT, "BIERISTAN"))
    paired(office, backbone, fournil)
    page = f"/projects/{fournil}"

    for address in ("/hours", "/pairings"):
        assert f'href="/scheduling{page}"' in godparent.get(address).text
    before = godparent.get(page)
    nothing = godparent.post(f"{page}/exchanges", data={"note": " "})
    to_come = godparent.post(
        f"{page}/exchanges", data={"note": "Le bail.", "happened_on": "2020-02-21"}
    )
    noted = godparent.post(f"{page}/exchanges", data={"note": "Le bail est signé."})

    assert "Noter cet échange" in before.text
    assert (nothing.status_code, to_come.status_code, noted.status_code) == (422, 422, 303)
    assert "Le bail." in to_come.text
    assert "Corrigez la date" in to_come.text
    assert "Le bail est signé." in godparent.get(page).text
    funder = api(somebody(Role.FUNDER)).get(page)
    assert funder.status_code == 200
    assert "bail" not in funder.text


def test_naming_a_coordinator_authorises_nothing(
    api: Api,
    office: TestClient,
    backbone: Backbone,
    fournil: UUID,
    clock: SimulatedClock,
    somebody: Somebody,
) -> None:
    coordinator = somebody(Role.COORDINATOR)
    session = an_appointment(office, fournil)
    clock.set(datetime.fromisoformat("2020-03-12T23:00:00+01:00"))
    mentor = somebody(Role.MENTOR, "Grenade")
    body = {"headcount": 2, "minutes": 1400}

    refused = [
        api(mentor).post(f"/api/sessions/{session}/close", json=body | {"override_by": str(id)})
        for id in (coordinator.id, mentor.id)
    ]
    assert [one.json()["code"] for one in refused] == ["override_by_whom"] * 2
    assert backbone.said(HoursUsed) == []
    named_by_another = office.post(
        f"/api/sessions/{session}/close", json=body | {"override_by": str(coordinator.id)}
    )
    assert named_by_another.status_code == 403
    closed = api(coordinator).post(
        f"/api/sessions/{session}/close", json=body | {"override_by": str(coordinator.id)}
    )
    assert closed.status_code == 200
    assert backbone.said(HoursUsed)[0].override_by == coordinator.id


def test_nobody_of_another_programme_is_convened_noted_or_paired(
    api: Api,
    office: TestClient,
    backbone: Backbone,
    fournil: UUID,
    clock: SimulatedClock,
    database: Database,
) -> None:
    stranger = Person(new_id(), "Ailleurs", roles=(RoleHeld(Role.SPEAKER, "ailleurs"),))
    with database.write() as db:
        save_person(db, stranger, share=False)
    session = an_appointment(office, fournil)
    convened = office.post(
        "/api/sessions",
        json={
            "cohort_id": str(COHORT), "kind": "workshop", "title": "Atelier", "mode": "online",
            "starts_at": "2020-03-20T14:00:00+01:00", "ends_at": "2020-03-20T16:00:00+01:00",
            "participant_ids": [str(stranger.id)],
        },
    )  # fmt: skip
    clock.set(datetime.fromisoformat("2020-03-12T17:00:00+01:00"))
    mark = {"person_id": str(stranger.id), "status": "present"}
    noted = office.put(f"/api/sessions/{session}/roster", json={"marks": [mark]})
    backbone.hear(a_partner("BIERISTAN", Commitment.GODPARENT))
    made = office.post(
        "/api/pairings",
        json={
            "project_id": str(fournil), "kind": "godparent", "person_id": str(stranger.id),
            "organisation_id": str(a_partner("BIERISTAN").organisation_id),
        },
    )  # fmt: skip

    found = [(one.status_code, one.json()["code"]) for one in (convened, noted, made)]
    assert found == [(422, "unknown_person")] * 2 + [(422, "does_not_act_for")]


@pytest.mark.parametrize("of", ["own sessions", "a cohort"])
@pytest.mark.parametrize("then", ["her role ends", "she is erased"])
def test_a_feed_lives_as_long_as_the_right_of_its_owner(
    api: Api, cohort: CohortFormed, somebody: Somebody, database: Database, of: str, then: str
) -> None:
    funder = somebody(Role.FUNDER)
    body = {"cohort_id": str(COHORT)} if of == "a cohort" else {}
    assert api(funder).post("/api/feeds", json=body).status_code == 201
    (feed,) = api(funder).get("/api/feeds").json()["items"]
    address = feed["address"].removeprefix("https://premices.example/scheduling")
    before = api(None).get(address).status_code

    with database.write() as db:
        if then == "her role ends":
            ended = (RoleHeld(Role.FUNDER, "premices", until=date(2020, 2, 19)),)
            save_person(db, Person(funder.id, "Camille", roles=ended), share=False)
        else:
            erase_person(db, funder.id, datetime.fromisoformat("2020-02-20T09:00:00+01:00"))

    assert (before, api(None).get(address).status_code) == (200, 404)
