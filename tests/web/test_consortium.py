"""Every page shows who takes part, as the consortium file says it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from essaim.clock import SimulatedClock
from essaim.consortium.file import parse
from essaim.running.presence import Absence
from essaim.running.runtime import Runtime
from essaim.service import Service, installed_services
from essaim.settings import Settings
from fastapi.testclient import TestClient

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FILE = """\
format: essaim-consortium/1
name: Les Gestes
partners:
  - {organisation: Alma, service: candidatures}
  - {organisation: Les Gestes, service: gazette, says: [essaim.gazette.person.forgotten.v1]}
  - organisation: Gestes & Comptes
    service: billing
    title: {fr: Factures & 100 % <reçus>, en: Invoices}
    purpose: {fr: "Facture les heures d’accompagnement.", en: Invoices the hours of support.}
    pages: https://factures.example.org/
    says: []
    hears: [essaim.scheduling.hours.used.v1]
  - organisation: Aux Archives
    service: archive
    title: {fr: Archives, en: Archive}
    purpose: {fr: Garde tout., en: Keeps all.}
    says: []
    hears: everything
"""


@pytest.fixture
def runtime(service: Service, settings: Settings, clock: SimulatedClock) -> Iterator[Runtime]:
    services = {"candidatures": installed_services()["candidatures"], "gazette": service}
    consortium = parse(FILE, services)
    runtime = Runtime(service, settings, clock=clock, consortium=consortium)
    yield runtime
    runtime.database.close()


def test_the_bar_names_each_partner_that_has_pages_with_their_address(browser: TestClient) -> None:
    page = browser.get("/gazette/").text
    assert '<a href="/candidatures/">Appel</a>' in page
    assert '<a href="/gazette/" aria-current="true">' in page
    address = "https://factures.example.org/"
    assert f'<a href="{address}">Factures &amp; 100 % &lt;reçus&gt;</a>' in page
    assert "Archives" not in page
    english = browser.get("/gazette/", headers={"Accept-Language": "en"}).text
    assert f'<a href="{address}">Invoices</a>' in english
    assert "Les Gestes</a>" in page


def test_the_home_page_tells_what_each_partner_does_while_the_keeper_is_away(
    browser: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.get("/").headers["location"] == "/candidatures/home"
    away = Absence(runtime.consortium.keeping, datetime(2020, 5, 7, tzinfo=UTC))
    monkeypatch.setattr(runtime, "absences", lambda: [away])
    page = browser.get("/gazette/home").text
    assert "Facture les heures d’accompagnement." in page
    assert "Tenu par Gestes &amp; Comptes" in page
    assert "Tenu par Alma" in page
    assert "Tenu par Les Gestes" not in page
    assert "<h3>Archives</h3>" in page


def test_who_looks_for_a_partner_at_the_wrong_address_is_told_the_right_one(
    browser: TestClient,
) -> None:
    missing = browser.get("/billing/invoices")
    assert missing.status_code == 404
    assert "Ouvrez https://factures.example.org/" in missing.text
    assert "n’est pas installé à cette adresse" in browser.get("/candidatures/").text
    assert "Rien ne se trouve à cette adresse" in browser.get("/nobody/").text
