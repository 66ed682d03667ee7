"""An edition with more projects than a page shows: cut, sorted and filtered by its address."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import signing
from essaim.ids import new_id
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.settings import Settings
from essaim.web.app import build_app
from fastapi.testclient import TestClient
from reporting.indicators.catalogue import INDICATORS
from reporting.main import projection
from reporting.main import service as reporting

from tests.reporting.series import EDITION, PROGRAMME, Series, a_project

PROJECTS = 60


def _many_projects() -> Series:
    series = Series()
    series.open_call()
    for number in range(PROJECTS):
        series.receive(f"{number:02}")
    series.form_cohort(
        *(
            a_project(f"{number:02}", sector="food" if number % 4 else "care", department="38")
            for number in range(PROJECTS)
        )
    )
    series.progress("07", "halted")
    return series


@pytest.fixture
def browser(new_database: Callable[[], str], tmp_path: Path) -> Iterator[TestClient]:
    """Who coordinates, reading an edition of many projects."""
    settings = Settings(
        data=tmp_path, database_url=new_database(), clock="simulated", **signing.SETTINGS
    )
    runtime = Runtime(reporting, settings)
    runtime.migrate()
    held = (RoleHeld(Role.COORDINATOR, PROGRAMME),)
    person = Person(new_id(), "Camille Roussel", email="camille@exemple.fr", roles=held)
    with runtime.database.write() as db:
        projection.write(db, _many_projects().heard)
        save_person(db, person, share=False)
    browser = TestClient(build_app([runtime]), base_url=settings.public_url)
    browser.headers.update(signing.bearer("reporting", person.id))
    browser.headers["Accept-Language"] = "fr"
    with closing(runtime.database):
        yield browser


def _projects(browser: TestClient, query: str = "") -> list[str]:
    page = browser.get(f"/reporting/editions/{EDITION}{query}").text
    table = page.split('id="projets"')[1].split("</table>")[0]
    return re.findall(r"/projects/[^>]*>(?:<span[^>]*>)?Projet (\d+)", table)


def test_the_projects_of_an_edition_come_fifty_at_a_time(browser: TestClient) -> None:
    first, second = _projects(browser), _projects(browser, "?page=2")

    assert first == [f"{number:02}" for number in range(50)]
    assert second == [f"{number:02}" for number in range(50, PROJECTS)]


def test_they_are_sorted_filtered_and_found_by_the_address(browser: TestClient) -> None:
    assert _projects(browser, "?sort=-project")[0] == "59"
    assert len(_projects(browser, "?sector=care")) == PROJECTS / 4
    assert _projects(browser, "?status=halted") == ["07"]
    assert _projects(browser, "?q=projet+31") == ["31"]


def test_links_of_the_list_lead_back_to_it_and_keep_the_day_asked_for(browser: TestClient) -> None:
    page = browser.get(f"/reporting/editions/{EDITION}?as_of=2020-06-30").text

    assert 'href="?as_of=2020-06-30&amp;sort=-project#projets"' in page
    assert 'href="?as_of=2020-06-30&amp;page=2#projets"' in page


def test_a_fact_behind_many_rows_is_shown_whole_once(browser: TestClient) -> None:
    page = browser.get(f"/reporting/editions/{EDITION}/evidence/cohort.projects").text

    assert page.count("<pre") == 1
    assert page.count("Même fait que plus haut") == 49


@pytest.mark.parametrize(
    "asked",
    ["q=projet+31&sort=part", "q=0a1b2c3d&sort=-project", "q=2020&sort=amount", "page=2&sort=at"],
)
def test_any_evidence_may_be_searched_and_sorted_on_either_database(
    browser: TestClient, asked: str
) -> None:
    pages = f"/reporting/editions/{EDITION}/evidence"
    answers = {code: browser.get(f"{pages}/{code}?{asked}").status_code for code in INDICATORS}

    assert set(answers.values()) == {200}, answers


def test_who_sees_all_finds_a_fact_by_a_part_of_a_number(browser: TestClient) -> None:
    pages = f"/reporting/editions/{EDITION}/evidence"

    assert "Projet 31" in browser.get(f"{pages}/applications.received?q=em-31").text
