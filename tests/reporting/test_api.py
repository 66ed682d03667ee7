"""The JSON API: who may ask, what is answered, and that it says what the facts say."""

from collections.abc import Callable

import pytest
from essaim.person import Role
from fastapi.testclient import TestClient

from tests.reporting.edition import a_small_edition
from tests.reporting.series import EDITION, named, plain

SignedIn = Callable[..., TestClient]
FIGURES = f"/reporting/api/editions/{EDITION}/figures"


def figure(client: TestClient, indicator: str, query: str = "") -> dict[str, object]:
    items = client.get(FIGURES + query).json()["items"]
    return next(item for item in items if item["indicator"] == indicator)


def test_the_summary_of_an_edition_holds_its_main_figures(signed_in: SignedIn) -> None:
    answer = signed_in(Role.FUNDER).get(f"/reporting/api/editions/{EDITION}/summary")

    assert answer.status_code == 200
    summary = answer.json()
    published = summary["facts"].pop("published")
    assert published["essaim.candidatures.application.received.v1"] == 6
    assert summary == {
        "applications": {
            "received": 6,
            "selected": 2,
            "not_selected": {
                "waiting_list": 1,
                "reoriented": 1,
                "refused": 1,
                "withdrawn": 1,
                "pending": 0,
            },
        },
        "cohort": {"projects": 2},
        "jobs_expected": {"min": 6, "max": 10},
        "godparents": 2,
        "sessions": {"held": {"launch_day": 1, "mentoring": 1}},
        "mentoring": {"hours_used": 2},
        "launch": {"participants": 65},
        "trophies": {"prizes_value_eur": 5000},
        "messages": {"sent": 6},
        "facts": {},
        "statuses": {"scop_or_scic_in_creation": 1, "halted": 1},
    }


def test_a_figure_comes_with_its_formula_its_parts_and_the_place_it_was_made_at(
    signed_in: SignedIn,
) -> None:
    client = signed_in(Role.COORDINATOR)

    answer = client.get(FIGURES).json()

    assert answer["edition"]["name"] == "Premices, édition 1 (2020)"
    assert (answer["as_of"], answer["stream_seq"]) == (None, len(a_small_edition().heard))
    assert answer["total"] == len(answer["items"])
    assert figure(client, "hours.by_partner") == {
        "section": "accompagnement",
        "indicator": "hours.by_partner",
        "label": "Heures données par partenaire",
        "formula": "Heures consommées, selon l’organisation qui a donné son temps.",
        "unit": "minutes",
        "value": 120,
        "facts": 1,
        "parts": [
            {
                "part": str(named("organisation", "UR SCOP AURA")),
                "label": "UR SCOP AURA",
                "value": 120,
                "facts": 1,
            }
        ],
    }
    assert figure(client, "applications.selection_rate")["value"] == pytest.approx(2 / 6)


def test_figures_are_answered_as_of_a_day(signed_in: SignedIn) -> None:
    client = signed_in(Role.COORDINATOR)

    assert figure(client, "cohort.projects", "?as_of=2020-02-09")["value"] == 0
    assert figure(client, "cohort.projects", "?as_of=2020-02-10")["value"] == 2


def test_a_day_that_does_not_exist_is_refused_with_the_way_to_write_it(
    signed_in: SignedIn,
) -> None:
    answer = signed_in(Role.COORDINATOR).get(FIGURES + "?as_of=2020-02-30")

    assert answer.status_code == 422
    assert answer.json()["field"] == "as_of"
    assert "2020-02-30" in answer.json()["detail"]
    assert "2020-06-30" in answer.json()["detail"]


def test_the_evidence_of_a_part_adds_up_to_it_page_after_page(signed_in: SignedIn) -> None:
    client = signed_in(Role.COORDINATOR)
    address = f"/reporting/api/editions/{EDITION}/evidence/attendance.half_days"

    pages = [client.get(f"{address}?part=bearer&size=2&page={number}").json() for number in (1, 2)]

    assert [page["total"] for page in pages] == [3, 3]
    amounts = [item["amount"] for page in pages for item in page["items"]]
    assert sum(amounts) == figure(client, "attendance.half_days")["value"] == 5
    assert pages[0]["items"][0]["data"]["participants"] == 65


def test_the_evidence_names_the_project_each_row_is_about(signed_in: SignedIn) -> None:
    address = f"/reporting/api/editions/{EDITION}/evidence/cohort.projects"

    items = signed_in(Role.COORDINATOR).get(address).json()["items"]

    assert {(item["project"], item["amount"]) for item in items} == {
        ("Projet pain", 1),
        ("Projet vélo", 1),
    }
    assert len({item["fact_id"] for item in items}) == 1


