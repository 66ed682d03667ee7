from datetime import datetime
from typing import Any

import pytest
from essaim.clock import SimulatedClock
from essaim.ids import new_id, stable_id
from essaim.person import Person, Role
from essaim_contracts.candidatures import CohortFormed, Commitment
from essaim_contracts.scheduling import (
    Attendee,
    AttendeeRole,
    HoursUsed,
    PairingEnded,
    PairingMade,
    ProjectProgressed,
    ProjectStatus,
    SessionCancelled,
    SessionHeld,
    SessionMoved,
    SessionPlanned,
)
from fastapi.testclient import TestClient
from icalendar import Calendar

from tests.scheduling.promotion_2020 import (
    COHORT,
    EDITION,
    TRACKS,
    Api,
    Backbone,
    Somebody,
    a_partner,
)

LAUNCH: dict[str, Any] = {
    "cohort_id": str(COHORT),
    "kind": "launch_day",
    "title": "Journée de lancement",
    "mode": "on_site",
    "starts_at": "2020-02-27T09:00:00+01:00",
    "ends_at": "2020-02-27T17:00:00+01:00",
}


@pytest.fixture
def coordinator(somebody: Somebody) -> Person:
    return somebody(Role.COORDINATOR, "UR Scop")


@pytest.fixture
def office(api: Api, coordinator: Person) -> TestClient:
    """The JSON API, as the coordination of Prémices uses it."""
    return api(coordinator)


def organisation(name: str) -> str:
    return str(stable_id("premices", "organisation", name))


def an_appointment(office: TestClient, cohort: CohortFormed, **values: Any) -> dict[str, Any]:
    """The first proposed appointment of the first project, with Grenade, on 12 March."""
    project = cohort.projects[0].project_id
    listed = office.get(
        f"/api/cohorts/{COHORT}/proposed-sessions", params={"project": str(project)}
    )
    answer = office.post(
        "/api/sessions",
        json={
            "proposed_id": listed.json()["items"][0]["proposed_id"],
            "mode": "on_site",
            "provider_id": organisation("Grenade"),
            "starts_at": "2020-03-12T14:00:00+01:00",
            "ends_at": "2020-03-12T16:00:00+01:00",
        }
        | values,
    )
    assert answer.status_code == 201, answer.text
    planned: dict[str, Any] = answer.json()
    return planned


def problem(answer: Any) -> tuple[int, str, str | None]:
    body = answer.json()
    return answer.status_code, body["code"], body["field"]


def test_the_launch_day_convenes_every_bearer_and_those_invited(
    office: TestClient, backbone: Backbone, cohort: CohortFormed, somebody: Somebody
) -> None:
    godparent = somebody(Role.GODPARENT)

    answer = office.post("/api/sessions", json=LAUNCH | {"invited_roles": ["godparent"]})

    assert answer.status_code == 201, answer.text
    bearers = {id for project in cohort.projects for id in project.bearer_ids}
    (told,) = backbone.said(SessionPlanned)
    assert told == SessionPlanned(
        session_id=answer.json()["session_id"],
        edition_id=EDITION,
        cohort_id=COHORT,
        kind="launch_day",
        title="Journée de lancement",
        starts_at=datetime.fromisoformat("2020-02-27T09:00:00+01:00"),
        ends_at=datetime.fromisoformat("2020-02-27T17:00:00+01:00"),
        half_days=2,
        mode="on_site",
        project_ids=tuple(sorted(project.project_id for project in cohort.projects)),
        participant_ids=tuple(sorted({*bearers, godparent.id})),
    )


def test_a_proposed_appointment_is_planned_with_its_times_alone(
    office: TestClient, cohort: CohortFormed
) -> None:
    planned = an_appointment(office, cohort)

    assert planned["kind"] == "mentoring"
    assert planned["hour_kind"] == "mentoring"
    assert planned["project_ids"] == [str(cohort.projects[0].project_id)]
    left = office.get(f"/api/cohorts/{COHORT}/proposed-sessions").json()
    assert left["total"] == 6


