"""Pages say who is away and since when, and that nothing is lost."""

from datetime import UTC, datetime

import pytest
from essaim.cli.doctor import _away
from essaim.consortium.file import of_services
from essaim.running.presence import Absence
from essaim.running.runtime import Runtime
from essaim.service import installed_services
from fastapi.testclient import TestClient

from tests.web.test_health import readiness

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SINCE = datetime(2020, 5, 7, 8, 30, tzinfo=UTC)


def test_a_page_says_which_partner_is_away_since_when_and_that_nothing_is_lost(
    browser: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporting = of_services(installed_services()).find("reporting")
    monkeypatch.setattr(runtime, "absences", lambda: [Absence(reporting, SINCE)])
    page = browser.get("/gazette/").text.replace("\xa0", " ")
    assert "« Bilan » n’a plus été entendu depuis jeudi 7 mai 2020 à 10" in page
    assert "Rien n’est perdu" in page
    english = browser.get("/gazette/", headers={"Accept-Language": "en"}).text
    assert "“Report” has not been heard since Thursday 7 May 2020 at 10:30" in english
    assert "Nothing is lost" in english


def test_a_page_says_that_its_service_is_cut_off(
    browser: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "absences", lambda: [Absence(None, SINCE)])
    assert "n’est plus relié aux autres depuis jeudi 7 mai 2020" in browser.get("/gazette/").text


def test_a_page_says_nothing_of_whom_it_hears(browser: TestClient) -> None:
    page = browser.get("/gazette/").text
    assert "entendu depuis" not in page
    assert "relié aux autres" not in page


def test_an_operator_is_told_who_is_away_by_readiness_and_by_the_doctor(
    browser: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is less ready for it."""
    reporting = of_services(installed_services()).find("reporting")
    monkeypatch.setattr(runtime, "absences", lambda: [Absence(reporting, SINCE)])
    monkeypatch.setattr(runtime, "readiness", lambda: readiness(broker=True))
    ready = browser.get("/gazette/health/ready")
    assert ready.status_code == 200
    assert ready.json()["away"] == {"reporting": "2020-05-07T08:30:00+00:00"}
    (found,) = _away(ready.json())
    assert (found.what, found.ok) == ("reporting away", False)
    assert found.words == "gazette has not heard it since 2020-05-07T08:30:00+00:00"
