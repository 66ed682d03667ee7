"""Pages of a long list are cut without reading it whole; they hold what reading it would."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim.web import Column, Filter, Listing, Search, list_rows, search
from fastapi import Request
from fastapi.testclient import TestClient
from gazette import store

NOTICE = store.notice
LISTING = Listing(
    columns=(
        Column("title", "Annonce", NOTICE.c.title),
        Column("tone", "Ton", NOTICE.c.tone),
        Column("places", "Places", NOTICE.c.places),
    ),
    filters=(
        Search("q", "Rechercher", (NOTICE.c.title,)),
        Filter("tone", "Ton", NOTICE.c.tone, (("calm", "Zen"), ("urgent", "Éclair"))),
    ),
    sort="title",
    size=3,
    ties=(NOTICE.c.places, NOTICE.c.title_order),
    key=NOTICE.c.id,
)
SORTS = [sign + name for name in LISTING.sortable for sign in ("", "-")]
TONES = ("calm", "urgent", "of a newer version")


@pytest.fixture(autouse=True)
def _pinned(runtime: Runtime) -> None:
    with runtime.work() as work:
        for nth in range(17):
            title = f"{'Atelier' if nth % 3 else 'Réunion'} {nth:02}"
            store.pin(work, new_id(), title, TONES[nth % 3 if nth % 2 else 0], nth % 4)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are many already, and five too many to look a word up in."""
    monkeypatch.setattr(search, "MOST_NAMED", 1)
    monkeypatch.setattr(list_rows, "MOST_NAMED", 1)
    monkeypatch.setattr(list_rows, "_LOOKED_AT", 5)


Asked = Callable[[str], Request]


@pytest.fixture
def asked(browser: TestClient) -> Asked:
    def ask(query: str) -> Request:
        scope = {
            "type": "http",
            "query_string": query.encode(),
            "headers": [],
            "path": "/",
            "app": browser.app,
        }
        return Request(scope)

    return ask


def pages_of(db: sa.Connection, asked: Asked, query: str) -> list[Any]:
    """The titles of all pages, as somebody sees them who turns them one by one."""
    titles, number = [], 1
    while True:
        page = LISTING.page(asked(f"{query}&page={number}"), db, sa.select(NOTICE.c.title))
        titles += [row.title for row in page.rows]
        if number >= page.pages:
            return titles
        number += 1


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("chosen", ["", "q=atelier", "q=0", "q=atelier+1", "q=réunion+06", "q=zzz"])
def test_the_pages_of_many_rows_hold_what_reading_them_all_would(
    runtime: Runtime, asked: Asked, chosen: str
) -> None:
    with runtime.read() as db:
        for sort, tone in product(SORTS, ("", "&tone=calm", "&tone=urgent")):
            query = f"{chosen}&sort={sort}{tone}"
            read = LISTING.rows(asked(query), db, sa.select(NOTICE.c.title))
            assert pages_of(db, asked, query) == [row.title for row in read], query


@pytest.mark.usefixtures("many")
def test_many_rows_with_a_word_are_not_counted_for_a_person(browser: TestClient) -> None:
    first = browser.get("/gazette/?q=atelier").text
    last = browser.get("/gazette/?q=atelier&page=4").text
    too_far = browser.get("/gazette/?q=atelier&page=99").text

    assert "(plus de 1)" in first
    assert "Page 1<" in first
    assert 'rel="next"' in first
    assert 'rel="next"' not in last
    assert "Page 4 sur 4" in too_far
    assert "(11)" in too_far


@pytest.mark.usefixtures("many")
def test_a_program_is_told_how_many_rows_hold_a_word(browser: TestClient) -> None:
    assert browser.get("/gazette/api/notices?q=atelier").json()["total"] == 11


def test_few_rows_are_counted_for_everybody(browser: TestClient) -> None:
    assert "(11)" in browser.get("/gazette/?q=atelier").text