def test_what_was_not_said_has_evidence_of_its_own(signed_in: SignedIn) -> None:
    address = f"/reporting/api/editions/{EDITION}/evidence/cohort.projects?part=-"

    items = signed_in(Role.COORDINATOR).get(address).json()["items"]

    assert [item["project"] for item in items] == ["Projet vélo"]


def test_an_unknown_indicator_is_a_problem_that_names_it(signed_in: SignedIn) -> None:
    answer = signed_in(Role.COORDINATOR).get(
        f"/reporting/api/editions/{EDITION}/evidence/cohort.size"
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_indicator")
    assert "cohort.size" in answer.json()["detail"]


def test_the_time_line_of_a_project_tells_what_every_partner_said_of_it(
    signed_in: SignedIn,
) -> None:
    project = named("project", "vélo")

    answer = signed_in(Role.COORDINATOR).get(f"/reporting/api/projects/{project}/timeline").json()

    assert [(item["service"], plain(item["sentence"])) for item in answer["items"]] == [
        ("candidatures", "Candidature PREM-8 reçue pour « Projet vélo »."),
        ("notifications", "Message envoyé : Reçu de candidature."),
        (
            "candidatures",
            "Décision du comité du 3 février 2020 : Retenue (répond aux critères).",
        ),
        ("candidatures", "« promotion 2020 » formée, 2 projets, à partir du 27 février 2020."),
        (
            "scheduling",
            "Au calendrier : journée de lancement « Lancement », jeudi 27 février 2020 à 9 h 00, "
            "sur place.",
        ),
        (
            "scheduling",
            "Au calendrier : journée collective « Gouvernance », vendredi 11 septembre 2020 à "
            "9 h 00, sur place.",
        ),
        (
            "scheduling",
            "« Gouvernance » aura lieu jeudi 8 octobre 2020 à 9 h 00, en ligne, "
            "Les Amanins (événement extérieur).",
        ),
        ("scheduling", "Forfait accordé : 6 h (mentorat)."),
        ("scheduling", "Parrainage avec TERO à partir du 10 février 2020."),
        (
            "scheduling",
            "A eu lieu : journée de lancement « Lancement », le 27 février 2020, 7 h ; "
            "participants : 65.",
        ),
        ("scheduling", "Au 15 décembre 2020 : En arrêt."),
    ]


def test_a_project_nobody_spoke_of_is_unknown(signed_in: SignedIn) -> None:
    answer = signed_in(Role.COORDINATOR).get(
        f"/reporting/api/projects/{named('project', 'nobody')}/timeline"
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_project")


def test_facts_are_listed_by_type_and_from_a_place_in_the_stream(signed_in: SignedIn) -> None:
    client = signed_in(Role.OPERATOR)

    decided = client.get(
        "/reporting/api/facts?type=essaim.candidatures.application.decided.v1"
    ).json()
    later = client.get(f"/reporting/api/facts?after={decided['items'][-1]['seq']}").json()

    assert [item["data"]["decision"] for item in decided["items"]] == [
        "selected",
        "selected",
        "waiting_list",
        "refused",
        "reoriented",
    ]
    assert later["items"][0]["type"] == "essaim.candidatures.cohort.formed.v1"
    assert later["total"] == len(a_small_edition().heard) - decided["items"][-1]["seq"]


def test_a_funder_of_another_programme_sees_nothing_of_this_one(signed_in: SignedIn) -> None:
    client = signed_in(Role.FUNDER, programme="amesud")

    assert client.get("/reporting/api/editions").json() == {"items": [], "total": 0}
    assert client.get(FIGURES).status_code == 403
    assert client.get(f"/reporting/api/editions/{EDITION}/summary").status_code == 403
    project = named("project", "pain")
    assert client.get(f"/reporting/api/projects/{project}/timeline").status_code == 403
    assert client.get("/reporting/api/facts").json()["total"] == 0


def test_a_bearer_may_not_read_the_figures_and_a_stranger_must_sign_in(
    signed_in: SignedIn,
) -> None:
    stranger = signed_in()
    del stranger.headers["Authorization"]

    assert signed_in(Role.BEARER).get(FIGURES).status_code == 403
    assert stranger.get(FIGURES).status_code == 401


def test_the_english_answer_speaks_english(signed_in: SignedIn) -> None:
    client = signed_in(Role.COORDINATOR)
    client.headers["Accept-Language"] = "en"

    assert figure(client, "applications.received")["label"] == "Applications received"
