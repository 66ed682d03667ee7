"""What a meeting of the committee reads: files side by side, its pack, its ranking, its minutes."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from candidatures import commands, store
from candidatures.commands.minutes import Meeting
from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import Decision
from fastapi.testclient import TestClient

from tests.candidatures.premices import apply, prepare
from tests.candidatures.test_selecting import ALL, fields_of, page_of, score, text_of

As = Callable[..., dict[str, str]]
CALL = "/candidatures/calls/premices-2020"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def compare(browser: TestClient, headers: dict[str, str], *files: UUID) -> str:
    asked = "&".join(f"file={one}" for one in files)
    answer = browser.get(f"{CALL}/compare?{asked}", headers=headers)
    assert answer.status_code == 200
    return text_of(answer)


# --- side by side


def test_two_files_are_read_side_by_side_with_what_each_was_given(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    score(browser, four[0], as_("basile"), **ALL)
    html = compare(browser, as_("alix"), four[1], four[0])
    assert html.count("<article aria") == 2
    assert html.index("Projet fictif 2") < html.index("Projet fictif 1"), "as they were ticked"
    assert "Basile" in html
    assert "Projet fictif 3" not in html


def test_who_scores_reads_beside_each_other_what_she_reads_of_each(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    score(browser, four[0], as_("chloe"), **ALL)
    browser.put(
        f"/candidatures/api/applications/{four[1]}/conflict",
        json={"declared": True},
        headers=as_("basile"),
    )
    html = compare(browser, as_("basile"), four[0], four[1])
    assert "Chloé" not in html
    assert "Porteuse 1" in html
    assert "Porteuse 2" not in html
    assert "ce dossier ne se montre pas" in html


@pytest.mark.parametrize(
    "page",
    [
        *(f"{CALL}/applications", f"{CALL}/applications?q=Projet+fictif+2"),
        *(f"{CALL}/applications?q=Porteuse+2", f"{CALL}/applications?format=csv"),
        *(f"{CALL}/ranking", f"{CALL}/ranking?format=csv", f"{CALL}/pack", f"{CALL}/minutes"),
        "/candidatures/api/applications?call=premices-2020",
    ],
)
def test_a_conflict_keeps_its_title_and_its_bearer_from_a_member_everywhere(
    browser: TestClient, four: list[UUID], as_: As, page: str
) -> None:
    place = f"/candidatures/api/applications/{four[1]}/conflict"
    browser.put(place, json={"declared": True}, headers=as_("basile"))
    said = browser.get(page, headers=as_("basile"))
    assert said.status_code == 200
    answered = re.sub(r'(?<=value=)"[^"]*"', "", said.text)
    assert "Projet fictif 2" not in answered
    assert "Porteuse 2" not in answered
    assert "Projet fictif 1" in answered or "q=" in page or "minutes" in page
    own = text_of(browser.get(f"/candidatures/applications/{four[1]}", headers=as_("basile")))
    assert "Projet fictif 2" not in own
    assert "Lever ce conflit" in own


def test_one_file_alone_is_compared_with_nothing_and_more_than_three_do_not_fit(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    assert "Cochez deux dossiers" in compare(browser, as_("alix"), four[0])
    assert "Cochez deux dossiers" in compare(browser, as_("alix"), four[0], new_id())
    all_of_them = compare(browser, as_("alix"), *four)
    assert all_of_them.count("<article aria") == 3
    assert "Au plus 3 dossiers" in all_of_them


# --- the ranking


def test_the_ranking_is_narrowed_by_what_is_not_decided_yet(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    prepare(premices, four[0], Decision.SELECTED)
    left = text_of(browser.get(f"{CALL}/ranking?prepared=none", headers=as_("alix")))
    assert "Projet fictif 1" not in left.partition("<table")[2]
    assert left.count('name="file"') == 3
    blind = text_of(browser.get(f"{CALL}/ranking?prepared=none", headers=as_("basile")))
    assert 'name="file"' not in blind, "what is hidden from her is not said to be undecided"


def test_the_ranking_leaves_as_a_spreadsheet_without_what_its_reader_must_not_see(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    for id in four:
        score(browser, id, as_("chloe"), **ALL)
    score(browser, four[1], as_("basile"), **ALL)
    prepare(premices, four[1], Decision.WAITING_LIST, rank=1)

    def rows(who: str) -> list[list[str]]:
        file = browser.get(f"{CALL}/ranking?format=csv&sort=project", headers=as_(who))
        assert file.status_code == 200
        return list(csv.reader(io.StringIO(file.text.lstrip("\ufeff")), delimiter=";"))[1:]

    assert [row[7] != "" for row in rows("alix")] == [True] * 4
    assert rows("alix")[1][-3:] == ["Sur liste d’attente", "toutes les places sont prises", "1"]
    assert [row[7] != "" for row in rows("basile")] == [False, True, False, False]
    assert not any("Porteuse" in cell for row in rows("alix") for cell in row)


def test_what_is_chosen_in_the_table_is_added_up_before_it_is_kept(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    prepare(premices, four[0], Decision.SELECTED)
    alix, place = as_("alix"), f"{CALL}/outlook"
    fields = fields_of(text_of(browser.get(f"{CALL}/ranking", headers=alix)), f"{CALL}/ranking")
    chosen = {
        f"decision-{four[0]}": "refused:not_mature",
        f"decision-{four[1]}": "selected:meets_criteria",
        f"decision-{four[2]}": "selected:meets_criteria",
        f"decision-{four[3]}": "selected:meets_criteria",
    }
    shown = text_of(browser.post(place, data=fields | chosen, headers=alix))
    assert "Retenues : 3 sur 2 places" in shown
    assert "1 de trop" in shown
    assert "de 6 à 12" in shown
    with premices.read() as db:
        assert store.committee.prepared_for(db, four[1]) is None


# --- the pack


def test_the_pack_is_in_the_order_that_the_meeting_wants(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    for nth, id in enumerate(four):
        score(browser, id, as_("basile"), **ALL | {"points-ess": str(nth)})
    prepare(premices, four[0], Decision.REFUSED)
    prepare(premices, four[1], Decision.WAITING_LIST, rank=2)
    prepare(premices, four[2], Decision.WAITING_LIST, rank=1)

    def order(asked: str) -> list[int]:
        html = text_of(browser.get(f"{CALL}/pack?sort={asked}", headers=as_("alix")))
        return [
            four.index(UUID(id))
            for id in re.findall(r'<section class="sheet" [^>]*sheet-([^"]+)', html)
        ]

    assert order("-mean") == [3, 2, 1, 0]
    assert order("number") == [0, 1, 2, 3]
    assert order("verdict") == [2, 1, 0, 3]


# --- minutes


def test_a_member_reads_the_minutes_without_what_she_must_not_see(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    for id in four[:2]:
        score(browser, id, as_("chloe"), **ALL)
    score(browser, four[0], as_("basile"), **ALL)
    prepare(premices, four[0], Decision.SELECTED)
    prepare(premices, four[1], Decision.REFUSED)
    with premices.work() as work:
        made = commands.minutes.draw_up(work, "premices-2020", Meeting(date(2020, 2, 4), ()))

    listed = text_of(browser.get(f"{CALL}/minutes", headers=as_("basile")))
    assert f"/candidatures/minutes/{made}" in listed
    assert "Établir un compte rendu" not in listed
    read = text_of(browser.get(f"/candidatures/minutes/{made}", headers=as_("basile")))
    assert "Projet fictif 1" in read
    assert "Projet fictif 2" not in read
    assert "1 décision ne se montre pas" in read
    assert browser.post(f"{CALL}/minutes", data={}, headers=as_("basile")).status_code == 403


def test_a_member_in_conflict_reads_of_it_only_what_was_applied(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    place = f"/candidatures/api/applications/{four[0]}/conflict"
    browser.put(place, json={"declared": True}, headers=as_("basile"))
    score(browser, four[0], as_("chloe"), **ALL)
    prepare(premices, four[0], Decision.SELECTED)
    with premices.work() as work:
        made = commands.minutes.draw_up(work, "premices-2020", Meeting(date(2020, 2, 4), ()))
    apply(premices, partial=True)

    def mean_read_by(who: str) -> Any:
        api = "/candidatures/api/calls/premices-2020/minutes"
        return browser.get(api, headers=as_(who)).json()["items"][0]["decided"][0]["mean"]

    assert mean_read_by("basile") is None
    assert mean_read_by("chloe") == 72.0
    page = text_of(browser.get(f"/candidatures/minutes/{made}", headers=as_("basile")))
    assert "72" not in page.partition("Projet fictif 1")[2].partition("</table>")[0]
    assert page_of(four[0]) in page
