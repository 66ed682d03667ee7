"""The JSON API: rights, refusals and repeats, as programs meet them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from threading import current_thread
from typing import Any
from uuid import UUID

import pytest
import signing
from candidatures import store
from candidatures.commands.document import sweep
from essaim.ids import stable_id
from essaim.people import directory
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import ApplicationReceived
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    CLOSING,
    OPEN,
    PDF,
    PROGRAMME,
    line_of,
    received,
    set_clock,
    the_call,
    told,
)

BASE = "/candidatures/api"
BODY = {
    "version": 0,
    "project_title": "Le Fournil des Cimes",
    "sector": "catering",
    "department": "38",
    "jobs_min": 2,
    "jobs_max": 4,
    "bearer_name": "Dora (fictive)",
    "bearer_email": "dora@example.org",
    "applicant_kind": "group",
    "answers": {"idea": "Du pain de village.", "coop": True, "people": 3},
}
As = Callable[..., dict[str, str]]


@pytest.fixture
def api(browser: TestClient, premices: Runtime) -> TestClient:
    """The API on a day when the call is open."""
    set_clock(premices, OPEN)
    return browser


def detail(answer: Any) -> str:
    """What a refusal says, without typography's unbreakable spaces."""
    return str(answer.json()["detail"]).replace("\N{NO-BREAK SPACE}", " ")


def start(api: TestClient, **headers: str) -> tuple[str, dict[str, str]]:
    """A draft's address, and the header that opens it."""
    answer = api.post(f"{BASE}/calls/premices-2020/applications", headers=headers)
    assert answer.status_code == 201, answer.text
    draft = answer.json()
    return f"{BASE}/applications/{draft['id']}", {"X-Draft-Token": draft["token"]}


def upload(api: TestClient, address: str, headers: dict[str, str], **file: Any) -> Any:
    name, content = file.get("name", "résumé.pdf"), file.get("content", PDF)
    kind = file.get("stated", "application/pdf")
    return api.put(
        f"{address}/documents/summary",
        headers=headers,
        files={"file": (name, BytesIO(content), kind)},
    )


def test_an_application_goes_from_draft_to_receipt_without_an_account(api: TestClient) -> None:
    address, secret = start(api)
    saved = api.put(address, json=BODY, headers=secret)
    document = upload(api, address, secret)
    receipt = api.post(f"{address}/submit", headers=secret)

    assert saved.json()["version"] == 1
    assert document.json()["size"] == len(PDF)
    assert receipt.json()["number"] == "PREM-2020-0001"
    read = api.get(address, headers=secret).json()
    assert read["state"] == "received"
    assert read["content"]["answer-coop"] == "yes"
    assert read["content"]["answer-people"] == "3"
    assert api.get(f"{address}/documents/summary", headers=secret).content == PDF


def test_a_draft_opens_to_its_secret_alone(api: TestClient, as_: As) -> None:
    address, _ = start(api)

    for headers in ({}, {"X-Draft-Token": "x" * 30}, as_("alix"), as_("ops")):
        assert api.get(address, headers=headers).status_code == 404
        assert api.put(address, json=BODY, headers=headers).status_code == 404
        assert api.post(f"{address}/submit", headers=headers).status_code == 404


def test_a_stale_save_is_refused_and_the_newer_words_stay(api: TestClient) -> None:
    address, secret = start(api)
    api.put(address, json=BODY, headers=secret)

    stale = api.put(address, json=BODY | {"project_title": "Autre"}, headers=secret)

    assert stale.status_code == 409
    assert stale.json()["code"] == "stale_form"
    assert (
        api.get(address, headers=secret).json()["content"]["project_title"] == BODY["project_title"]
    )


def test_a_submission_one_second_late_is_refused_in_both_languages(
    api: TestClient, premices: Runtime
) -> None:
    address, secret = start(api)
    api.put(address, json=BODY, headers=secret)
    upload(api, address, secret)
    set_clock(premices, CLOSING + timedelta(seconds=1))

    french = api.post(f"{address}/submit", headers=secret)
    english = api.post(f"{address}/submit", headers=secret | {"Accept-Language": "en"})

    assert french.status_code == english.status_code == 409
    assert "fermé depuis le mercredi 15 janvier 2020 à 18 h 00" in detail(french)
    assert "closed on Wednesday 15 January 2020 at 18:00" in detail(english)
    assert api.get(address, headers=secret).json()["state"] == "draft"
    assert told(premices, ApplicationReceived) == []