def test_a_cancelled_appointment_is_proposed_again(
    office: TestClient, cohort: CohortFormed
) -> None:
    planned = an_appointment(office, cohort)

    office.post(f"/api/sessions/{planned['session_id']}/cancel", json={"reason": "bearer"})

    assert office.get(f"/api/cohorts/{COHORT}/proposed-sessions").json()["total"] == 7


def test_several_sessions_are_planned_all_or_none(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    later = {"starts_at": "2020-05-07T09:00:00+02:00", "ends_at": "2020-05-07T08:00:00+02:00"}

    answer = office.post("/api/sessions/batch", json={"sessions": [LAUNCH, LAUNCH | later]})

    assert problem(answer) == (422, "ends_before_start", "ends_at")
    assert backbone.said(SessionPlanned) == []


def test_the_same_key_plans_a_session_once(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    headers = {"Idempotency-Key": "launch-2020"}

    first = office.post("/api/sessions", json=LAUNCH, headers=headers)
    second = office.post("/api/sessions", json=LAUNCH, headers=headers)

    assert first.json() == second.json()
    assert len(backbone.said(SessionPlanned)) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ends_at": "2020-02-27T08:00:00+01:00"}, (422, "ends_before_start", "ends_at")),
        ({"mode": "online", "place": "Les Amanins"}, (422, "online_has_no_place", "place")),
        ({"cohort_id": str(new_id())}, (404, "unknown_cohort", "cohort_id")),
        ({"speaker_ids": [str(new_id())]}, (422, "unknown_organisation", "speaker_ids")),
        ({"participant_ids": [str(new_id())]}, (422, "unknown_person", "participant_ids")),
        ({"project_ids": [str(new_id())]}, (422, "project_not_in_cohort", "project_ids")),
        ({"kind": "appointment"}, (422, "missing", "project_ids")),
        ({"title": None}, (422, "missing", "title")),
        ({"cohort_id": None}, (422, "missing", "cohort_id")),
        ({"cohort_id": None, "edition_id": str(new_id())}, (404, "unknown_edition", "edition_id")),
        ({"proposed_id": str(new_id())}, (409, "no_open_proposal", "proposed_id")),
    ],
)
def test_a_session_that_cannot_be_is_refused_at_its_field(
    office: TestClient,
    backbone: Backbone,
    cohort: CohortFormed,
    values: dict[str, Any],
    expected: tuple[int, str, str],
) -> None:
    answer = office.post("/api/sessions", json=LAUNCH | values)

    assert problem(answer) == expected
    assert backbone.said(SessionPlanned) == []


@pytest.mark.parametrize(
    "values",
    [{"starts_at": "2020-02-27T09:00:00"}, {"colour": "red"}, {"title": ""}, {"place": " \x07"}],
)
def test_a_value_that_means_nothing_is_refused_at_its_field(
    office: TestClient, cohort: CohortFormed, values: dict[str, Any]
) -> None:
    answer = office.post("/api/sessions", json=LAUNCH | values)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(values))


def test_an_appointment_on_a_collective_day_needs_a_named_coordinator(
    office: TestClient, cohort: CohortFormed, coordinator: Person, somebody: Somebody
) -> None:
    office.post("/api/sessions", json=LAUNCH)
    at_noon = {
        "starts_at": "2020-02-27T12:00:00+01:00",
        "ends_at": "2020-02-27T13:00:00+01:00",
        "kind": "appointment",
        "title": "Point",
        "project_ids": [str(cohort.projects[0].project_id)],
    }
    mentor = somebody(Role.MENTOR, "Grenade")

    refused = office.post("/api/sessions", json=LAUNCH | at_noon)
    by_a_mentor = office.post(
        "/api/sessions", json=LAUNCH | at_noon | {"override_by": str(mentor.id)}
    )
    allowed = office.post(
        "/api/sessions", json=LAUNCH | at_noon | {"override_by": str(coordinator.id)}
    )

    assert problem(refused) == (409, "double_booking", "starts_at")
    assert problem(by_a_mentor) == (403, "override_by_whom", "override_by")
    assert allowed.status_code == 201


