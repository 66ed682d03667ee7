import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim.web import Column, Filter, Listing, Search
from essaim.web.listing import UndescribedList
from fastapi import Request
from fastapi.testclient import TestClient
from gazette import store

PINNED = (
    ("Atelier budget", "calm", 12),
    ("Réunion 100 % ouverte", "calm", 40),
    ("Visite d'une coopérative", "urgent", 8),
    ("=1+1", "urgent", 1),
)


@pytest.fixture(autouse=True)
def _pinned(runtime: Runtime) -> None:
    with runtime.work() as work:
        for title, tone, places in PINNED:
            store.pin(work, new_id(), title, tone, places)


@pytest.fixture
def listed(browser: TestClient) -> Callable[..., Any]:
    """The titles a query asks for, and how many there are in all."""

    def ask(**parameters: str) -> tuple[list[str], int]:
        page = browser.get("/gazette/api/notices", params=parameters).json()
        return [item["title"] for item in page["items"]], page["total"]

    return ask


def test_a_list_is_cut_into_pages(listed: Callable[..., Any]) -> None:
    first, total = listed()
    second, _ = listed(page="2")

    assert (len(first), len(second), total) == (3, 1, 4)
    assert set(first + second) == {title for title, _, _ in PINNED}


def test_a_program_that_reads_on_after_the_last_page_finds_nothing_more(
    listed: Callable[..., Any],
) -> None:
    assert listed(page="2")[0] != []
    assert listed(page="3") == ([], 4)
    assert listed(page="99") == ([], 4)


def test_a_list_is_sorted_both_ways(listed: Callable[..., Any]) -> None:
    assert listed(sort="places", size="2")[0] == ["=1+1", "Visite d'une coopérative"]
    assert listed(sort="-places", size="1")[0] == ["Réunion 100 % ouverte"]


def test_a_page_reads_whole_only_the_rows_it_shows(
    runtime: Runtime, listed: Callable[..., Any]
) -> None:
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        runtime.database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, values, *_: asked.append((statement, values)),
    )

    listed(sort="places", size="2")

    whole = [values for statement, values in asked if "notice.pinned_at" in statement]
    assert [len(values) for values in whole] == [2]


def test_rows_that_the_sort_leaves_equal_are_each_on_one_page(
    runtime: Runtime, listed: Callable[..., Any]
) -> None:
    with runtime.work() as work:
        for number in range(20):
            store.pin(work, new_id(), f"Annonce {number}", "calm", places=7)

    shown = [
        title
        for page in range(1, 13)
        for title in listed(sort="places", size="2", page=str(page))[0]
    ]

    assert len(shown) == len(set(shown)) == 24


def test_a_list_is_filtered_and_searched(listed: Callable[..., Any]) -> None:
    assert listed(tone="urgent")[1] == 2
    assert listed(q="ATELIER")[0] == ["Atelier budget"]
    assert listed(q="100 %")[0] == ["Réunion 100 % ouverte"]
    assert listed(q="atelier", tone="urgent")[1] == 0


def titled(runtime: Runtime, *titles: str) -> None:
    with runtime.work() as work:
        work.db.execute(sa.delete(store.notice))
        for title in titles:
            store.pin(work, new_id(), title, "calm", 1)


@pytest.mark.parametrize(
    "query",
    ["épicerie", "EPICERIE", "epicerie", "e\u0301picerie", "bourg\u00a0épi", "du  bourg", "l’epi"],
)
def test_a_search_folds_case_accents_and_signs(
    runtime: Runtime, listed: Callable[..., Any], query: str
) -> None:
    titled(runtime, "L'Épicerie du bourg", "Atelier")

    assert listed(q=query) == (["L'Épicerie du bourg"], 1)


@pytest.mark.parametrize("query", ["%", "_", "\\", "’", "%-;", "🐝", "\u0301"])
def test_a_search_for_odd_signs_alone_finds_nothing(listed: Callable[..., Any], query: str) -> None:
    assert listed(q=query) == ([], 0)


ORDERED = [
    "a;b", "Abeilles", "Atelier 2", "Atelier 10", "École", "Éco-lieu", "épicerie", "Épicerie",
    "œuvre", "Zoo",
]  # fmt: skip


def test_a_list_is_in_french_order_on_every_database(
    runtime: Runtime, listed: Callable[..., Any]
) -> None:
    titled(runtime, *reversed(ORDERED))

    assert listed(sort="title", size="50")[0] == ORDERED
    assert listed(sort="-title", size="50")[0] == ORDERED[::-1]