def test_all_that_is_missing_is_answered_field_by_field(api: TestClient) -> None:
    address, secret = start(api)
    api.put(address, json={"version": 0, "project_title": "Le Fournil"}, headers=secret)

    refused = api.post(f"{address}/submit", headers=secret)

    assert refused.status_code == 422
    assert {error["field"] for error in refused.json()["errors"]} == {
        "bearer_name",
        "bearer_email",
        "applicant_kind",
        "sector",
        "department",
        "answer-idea",
        "document-summary",
    }


def test_a_name_that_nobody_sees_is_no_name(api: TestClient) -> None:
    address, secret = start(api)
    unseen = {"project_title": "\u200b\u00a0", "bearer_name": "\u3164", "organisation": "\u202e"}
    api.put(address, json=BODY | unseen | {"applicant_kind": "organisation"}, headers=secret)
    upload(api, address, secret)

    refused = api.post(f"{address}/submit", headers=secret)

    assert refused.status_code == 422
    assert {(one["field"], one["message"]) for one in refused.json()["errors"]} == {
        (name, "Remplissez ce champ\u00a0: il est obligatoire.") for name in unseen
    }


def test_what_is_sent_is_kept_on_one_line_and_in_one_form(api: TestClient) -> None:
    address, secret = start(api)
    sent = {
        "project_title": "E\u0301picerie\u202e du\u00a0bourg",
        "bearer_name": "Jean\nBcc: tous@example.org",
        "bearer_email": "Lou@STRASSE.example.org",
        "answers": {"idea": "Un\r\ndeux", "people": "45 000", "turnover": 1500.5},
    }
    api.put(address, json=BODY | sent, headers=secret)

    content = api.get(address, headers=secret).json()["content"]

    assert content["project_title"] == "Épicerie du bourg"
    assert content["bearer_name"] == "Jean Bcc: tous@example.org"
    assert content["bearer_email"] == "Lou@strasse.example.org"
    assert content["answer-idea"] == "Un\ndeux"
    assert (content["answer-people"], content["answer-turnover"]) == ("45000", "1500.5")


def test_a_file_of_25_megabytes_is_refused_with_the_limit(api: TestClient) -> None:
    address, secret = start(api)

    refused = upload(api, address, secret, content=PDF + bytes(25_000_000))

    assert refused.status_code == 413
    assert "25 Mo, au plus 20 Mo" in detail(refused)


def test_what_was_not_asked_is_refused_with_the_reason(api: TestClient, premices: Runtime) -> None:
    address, secret = start(api)

    program = upload(api, address, secret, content=b"MZ\x90\x00" + bytes(100))
    picture = upload(api, address, secret, content=b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    broken = upload(api, address, secret, content=b"PK\x03\x04" + bytes(100))

    assert [one.status_code for one in (program, picture, broken)] == [422, 422, 422]
    assert [one.json()["code"] for one in (program, picture, broken)] == [
        "executable",
        "type_not_allowed",
        "type_not_allowed",
    ]
    assert [path for path in premices.documents.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("résumé.pdf", "application/x-pdf"),
        ("résumé.docx", "application/msword"),
        ("résumé", "application/x-zip-compressed"),
        ("RESUME.PDF", ""),
        ("re\u0301sume\u0301\u00a0.pdf", "image/png"),
    ],
)
def test_a_browser_that_states_another_type_or_name_stops_no_file(
    api: TestClient, name: str, stated: str
) -> None:
    address, secret = start(api)

    sent = upload(api, address, secret, name=name, stated=stated)

    assert sent.status_code == 200
    assert sent.json()["media_type"] == "application/pdf"
    assert sent.json()["filename"] in {"résumé.pdf", "RESUME.PDF"}


def test_a_file_for_an_application_that_was_sent_does_not_stay_on_the_disk(
    api: TestClient, premices: Runtime
) -> None:
    address, secret = start(api)
    api.put(address, json=BODY, headers=secret)
    upload(api, address, secret)
    api.post(f"{address}/submit", headers=secret)

    refused = upload(api, address, secret, content=PDF + b"% too late")
    with premices.work() as work:
        sweep(premices.documents, work.db, settled=0)

    assert refused.json()["code"] == "already_received"
    kept = [path.read_bytes() for path in premices.documents.folder.rglob("*") if path.is_file()]
    assert kept == [PDF]