def test_a_place_is_given_later_and_said_once(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    planned = office.post("/api/sessions", json=LAUNCH).json()
    address = f"/api/sessions/{planned['session_id']}/place"

    office.post(address, json={"place": "Les Amanins"})
    again = office.post(address, json={"place": "Les Amanins"})

    (moved,) = backbone.said(SessionMoved)
    assert (moved.place, moved.reason, moved.sequence) == ("Les Amanins", "place_set", 1)
    assert again.json()["sequence"] == 1


def test_a_day_moved_online_loses_its_place(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    planned = office.post("/api/sessions", json=LAUNCH | {"place": "Lyon"}).json()

    answer = office.post(
        f"/api/sessions/{planned['session_id']}/move",
        json={"mode": "online", "reason": "outside_event"},
    )

    assert answer.json()["place"] is None
    (moved,) = backbone.said(SessionMoved)
    assert (moved.mode, moved.place, moved.starts_at) == (
        "online",
        None,
        datetime.fromisoformat(LAUNCH["starts_at"]),
    )


def test_a_session_moved_onto_another_one_of_its_projects_is_refused(
    office: TestClient, cohort: CohortFormed
) -> None:
    office.post("/api/sessions", json=LAUNCH)
    appointment = an_appointment(office, cohort)

    answer = office.post(
        f"/api/sessions/{appointment['session_id']}/move",
        json={
            "starts_at": "2020-02-27T10:00:00+01:00",
            "ends_at": "2020-02-27T12:00:00+01:00",
            "reason": "bearer",
        },
    )

    assert problem(answer) == (409, "double_booking", "starts_at")


def test_a_cancelled_session_is_said_and_stays_readable(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    planned = office.post("/api/sessions", json=LAUNCH).json()

    office.post(f"/api/sessions/{planned['session_id']}/cancel", json={"reason": "outside_event"})

    (cancelled,) = backbone.said(SessionCancelled)
    assert str(cancelled.key) == planned["session_id"]
    assert office.get(f"/api/sessions/{planned['session_id']}").json()["state"] == "cancelled"


def test_a_held_appointment_uses_the_hours_of_its_project(
    office: TestClient, backbone: Backbone, cohort: CohortFormed, clock: SimulatedClock
) -> None:
    planned = an_appointment(office, cohort)
    project = cohort.projects[0]
    clock.set(datetime.fromisoformat("2020-03-12T17:00:00+01:00"))

    office.put(
        f"/api/sessions/{planned['session_id']}/roster",
        json={"marks": [{"person_id": str(project.bearer_ids[0]), "status": "present"}]},
    )
    answer = office.post(f"/api/sessions/{planned['session_id']}/close", json={})

    assert answer.status_code == 200, answer.text
    (held,) = backbone.said(SessionHeld)
    assert held.attendees == (
        Attendee(
            person_id=project.bearer_ids[0],
            role=AttendeeRole.BEARER,
            project_id=project.project_id,
            half_days=1,
        ),
    )
    (used,) = backbone.said(HoursUsed)
    assert (used.minutes, used.minutes_left, str(used.provider_id)) == (
        120,
        240,
        organisation("Grenade"),
    )
    (package,) = office.get(f"/api/projects/{project.project_id}/hours").json()["items"]
    assert (package["minutes"], package["minutes_left"], package["minutes_planned"]) == (
        360,
        240,
        0,
    )
    assert [use["minutes"] for use in package["uses"]] == [120]


def test_hours_beyond_the_package_are_refused_and_nothing_is_closed(
    office: TestClient,
    backbone: Backbone,
    cohort: CohortFormed,
    clock: SimulatedClock,
    coordinator: Person,
) -> None:
    planned = an_appointment(office, cohort)
    clock.set(datetime.fromisoformat("2020-03-12T23:00:00+01:00"))
    address = f"/api/sessions/{planned['session_id']}/close"

    refused = office.post(address, json={"headcount": 2, "minutes": 400})

    assert problem(refused) == (409, "hours_exceeded", "minutes")
    assert "360 min" in refused.json()["detail"]
    assert backbone.said(SessionHeld, HoursUsed) == []
    body = {"headcount": 2, "minutes": 400, "override_by": str(coordinator.id)}
    assert office.post(address, json=body).status_code == 200
    (used,) = backbone.said(HoursUsed)
    assert (used.minutes_over, used.override_by, used.minutes_left) == (40, coordinator.id, 0)


def test_an_extra_grant_makes_room_for_more_hours(office: TestClient, cohort: CohortFormed) -> None:
    project = cohort.projects[0].project_id

    office.post(f"/api/projects/{project}/hours", json={"kind": "mentoring", "minutes": 60})

    packages = office.get(f"/api/projects/{project}/hours").json()
    assert [(one["reason"], one["minutes_left"]) for one in packages["items"]] == [
        ("track", 360),
        ("extra", 60),
    ]


def test_sixty_five_people_at_the_launch_are_counted_though_few_are_named(
    office: TestClient, backbone: Backbone, cohort: CohortFormed, clock: SimulatedClock
) -> None:
    planned = office.post("/api/sessions", json=LAUNCH).json()
    clock.set(datetime.fromisoformat("2020-02-27T18:00:00+01:00"))
    bearer = str(cohort.projects[0].bearer_ids[0])

    office.post(
        f"/api/sessions/{planned['session_id']}/close",
        json={
            "headcount": 65,
            "marks": [
                {
                    "person_id": bearer,
                    "status": "present",
                    "day": "2020-02-27",
                    "part": "morning",
                },
                {
                    "person_id": bearer,
                    "status": "excused",
                    "day": "2020-02-27",
                    "part": "afternoon",
                },
            ],
        },
    )

    (held,) = backbone.said(SessionHeld)
    assert (held.participants, held.half_days, held.minutes) == (65, 2, 480)
    assert [attendee.half_days for attendee in held.attendees] == [1]


def test_a_closed_sheet_is_not_rewritten(
    office: TestClient, backbone: Backbone, cohort: CohortFormed, clock: SimulatedClock
) -> None:
    planned = office.post("/api/sessions", json=LAUNCH).json()
    clock.set(datetime.fromisoformat("2020-02-27T18:00:00+01:00"))
    address = f"/api/sessions/{planned['session_id']}"
    office.post(f"{address}/close", json={"headcount": 65})

    again = office.post(f"{address}/close", json={"headcount": 70})
    late = office.put(f"{address}/roster", json={"marks": []})

    assert problem(again) == problem(late) == (409, "sheet_closed", None)
    assert len(backbone.said(SessionHeld)) == 1


def test_a_mentor_closes_her_own_appointments_only(
    api: Api,
    office: TestClient,
    cohort: CohortFormed,
    clock: SimulatedClock,
    somebody: Somebody,
) -> None:
    own = an_appointment(office, cohort)
    launch = office.post("/api/sessions", json=LAUNCH).json()
    mentor = api(somebody(Role.MENTOR, "Grenade"))
    other = api(somebody(Role.MENTOR, "UR Scop"))
    clock.set(datetime.fromisoformat("2020-03-12T17:00:00+01:00"))

    close = f"/api/sessions/{own['session_id']}/close"
    assert problem(other.post(close, json={"headcount": 2})) == (403, "not_the_holder", None)
    assert mentor.post(close, json={"headcount": 2}).status_code == 200
    close = f"/api/sessions/{launch['session_id']}/close"
    assert problem(mentor.post(close, json={"headcount": 2})) == (403, "not_the_holder", None)


def test_a_bearer_reads_her_own_sessions_and_hours_and_no_others(
    api: Api, office: TestClient, cohort: CohortFormed, somebody: Somebody
) -> None:
    mine, theirs = cohort.projects
    launch = office.post("/api/sessions", json=LAUNCH).json()
    other = an_appointment(office, cohort)
    bearer = api(somebody(Role.BEARER, id=theirs.bearer_ids[0]))

    listed = bearer.get("/api/sessions").json()
    assert [one["session_id"] for one in listed["items"]] == [launch["session_id"]]
    refused = bearer.get(f"/api/sessions/{other['session_id']}")
    assert problem(refused) == (403, "not_your_session", None)
    assert bearer.get(f"/api/projects/{theirs.project_id}/hours").json()["total"] == 1
    refused = bearer.get(f"/api/projects/{mine.project_id}/hours")
    assert problem(refused) == (403, "not_your_project", None)
    refused = bearer.post("/api/sessions", json=LAUNCH)
    assert problem(refused) == (403, "not_a_coordinator", None)
    (own,) = bearer.get("/api/cohorts").json()["items"]
    assert bearer.get(f"/api/cohorts/{own['cohort_id']}").status_code == 200


def test_nobody_reads_or_acts_without_signing_in(api: Api, cohort: CohortFormed) -> None:
    stranger = api(None)

    assert stranger.get("/api/sessions").status_code == 401
    assert stranger.post("/api/sessions", json=LAUNCH).status_code == 401


def test_sessions_are_listed_by_kind_and_period(office: TestClient, cohort: CohortFormed) -> None:
    office.post("/api/sessions", json=LAUNCH)
    an_appointment(office, cohort)

    def titles(**asked: Any) -> list[str]:
        return [one["title"] for one in office.get("/api/sessions", params=asked).json()["items"]]

    assert titles() == ["Journée de lancement", "Rendez-vous de mentorat"]
    assert titles(kind="mentoring") == ["Rendez-vous de mentorat"]
    assert titles(until="2020-03-01T00:00:00+01:00") == ["Journée de lancement"]
    assert titles(**{"from": "2020-03-01T00:00:00+01:00"}) == ["Rendez-vous de mentorat"]
    assert titles(edition=str(new_id())) == []
    page = office.get("/api/sessions", params={"size": 1, "page": 2}).json()
    assert (page["total"], len(page["items"])) == (2, 1)


def test_godparents_are_proposed_with_reasons_and_confirmed_by_a_human(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    backbone.hear(
        a_partner("BIERISTAN", Commitment.GODPARENT), a_partner("FACIL'T", Commitment.GODPARENT)
    )
    fournil, ressourcerie = cohort.projects
    office.put(
        "/api/offers",
        json={
            "programme": "premices",
            "kind": "godparent",
            "offers": [{"organisation_id": organisation("FACIL'T"), "topics": ["gouvernance"]}],
        },
    )
    wishes = [{"project_id": str(ressourcerie.project_id), "topics": ["gouvernance"]}]
    office.put("/api/wishes", json={"wishes": wishes})

    asked = {"cohort_id": str(COHORT), "kind": "godparent"}
    proposed = office.post("/api/pairings/proposals", json=asked).json()["items"]

    by_project = {one["project_id"]: one for one in proposed}
    assert backbone.said(PairingMade) == []
    wanted = by_project[str(ressourcerie.project_id)]
    assert wanted["organisation_id"] == organisation("FACIL'T")
    assert wanted["score"] == 35.0
    assert [reason["text"] for reason in wanted["reasons"]] == [
        "thème souhaité\u00a0: gouvernance",
        "places prises\u00a0: 0 sur 1",
    ]
    ids = [one["pairing_id"] for one in proposed]
    confirmed = office.post("/api/pairings/confirm", json={"pairing_ids": ids})
    assert confirmed.status_code == 200, confirmed.text
    made = backbone.said(PairingMade)
    assert {(one.project_id, one.method, one.score) for one in made} == {
        (fournil.project_id, "assignment", 10.0),
        (ressourcerie.project_id, "assignment", 35.0),
    }
    again = office.post("/api/pairings/confirm", json={"pairing_ids": ids})
    assert problem(again) == (409, "not_a_proposal", None)


def test_a_refused_proposal_is_not_made_again(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    backbone.hear(a_partner("BIERISTAN", Commitment.GODPARENT))
    asked = {"cohort_id": str(COHORT), "kind": "godparent"}
    (first,) = office.post("/api/pairings/proposals", json=asked).json()["items"]

    office.post(f"/api/pairings/{first['pairing_id']}/refuse")
    (second,) = office.post("/api/pairings/proposals", json=asked).json()["items"]

    assert second["organisation_id"] == first["organisation_id"]
    assert second["project_id"] != first["project_id"]


def test_a_referent_hands_over_to_another_in_one_act(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    backbone.hear(a_partner("GRAP", Commitment.COACH))
    asked = {"project_id": str(cohort.projects[0].project_id), "kind": "referent"}
    first = office.post(
        "/api/pairings", json=asked | {"organisation_id": organisation("UR Scop")}
    ).json()

    alone = office.post("/api/pairings", json=asked | {"organisation_id": organisation("GRAP")})
    handed = office.post(
        "/api/pairings",
        json=asked | {"organisation_id": organisation("GRAP"), "replaces": first["pairing_id"]},
    )

    assert problem(alone) == (409, "referent_exists", "project_id")
    assert handed.status_code == 201, handed.text
    (ended,) = backbone.said(PairingEnded)
    assert (str(ended.key), ended.reason) == (first["pairing_id"], "replaced")
    active = office.get("/api/pairings", params={"state": "active"}).json()
    assert [one["organisation_id"] for one in active["items"]] == [organisation("GRAP")]


def test_a_paired_mentor_is_convened_to_the_appointments_she_gives(
    office: TestClient, cohort: CohortFormed, somebody: Somebody
) -> None:
    mentor = somebody(Role.MENTOR, "Grenade")
    paired = office.post(
        "/api/pairings",
        json={
            "project_id": str(cohort.projects[0].project_id),
            "kind": "mentor",
            "organisation_id": organisation("Grenade"),
        },
    ).json()

    planned = an_appointment(office, cohort)

    assert paired["person_id"] == str(mentor.id)
    assert str(mentor.id) in planned["participant_ids"]


def test_an_ended_pairing_frees_the_godparent(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    backbone.hear(a_partner("BIERISTAN", Commitment.GODPARENT))
    first, second = (str(project.project_id) for project in cohort.projects)
    asked = {"kind": "godparent", "organisation_id": organisation("BIERISTAN")}
    paired = office.post("/api/pairings", json=asked | {"project_id": first}).json()
    full = office.post("/api/pairings", json=asked | {"project_id": second})

    office.post(f"/api/pairings/{paired['pairing_id']}/end", json={"reason": "programme_ended"})

    assert problem(full) == (409, "organisation_full", "organisation_id")
    freed = office.post("/api/pairings", json=asked | {"project_id": second})
    assert freed.status_code == 201


def test_progress_is_reported_and_may_be_taken_back(
    office: TestClient, backbone: Backbone, cohort: CohortFormed
) -> None:
    address = f"/api/projects/{cohort.projects[0].project_id}/progress"
    wrong = office.post(address, json={"status": "halted", "jobs_min": 9, "jobs_max": 3})

    office.post(address, json={"status": "halted"})
    office.post(address, json={"status": "in_progress", "jobs_min": 3, "jobs_max": 9})

    assert problem(wrong) == (422, "jobs_not_ordered", "jobs_max")
    told = backbone.said(ProjectProgressed)
    assert [one.status for one in told] == [ProjectStatus.HALTED, ProjectStatus.IN_PROGRESS]
    latest = office.get(address).json()["items"][0]
    assert (latest["status"], latest["jobs_max"]) == ("in_progress", 9)


def test_a_track_is_imported_once_and_listed_with_what_is_unknown(
    office: TestClient, cohort: CohortFormed
) -> None:
    text = (TRACKS / "peps.yaml").read_bytes()
    headers = {"Content-Type": "application/yaml"}

    first = office.post("/api/tracks", content=text, headers=headers)
    again = office.post("/api/tracks", content=text, headers=headers)
    changed = office.post("/api/tracks", content=text + b"may_overrun: true\n", headers=headers)

    assert (first.status_code, first.json()) == (201, again.json())
    assert "fee_eur" in first.json()["unknown"]
    assert problem(changed) == (409, "track_version_taken", "version")
    listed = office.get("/api/tracks").json()["items"]
    assert [one["code"] for one in listed] == ["peps", "premices"]


def test_a_wrong_track_file_names_every_line(
    office: TestClient, api: Api, somebody: Somebody
) -> None:
    text = b"format: essaim-track/1\ncode: x\nversion: zero\nname: X\ncolour: red\n"
    headers = {"Content-Type": "application/yaml"}

    answer = office.post("/api/tracks", content=text, headers=headers)

    assert [(one["field"], one["message"][:7]) for one in answer.json()["errors"]] == [
        ("version", "Ligne 3"),
        ("colour", "Ligne 5"),
    ]
    binary = office.post("/api/tracks", content=b"\xff\xfe", headers=headers)
    assert problem(binary) == (422, "not_utf8", None)
    bearer = api(somebody(Role.BEARER))
    assert bearer.post("/api/tracks", content=text, headers=headers).status_code == 403


def test_a_feed_follows_a_session_until_its_address_is_revoked(
    api: Api, office: TestClient, cohort: CohortFormed, somebody: Somebody
) -> None:
    bearer = api(somebody(Role.BEARER, id=cohort.projects[0].bearer_ids[0]))
    planned = office.post("/api/sessions", json=LAUNCH).json()
    opened = bearer.post("/api/feeds", json={}).json()
    (feed,) = bearer.get("/api/feeds").json()["items"]
    address = feed["address"].removeprefix("https://premices.example/scheduling")
    anybody = api(None)

    def events() -> list[Any]:
        answer = anybody.get(address)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        return [dict(event) for event in Calendar.from_ical(answer.content).walk("VEVENT")]

    (event,) = events()
    assert event["UID"] == f"{planned['session_id']}@essaim"
    office.post(f"/api/sessions/{planned['session_id']}/cancel", json={"reason": "other"})
    (event,) = events()
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert bearer.delete(f"/api/feeds/{opened['feed_id']}").status_code == 204
    assert anybody.get(address).status_code == 404
    assert bearer.delete(f"/api/feeds/{opened['feed_id']}").status_code == 404


def test_the_feed_of_a_cohort_shows_no_appointment_of_anybody(
    api: Api, office: TestClient, cohort: CohortFormed, somebody: Somebody
) -> None:
    office.post("/api/sessions", json=LAUNCH)
    an_appointment(office, cohort)
    office.post("/api/feeds", json={"cohort_id": str(COHORT)})
    (feed,) = office.get("/api/feeds").json()["items"]

    answer = api(None).get(feed["address"].removeprefix("https://premices.example/scheduling"))

    titles = [event["SUMMARY"] for event in Calendar.from_ical(answer.content).walk("VEVENT")]
    assert titles == ["Journée de lancement"]
    stranger = api(somebody(Role.BEARER))
    refused = stranger.post("/api/feeds", json={"cohort_id": str(COHORT)})
    assert problem(refused) == (403, "not_a_reader", None)
