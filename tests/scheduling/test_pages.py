import re
from datetime import datetime
from typing import Any

import pytest
from essaim.clock import SimulatedClock
from essaim.ids import new_id
from essaim.person import Role
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import CohortFormed, Commitment, TrophyAwarded
from fastapi.testclient import TestClient
from icalendar import Calendar

from tests.scheduling.promotion_2020 import (
    COHORT,
    EDITION,
    TRACKS,
    Api,
    Backbone,
    Somebody,
    a_cohort,
    a_partner,
)

# What pages ask of the database is tested on both, beside what the API asks.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CEREMONY = {
    "cohort_id": str(COHORT),
    "kind": "ceremony",
    "title": "Remise des trophées",
    "mode": "hybrid",
    "starts_at": "2020-03-19T17:00:00+01:00",
    "ends_at": "2020-03-19T20:00:00+01:00",
}


@pytest.fixture
def office(api: Api, somebody: Somebody) -> TestClient:
    """The pages, as the coordination of Prémices sees them."""
    return api(somebody(Role.COORDINATOR, "UR Scop"))


def planned(office: TestClient, **values: Any) -> str:
    answer = office.post("/api/sessions", json=CEREMONY | values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["session_id"])


def page(client: TestClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("address", ["/", "/sessions", "/hours", "/pairings", "/tracks", "/feeds"])
def test_every_page_is_served_in_both_languages(
    office: TestClient, cohort: CohortFormed, address: str, language: str
) -> None:
    planned(office)

    office.cookies.set("essaim_language", language)

    answer = office.get(address)

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    if language == "en":
        assert "Séances" not in answer.text


@pytest.mark.parametrize("address", ["/", "/sessions", "/hours", "/pairings", "/tracks", "/feeds"])
def test_a_page_leads_to_pages_and_never_to_the_json_api(
    office: TestClient, cohort: CohortFormed, address: str
) -> None:
    session_id = planned(office)
    office.post("/api/pairings/proposals", json={"cohort_id": str(COHORT), "kind": "godparent"})

    links = re.findall(r'(?:href|action)="([^"]+)"', page(office, address))

    assert not [link for link in links if "/api/" in link]
    if address in ("/", "/sessions"):
        assert f"/sessions/{session_id}" in [link.removeprefix("/scheduling") for link in links]


def inside(address: str) -> str:
    """The path of an address, inside the service."""
    return address.removeprefix("https://premices.example/scheduling")


def test_a_session_in_a_calendar_leads_to_its_page(
    office: TestClient, cohort: CohortFormed
) -> None:
    session_id = planned(office)
    office.post("/api/feeds", json={"cohort_id": str(COHORT)})
    (feed,) = office.get("/api/feeds").json()["items"]

    calendar = Calendar.from_ical(office.get(inside(feed["address"])).content)

    (event,) = calendar.walk("VEVENT")
    assert inside(str(event["url"])) == f"/sessions/{session_id}"


def test_a_new_calendar_address_is_shown_on_the_page_of_the_feeds(office: TestClient) -> None:
    field = page(office, "/feeds").split('name="csrf_token" value="')[-1]

    answer = office.post(
        "/feeds", data={"csrf_token": field.split('"')[0], "command_key": str(new_id())}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/scheduling/feeds")
    shown = page(office, "/feeds")
    assert "https://premices.example/scheduling/feeds/" in shown
    assert 'href="webcal://premices.example/scheduling/feeds/' in shown


def test_the_home_page_shows_what_is_to_come_and_what_waits(
    office: TestClient, cohort: CohortFormed, clock: SimulatedClock
) -> None:
    planned(office)
    assert "Remise des trophées" in page(office, "/")
    assert "Feuilles à clore</h2>" not in page(office, "/")

    clock.set(datetime.fromisoformat("2020-03-20T08:00:00+01:00"))

    assert "Aucune séance à venir." in page(office, "/")
    assert "Feuilles à clore</h2>" in page(office, "/")


def test_a_cohort_that_waits_for_its_track_is_shown(office: TestClient, backbone: Backbone) -> None:
    backbone.hear(a_cohort(track="inconnu"))

    assert "attend son parcours « inconnu »" in page(office, "/")


def test_sessions_are_filtered_and_exported(office: TestClient, cohort: CohortFormed) -> None:
    planned(office)
    planned(office, kind="workshop", title="Pain au levain", project_ids=[])

    assert "Pain au levain" not in page(office, "/sessions?kind=ceremony")
    assert "Pain au levain" in page(office, "/sessions?when=coming")
    assert "Pain au levain" not in page(office, "/sessions?when=past")
    lines = page(office, "/sessions?format=csv&kind=workshop").splitlines()
    assert len(lines) == 2
    assert "Pain au levain" in lines[1]


def test_hours_and_pairings_are_listed_with_names(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    backbone.hear(a_partner("BIERISTAN", Commitment.GODPARENT))
    office.post("/api/pairings/proposals", json={"cohort_id": str(COHORT), "kind": "godparent"})

    assert "6 h" in page(office, "/hours")
    assert "Le Fournil" in page(office, "/hours?q=fournil")
    assert "Mentorat;6;0;6;0" in page(office, "/hours?format=csv&q=fournil")
    assert "BIERISTAN" in page(office, "/pairings?state=proposed")


def test_a_bearer_sees_her_own_and_no_proposal(
    api: Api, office: TestClient, backbone: Backbone, cohort: CohortFormed, somebody: Somebody
) -> None:
    backbone.hear(a_partner("BIERISTAN", Commitment.GODPARENT))
    office.post("/api/pairings/proposals", json={"cohort_id": str(COHORT), "kind": "godparent"})
    mine, theirs = cohort.projects
    planned(office, title="Point de mi-parcours", project_ids=[str(theirs.project_id)])
    bearer = api(somebody(Role.BEARER, id=mine.bearer_ids[0]))

    assert "Point de mi-parcours" not in page(bearer, "/sessions")
    assert mine.title in page(bearer, "/hours")
    assert theirs.title not in page(bearer, "/hours")
    assert "BIERISTAN" not in page(bearer, "/pairings")


@pytest.mark.parametrize("address", ["/sessions", "/hours", "/pairings"])
def test_an_empty_list_says_whose_rows_would_stand_there(
    api: Api, somebody: Somebody, address: str
) -> None:
    assert "à montrer : vous voyez ici" in page(api(somebody(Role.BEARER)), address)


def test_the_page_of_a_session_names_people_to_its_holders_alone(
    api: Api,
    office: TestClient,
    backbone: Backbone,
    cohort: CohortFormed,
    clock: SimulatedClock,
    somebody: Somebody,
) -> None:
    bearer = somebody(Role.BEARER, id=cohort.projects[0].bearer_ids[0])
    session_id = planned(office, speaker_ids=[str(a_partner("Grenade").organisation_id)])
    backbone.hear(
        TrophyAwarded(
            trophy_id=new_id(),
            edition_id=EDITION,
            cohort_id=COHORT,
            project_id=cohort.projects[0].project_id,
            bearer_ids=(),
            title="Coup de cœur",
            awarded_on=datetime(2020, 3, 19).date(),
            prizes=(),
        )
    )
    clock.set(datetime.fromisoformat("2020-03-19T20:00:00+01:00"))
    office.put(
        f"/api/sessions/{session_id}/roster",
        json={"marks": [{"person_id": str(bearer.id), "status": "present"}]},
    )

    held_by = page(office, f"/sessions/{session_id}")
    seen_by_bearer = page(api(bearer), f"/sessions/{session_id}")

    for shown in (
        "Grenade (intervient)",
        "Coup de cœur : Le Fournil",
        "Camille Roussel",
        "Présent",
    ):
        assert shown in held_by
    # Her own name is in the header of her page, the sheet is not in it.
    assert "Feuille d’émargement" not in seen_by_bearer
    assert "Grenade (intervient)" in seen_by_bearer


def test_a_session_of_others_is_refused_with_a_page_that_says_why(
    api: Api, office: TestClient, cohort: CohortFormed, somebody: Somebody
) -> None:
    session_id = planned(office)

    answer = api(somebody(Role.BEARER)).get(f"/sessions/{session_id}")

    assert answer.status_code == 403
    assert "Vous n’êtes pas convié" in answer.text


def test_every_track_is_shown_with_what_its_source_does_not_say(office: TestClient) -> None:
    for file in sorted(TRACKS.glob("*.yaml")):
        answer = office.post(
            "/api/tracks", content=file.read_bytes(), headers={"Content-Type": "application/yaml"}
        )
        assert answer.status_code == 201, answer.text

    shown = page(office, "/tracks")

    assert "3 × Rendez-vous avec le référent, par projet, 1 h – 1 h 30" in shown
    assert "La source ne dit pas : la taille d’une promotion" in " ".join(shown.split())


def test_a_person_opens_and_revokes_a_feed_from_her_page(
    api: Api, runtime: Runtime, somebody: Somebody
) -> None:
    browser = api(somebody(Role.BEARER))
    form = {"csrf_token": token_in(page(browser, "/feeds"))}

    opened = browser.post("/feeds", data=form)

    assert opened.status_code == 303
    shown = page(browser, "/feeds")
    address = shown.split('type="url"')[1].split('value="')[1].split('"')[0]
    path = address.removeprefix("https://premices.example/scheduling")
    assert browser.get(path).text.startswith("BEGIN:VCALENDAR")
    revoke = shown.split('action="/scheduling')[1:]
    target = next(one.split('"')[0] for one in revoke if "/revoke" in one.split('"')[0])
    assert browser.post(target, data={"csrf_token": token_in(shown)}).status_code == 303
    assert browser.get(path).status_code == 404


def token_in(shown: str) -> str:
    return shown.split('name="csrf_token" value="')[1].split('"')[0]


def test_an_english_page_marks_the_french_of_the_programme(
    office: TestClient, cohort: CohortFormed
) -> None:
    planned(office)
    office.cookies.set("essaim_language", "en")

    found = page(office, "/sessions?q=remise+TROPHEES")

    assert '<span lang="fr">Remise des trophées</span>' in found