def test_a_repeated_request_changes_nothing_twice(api: TestClient, premices: Runtime) -> None:
    address, secret = start(api)
    api.put(address, json=BODY, headers=secret)
    upload(api, address, secret)
    key = secret | {"Idempotency-Key": "the one submission"}

    first, again = (api.post(f"{address}/submit", headers=key) for _ in range(2))
    other = api.post(f"{address}/withdraw", headers=key)

    assert first.json() == again.json()
    assert len(told(premices, ApplicationReceived)) == 1
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


def test_the_secret_of_a_draft_is_answered_once_and_remembered_nowhere(
    api: TestClient, premices: Runtime
) -> None:
    token = "a secret she made herself, long"
    key = {"Idempotency-Key": "one draft", "X-Draft-Token": token}
    address = f"{BASE}/calls/premices-2020/applications"

    first, again = (api.post(address, headers=key).json() for _ in range(2))

    assert first["id"] == again["id"]
    assert (first["token"], again["token"]) == (token, None)
    with premices.read() as db:
        assert store.application.find_draft(db, the_call(premices).id, token) is not None
        from essaim.keeping.tables import command

        rows = list(db.execute(command.select()))
    assert rows
    assert all(token not in row.answer + row.actor for row in rows)


def test_an_unknown_field_or_question_is_refused(api: TestClient) -> None:
    address, secret = start(api)

    field = api.put(address, json=BODY | {"colour": "red"}, headers=secret)
    question = api.put(address, json=BODY | {"answers": {"colour": "red"}}, headers=secret)

    assert field.status_code == question.status_code == 422
    assert question.json()["code"] == "unknown_question"


def test_who_may_see_the_applications(api: TestClient, premices: Runtime, as_: As) -> None:
    received(premices)
    address = f"{BASE}/applications?call=premices-2020"

    assert api.get(address).status_code == 401
    assert api.get(address, headers=as_("jourlin")).status_code == 403
    for code in ("alix", "basile", "ops"):
        row = api.get(address, headers=as_(code)).json()["items"][0]
        assert row["bearer"] == "Porteuse 1 (fictive)"
    funder = api.get(address, headers=as_("firmin")).json()
    assert funder["total"] == 1
    assert "bearer" not in funder["items"][0]
    assert "Porteuse" not in str(funder)