def test_codes_are_in_the_order_of_their_words(runtime: Runtime, browser: TestClient) -> None:
    tone = store.notice.c.tone
    listing = Listing(
        columns=(Column("tone", "Ton", tone),),
        filters=(Filter("tone", "Ton", tone, (("calm", "Zen"), ("urgent", "Éclair"))),),
        sort="tone",
    )
    scope = {"type": "http", "query_string": b"", "headers": [], "path": "/", "app": browser.app}

    with runtime.read() as db:
        tones = [row.tone for row in listing.page(Request(scope), db, sa.select(tone)).rows]

    assert tones == ["urgent", "urgent", "calm", "calm"]


def test_a_text_that_a_database_would_order_its_own_way_is_refused() -> None:
    with pytest.raises(ValueError, match="no key to order by"):
        Listing(columns=(Column("tone", "Ton", store.notice.c.tone),))
    with pytest.raises(ValueError, match="no key to search by"):
        Search("q", "Chercher", (store.notice.c.tone,))


@pytest.mark.parametrize(
    "parameters",
    [
        {"sort": "id"},
        {"sort": "tone"},
        {"tone": "loud"},
        {"page": "-1"},
        {"size": "0"},
        {"page": "²"},
        {"page": "1" * 4400},
        {"size": "1" * 4400},
        {"page": "1.5"},
        {"sort": "-"},
        {"q": " \u00a0 "},
        {"q": "\x00"},
        {"q": "\u200b"},
        {"q": "\u3164"},
    ],
)
def test_a_page_ignores_a_parameter_that_makes_no_sense(
    browser: TestClient, parameters: dict[str, str]
) -> None:
    def shown(**asked: str) -> tuple[int, list[str]]:
        page = browser.get("/gazette/", params=asked)
        return page.status_code, re.findall("<td>(.*?)</td>", page.text)

    assert shown(**parameters) == shown()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sort", "id"),
        ("sort", "-"),
        ("tone", "loud"),
        ("page", "-1"),
        ("page", "1.5"),
        ("page", "²"),
        ("page", "1" * 4400),
        ("size", "0"),
        ("size", "501"),
        ("size", "1" * 4400),
    ],
)
def test_a_program_is_told_what_it_asks_wrongly(
    browser: TestClient, field: str, value: str
) -> None:
    refused = browser.get("/gazette/api/notices", params={field: value})

    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert [one["field"] for one in refused.json()["errors"]] == [field]


def test_the_description_of_an_api_has_all_that_its_list_can_be_asked_by(
    browser: TestClient,
) -> None:
    document = browser.get("/gazette/api/openapi.json").json()

    described = {
        one["name"]: one["schema"].get("enum")
        for one in document["paths"]["/api/notices"]["get"]["parameters"]
    }
    assert described == {
        "q": None,
        "tone": ["", "calm", "urgent"],
        "sort": ["", "title", "-title", "places", "-places", "pinned_at", "-pinned_at"],
        "page": None,
        "size": None,
    }


def test_a_filter_that_an_api_does_not_describe_is_an_error_of_its_author(
    browser: TestClient, runtime: Runtime
) -> None:
    listing = Listing(
        columns=(Column("places", "Places", store.notice.c.places),),
        filters=(Search("q", "Chercher", (store.notice.c.title,)),),
    )
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "server": ("gazette", 80),
        "query_string": b"",
        "headers": [],
        "path": "/gazette/api/others",
        "root_path": "/gazette",
        "app": browser.app,
    }

    with runtime.read() as db, pytest.raises(UndescribedList, match=r"q, sort, sort=places"):
        listing.page(Request(scope), db, store.notices())


def test_the_page_of_a_list_keeps_the_filter_when_it_sorts(browser: TestClient) -> None:
    page = browser.get("/gazette/", params={"tone": "calm", "sort": "places"}).text

    assert 'aria-sort="ascending"><a href="?tone=calm&amp;sort=-places"' in page
    assert '<option value="calm" selected>Calme</option>' in page
    assert "Tout afficher" in page


def test_a_value_the_database_cannot_hold_is_refused_rather_than_an_error(
    browser: TestClient,
) -> None:
    answer = browser.get("/gazette/api/notices/Atelier/count", params={"places": str(10**30)})

    assert (answer.status_code, answer.json()["code"]) == (422, "value_unstorable")


def test_a_filter_without_result_says_so(browser: TestClient) -> None:
    assert "Rien ne correspond à ces filtres." in browser.get("/gazette/?q=introuvable").text


def test_the_export_holds_the_whole_filtered_list_and_runs_no_formula(browser: TestClient) -> None:
    answer = browser.get("/gazette/", params={"format": "csv", "sort": "places"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="annonces.csv"'
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Annonce;Ton;Places;Affichée le"
    assert lines[1] == "'=1+1;Urgent;1;2019-11-01 09:00"
    assert len(lines) == 5
