"""Rounds of the committee as the call says: with their own criteria, and anonymous or not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from candidatures import commands, store
from candidatures.commands.minutes import Meeting
from candidatures.programme_file import read_programme
from essaim.ids import stable_id
from essaim.running.runtime import Runtime
from essaim.text.file_errors import WrongFile
from essaim_contracts.candidatures import Decision
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    AFTER,
    OPEN,
    PROGRAMME,
    a_document,
    apply,
    prepare,
    project_of,
    received,
    set_clock,
)
from tests.candidatures.test_unnamed_file import NAME as MAKER
from tests.candidatures.test_unnamed_file import a_pdf

As = Callable[..., dict[str, str]]
API = "/candidatures/api"
CALL = "/candidatures/calls/premices-2020"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TWO_ROUNDS = (
    PROGRAMME.replace(
        "        criteria:",
        "        quorum: 2\n"
        "        rounds:\n"
        "          - {title: Sur dossier, anonymous: true, criteria: [ess, maturity]}\n"
        "          - {title: Oral, criteria: [autonomy], due_on: 2020-02-20}\n"
        "        criteria:",
    )
    .replace("label: Adhésion,", "label: Adhésion, identifying: true,")
    .replace(
        'label: "Déjà une coopérative ?",', 'label: "Déjà une coopérative ?", identifying: true,'
    )
)


@pytest.fixture
def four(premices: Runtime) -> list[UUID]:
    """Four applications received for a call with an anonymous round and another."""
    with premices.work() as work:
        commands.programme.import_programme(work, read_programme(TWO_ROUNDS))
    set_clock(premices, OPEN)
    ids = [received(premices, nth) for nth in range(1, 5)]
    set_clock(premices, AFTER)
    premices.run_timers()
    return ids


def give(browser: TestClient, id: UUID, headers: dict[str, str], **points: int) -> Any:
    body = {"points": points}
    return browser.put(f"{API}/applications/{id}/scores", json=body, headers=headers)


def begin(browser: TestClient, headers: dict[str, str], nth: int = 2) -> Any:
    return browser.post(f"{API}/calls/premices-2020/round", json={"round": nth}, headers=headers)


# --- anonymous


def test_no_door_says_who_applies_in_an_anonymous_round(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    """Pages, lists, exports, searches, files' names, the API and the project's page."""
    basile = as_("basile")
    project_id = project_of(premices, four[0])
    for path in (
        f"{CALL}/applications",
        f"{CALL}/applications?format=csv",
        f"{CALL}/applications?sort=bearer",
        f"{CALL}/ranking",
        f"/candidatures/applications/{four[0]}",
        f"/candidatures/projects/{project_id}",
        f"{API}/applications?call=premices-2020",
        f"{API}/applications/{four[0]}",
        f"{API}/projects/{project_id}",
    ):
        answer = browser.get(path, headers=basile)
        said = answer.text + str(answer.headers)
        assert answer.status_code in (200, 422), path
        for secret in ("Porteuse", "porteuse-1@", "résumé.pdf", "r%C3%A9sum%C3%A9"):
            assert secret not in said, (path, secret)
    read = browser.get(f"{API}/applications/{four[0]}", headers=basile).json()
    assert read["bearer_id"] is None
    assert read["content"]["answer-idea"] == "Du pain de village, cuit au bois."
    assert [one["filename"] for one in read["documents"]] == ["summary.pdf"]
    whole = a_document(premices, a_pdf())
    with premices.work() as work:
        store.document.save(work.db, four[0], whole, work.now)
    for door in (API, "/candidatures"):
        place = f"{door}/applications/{four[0]}/documents/summary"
        file = browser.get(place, headers=basile)
        assert file.headers["content-disposition"].endswith("summary.pdf")
        assert MAKER.encode() not in file.content
        assert MAKER.encode() in browser.get(place, headers=as_("alix")).content
    found = browser.get(f"{API}/applications?call=premices-2020&q=Porteuse", headers=basile).json()
    assert found["total"] == 0

    for path in (f"{CALL}/applications", f"/candidatures/applications/{four[0]}"):
        assert "Porteuse 1" in browser.get(path, headers=as_("alix")).text


def test_a_file_of_which_no_unnamed_copy_can_be_made_is_closed_until_the_decision(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    place = f"{API}/applications/{four[0]}/documents/summary"
    refused = browser.get(place, headers=as_("basile"))
    assert (refused.status_code, refused.json()["code"]) == (403, "notes_stay")
    assert browser.get(place, headers=as_("alix")).status_code == 200
    film = replace(a_document(premices, b"?", "x.mp4"), code="proof", media_type="video/mp4")
    with premices.work() as work:
        store.document.save(work.db, four[0], film, work.now)
    page = browser.get(f"/candidatures/applications/{four[0]}", headers=as_("basile")).text
    assert "1 pièce se lit une fois la décision appliquée" in page
    assert "proof.mp4" not in page


def test_an_identifying_document_is_closed_until_the_decision(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    proof = replace(a_document(premices, a_pdf(), "Marie Curie.pdf"), code="proof")
    with premices.work() as work:
        store.document.save(work.db, four[0], proof, work.now)
    place = f"{API}/applications/{four[0]}"
    assert browser.get(f"{place}/documents/proof", headers=as_("basile")).status_code == 403
    assert "proof" not in str(browser.get(place, headers=as_("basile")).json()["documents"])
    prepare(premices, four[0], Decision.SELECTED)
    with premices.work() as work:
        here = [stable_id("premices", "person", code) for code in ("basile", "chloe")]
        commands.minutes.draw_up(work, "premices-2020", Meeting(date(2020, 2, 4), here))
    apply(premices, partial=True)
    assert browser.get(f"{place}/documents/proof", headers=as_("basile")).status_code == 200
    assert browser.get(place, headers=as_("basile")).json()["bearer_id"] is not None


# --- rounds


def test_a_round_takes_its_own_criteria_and_shows_marks_once_these_are_in(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    refused = give(browser, four[0], as_("basile"), autonomy=3)
    assert refused.json()["code"] == "unknown_criterion"
    give(browser, four[0], as_("chloe"), ess=5, maturity=5)
    assert give(browser, four[0], as_("basile"), ess=1).json()["mean"] is None
    assert give(browser, four[0], as_("basile"), maturity=5).json()["mean"] == 76


def test_the_next_round_takes_who_was_kept_and_begins_once(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    for id in four:
        give(browser, id, as_("basile"), ess=3, maturity=3)
    prepare(premices, four[3], Decision.REFUSED)
    assert begin(browser, as_("alix"), 3).json()["code"] == "not_the_next_round"
    assert begin(browser, as_("alix")).json() == {"round": 2, "kept": 3}
    assert begin(browser, as_("alix")).status_code == 409

    led = browser.get(f"{CALL}/scoring", headers=as_("basile")).headers["location"]
    assert led.endswith(str(four[0]))
    shown = browser.get(f"{CALL}/applications", headers=as_("basile")).text
    assert "Notés : 0 sur 3" in shown.replace("\N{NO-BREAK SPACE}", " ")
    page = browser.get(f"/candidatures/applications/{four[0]}", headers=as_("basile")).text
    assert "Autonomie" in page.partition("Votre grille")[2]
    assert "Maturité" not in page.partition("Votre grille")[2]
    assert "Porteuse 1" in page, "the second round is not anonymous"
    left = browser.get(f"/candidatures/applications/{four[3]}", headers=as_("basile")).text
    assert "Votre grille" not in left
    assert "Porteuse 4" not in left, "who stayed behind stays unnamed until the decision"
    assert give(browser, four[0], as_("basile"), autonomy=5).json()["mean"] is not None


def test_a_round_with_nobody_left_is_not_begun(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    for id in four:
        prepare(premices, id, Decision.REFUSED)
    assert begin(browser, as_("alix")).json()["code"] == "nothing_kept"


def test_the_page_that_begins_a_round_says_what_it_does(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    prepare(premices, four[3], Decision.REFUSED)
    question = browser.get(f"{CALL}/round", headers=as_("alix")).text
    assert "3 candidatures sans décision préparée" in question
    done = browser.post(f"{CALL}/round?to=2", data={}, headers=as_("alix"))
    assert done.headers["location"] == f"{CALL}/assignment"
    assert "Tour 2 sur 2" in browser.get(f"{CALL}/assignment", headers=as_("alix")).text


def test_a_criterion_is_scored_in_one_round(premices: Runtime) -> None:
    with pytest.raises(WrongFile) as wrong:
        read_programme(TWO_ROUNDS.replace("criteria: [autonomy]", "criteria: [ess]"))
    assert "Nommez chaque critère dans un tour" in str(wrong.value)