def test_the_applications_are_searched_filtered_sorted_and_paged(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    for nth in (1, 2, 3):
        received(premices, nth)

    def numbers(query: str) -> list[str]:
        answer = api.get(f"{BASE}/applications?call=premices-2020&{query}", headers=as_("alix"))
        return [row["number"][-1] for row in answer.json()["items"]]

    assert numbers("q=PORTEUSE+2") == ["2"]
    assert numbers("q=fïctif+3") == ["3"]
    assert numbers("q=2+porteuse") == ["2"]
    assert numbers("q=projet+porteuse&sort=-project") == ["3", "2", "1"]
    assert numbers("q=%25") == []
    assert numbers("state=withdrawn") == []
    assert numbers("decision=selected") == []
    assert numbers("sort=-number&size=2") == ["3", "2"]
    assert numbers("sort=mean&size=2&page=2") == ["3"]


def test_a_funder_reads_no_application_and_its_bearer_reads_her_own(
    api: TestClient, premices: Runtime, as_: As
) -> None:

    address = f"{BASE}/applications/{received(premices)}"
    with premices.read() as db:
        bearer = directory.find_person_by_email(db, "porteuse-1@example.org")
    assert bearer is not None
    own = signing.bearer("candidatures", bearer.id)

    assert api.get(address, headers=as_("firmin")).status_code == 404
    assert api.get(address, headers=own).json()["number"] == "PREM-2020-0001"
    assert "mean" in api.get(address, headers=as_("basile")).json()


def test_members_of_the_committee_score_for_themselves_only(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    address = f"{BASE}/applications/{received(premices)}/scores"
    points = {"points": {"ess": 4, "maturity": None, "autonomy": None}}

    assert api.put(address, json=points, headers=as_("basile")).json() == {"mean": 80.0}
    assert api.put(address, json=points, headers=as_("alix")).status_code == 403
    assert api.put(address, json=points, headers=as_("ops")).status_code == 403
    for_another = points | {"evaluator_id": str(stable_id("premices", "person", "chloe"))}
    assert api.put(address, json=for_another, headers=as_("basile")).status_code == 422
    beyond = api.put(address, json={"points": {"ess": 9}}, headers=as_("basile"))
    assert beyond.json()["errors"][0]["message"] == "9 n’est pas une note de 0 à 5."


def test_the_whole_way_from_the_call_to_the_trophy(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    alix = as_("alix")
    ids = [str(received(premices, nth)) for nth in (1, 2)]
    set_clock(premices, CLOSING)
    for id, decision in zip(
        ids, ({"decision": "selected"}, {"decision": "refused", "reason": "not_ess"}), strict=True
    ):
        answer = api.put(f"{BASE}/applications/{id}/decision", json=decision, headers=alix)
        assert answer.status_code == 204
    applied = api.post(
        f"{BASE}/calls/premices-2020/decisions/apply",
        json={"decided_on": "2020-02-05"},
        headers=alix,
    )
    cohort = api.post(
        f"{BASE}/cohorts",
        json={"call": "premices-2020", "label": "promotion 2020", "starts_on": "2020-02-27"},
        headers=alix,
    ).json()
    project_id = cohort["projects"][0]["project_id"]
    (bearer_id,) = cohort["projects"][0]["bearer_ids"]
    hers = signing.bearer("candidatures", UUID(bearer_id))
    seen = [
        api.get(f"{BASE}/cohorts", headers=one).json()["total"]
        for one in (alix, as_("basile"), hers, as_("jourlin"))
    ]
    assert seen == [1, 1, 1, 0]
    handed = api.put(
        f"{BASE}/projects/{project_id}/deliverables/final_file",
        files={"file": ("dossier.pdf", BytesIO(PDF), "application/pdf")},
        headers=alix,
    )
    trophy = api.post(
        f"{BASE}/trophies",
        json={
            "project_id": project_id,
            "title": "Trophée de l’élan",
            "awarded_on": "2021-01-19",
            "prizes": ["video", "money"],
        },
        headers=alix,
    )

    assert applied.json() == {
        "changed": 2,
        "decided": {"selected": 1, "refused": 1},
        "undecided": 0,
        "due_at": applied.json()["due_at"],
    }
    assert handed.json() == {
        "project_id": project_id,
        "kind": "final_file",
        "version": 1,
        "late": False,
        "unchanged": False,
    }
    assert trophy.json()["prizes_value_eur"] == 5000
    edition = api.get(f"{BASE}/programmes/premices").json()["editions"][0]
    assert edition["prizes_pledged_eur"] == 5000
    assert [one["project_title"] for one in edition["trophies"]] == ["Projet fictif 1"]
    assert [one["given"] for one in edition["prizes"]] == [True, True]


def test_steering_is_for_coordinators_of_the_programme(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    application = received(premices)
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"applications/{application}/decision", {"decision": "selected"}),
        ("POST", "calls/premices-2020/decisions/apply", {}),
        ("POST", "cohorts", {"call": "premices-2020", "label": "x", "starts_on": "2020-02-27"}),
        ("POST", "people", {"name": "X"}),
        (
            "POST",
            "prizes",
            {
                "programme": "premices",
                "edition": 1,
                "code": "x",
                "contributor": "miimosa",
                "kind": "money",
                "title": "X",
                "value_eur": 1,
            },
        ),
    ]
    for method, path, body in asked:
        for headers, status in (({}, 401), (as_("basile"), 403), (as_("firmin"), 403)):
            answer = api.request(method, f"{BASE}/{path}", json=body, headers=headers)
            assert answer.status_code == status, (path, answer.text)


def test_a_programme_file_is_imported_through_the_api(api: TestClient, as_: As) -> None:
    headers = as_("ops") | {"Content-Type": "application/yaml"}
    changed = PROGRAMME.replace("commitments: [mentor, speaker]", "commitments: [mentor, coach]")

    answer = api.post(f"{BASE}/programmes", content=changed.encode(), headers=headers)

    assert answer.json() == {
        "programme": "premices",
        "changes": [{"kind": "organisation", "code": "grap", "change": "changed"}],
        "unchanged": 15,
        "drafts": [],
    }


def test_a_wrong_programme_file_is_refused_with_its_lines(api: TestClient, as_: As) -> None:
    wrong = PROGRAMME.replace("places: 2", "place: 2").replace("weight: 3", "weight: 0")
    headers = as_("ops") | {"Content-Type": "application/yaml", "Accept-Language": "en"}

    answer = api.post(f"{BASE}/programmes", content=wrong.encode(), headers=headers)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.json()["errors"]
    assert [error["line"] for error in errors] == [
        line_of(wrong, "place: 2"),
        line_of(wrong, "weight: 0"),
    ]
    assert errors[0]["message"].startswith("The key “place” is unknown here.")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(api: TestClient, as_: As) -> None:
    headers = as_("ops") | {"Content-Type": "application/yaml"}

    answer = api.post(f"{BASE}/programmes", content=b"format: x\nname: \xe9\n", headers=headers)

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["line"], error["column"]) == (2, 7)


def test_a_person_is_entered_with_her_roles(api: TestClient, premices: Runtime, as_: As) -> None:
    body = {
        "name": "Élise (fictive)",
        "email": "elise@example.org",
        "roles": [{"role": "mentor", "programme": "premices", "organisation": "grap"}],
    }
    entered = api.post(f"{BASE}/people", json=body, headers=as_("alix"))
    again = api.post(f"{BASE}/people", json=body, headers=as_("alix"))
    operator = body | {
        "email": "o@example.org",
        "roles": [{"role": "operator", "programme": "premices"}],
    }

    assert entered.status_code == 201
    assert again.json()["code"] == "email_taken"
    assert api.post(f"{BASE}/people", json=operator, headers=as_("alix")).status_code == 403
    people = api.get(f"{BASE}/people?programme=premices", headers=as_("alix")).json()
    assert "Élise (fictive)" in [one["name"] for one in people["items"]]
    elsewhere = body | {"email": "x@example.org"}
    elsewhere["roles"] = [{"role": "mentor", "programme": "autre"}]
    assert api.post(f"{BASE}/people", json=elsewhere, headers=as_("alix")).status_code == 403


def test_a_name_is_not_kept_in_the_answers_that_are_remembered(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    from essaim.keeping.tables import command

    key = {"Idempotency-Key": "a person"}
    api.post(f"{BASE}/people", json={"name": "Élise (fictive)"}, headers=as_("alix", **key))

    with premices.read() as db:
        rows = [str(tuple(row)) for row in db.execute(command.select())]
    assert rows
    assert all("lise (fictive)" not in row for row in rows)


def test_two_strangers_who_choose_the_same_key_each_get_their_own_draft(api: TestClient) -> None:
    first, _ = start(api, **{"Idempotency-Key": "1"})
    second, secret = start(api, **{"Idempotency-Key": "1"})

    assert second != first
    assert api.get(second, headers=secret).status_code == 200


def test_a_stranger_who_brings_her_token_repeats_her_request_and_nobody_elses(
    api: TestClient,
) -> None:
    address = f"{BASE}/calls/premices-2020/applications"
    hers, theirs = (
        {"Idempotency-Key": "1", "X-Draft-Token": token} for token in ("a" * 30, "b" * 30)
    )

    first, again, other = (api.post(address, headers=one) for one in (hers, hers, theirs))

    assert again.json()["id"] == first.json()["id"]
    assert other.json()["id"] != first.json()["id"]


def test_a_refused_file_sent_again_with_its_key_is_refused_again(api: TestClient, as_: As) -> None:
    wrong = PROGRAMME.replace("places: 2", "place: 2").encode()
    headers = as_("ops") | {"Content-Type": "application/yaml", "Idempotency-Key": "once"}

    answers = [api.post(f"{BASE}/programmes", content=wrong, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [422, 422]


def test_what_arrives_in_time_is_received_even_if_its_turn_comes_after_the_closing(
    api: TestClient, premices: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, secret = start(api)
    api.put(address, json=BODY, headers=secret)
    upload(api, address, secret)
    in_time = CLOSING - timedelta(milliseconds=1)

    def now() -> datetime:
        """By the time a thread is free for an endpoint, the call has closed."""
        return CLOSING if "worker" in current_thread().name else in_time

    monkeypatch.setattr(premices.clock, "now", now)

    receipt = api.post(f"{address}/submit", headers=secret)
    in_time = CLOSING
    late = api.post(f"{BASE}/calls/premices-2020/applications")

    assert receipt.status_code == 200, receipt.text
    assert late.json()["code"] == "call_closed"
