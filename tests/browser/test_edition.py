"""The edition page, its evidence and its plots; the time line of a project; a session; letters."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.played import ALIX, FOURNIL, Played
from tests.browser.screen import PHONE, Open, Screen

pytestmark = pytest.mark.browser

_IS_DRAWN = """(canvas) => canvas.getContext("2d")
  .getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0)"""
_DRAWN_NUMBERS = """(canvas) => JSON.parse(
  document.getElementById(canvas.dataset.plot).textContent).series[0][1].filter((one) => one)"""


def headline(screen: Screen, label: str) -> str:
    """The value that stands over a label."""
    figure = screen.page.locator(".figure").filter(has_text=label)
    return figure.locator(".figure-value").inner_text()


def test_every_headline_opens_the_facts_that_make_it(opened: Open, played: Played) -> None:
    screen = opened(who=ALIX).goto(played.pages["edition"])
    page = screen.page
    headlines = [
        (figure.locator(".figure-value").inner_text(), figure.get_by_role("link"))
        for figure in page.locator(".figure").all()
    ]
    addresses = [(value, str(link.get_attribute("href"))) for value, link in headlines]
    assert len(addresses) == 8

    for value, address in addresses:
        screen.goto(address)
        total = page.locator(".total").inner_text()
        assert value.endswith(total), f"{address} adds up to {total}, not {value}"
        assert page.locator("table.list tbody tr").count() > 0


def test_a_fact_unfolds_as_it_was_published(
    opened: Open, played: Played, size: ViewportSize
) -> None:
    screen = opened(size, who=ALIX).goto(played.pages["edition"])
    page = screen.page

    page.locator(".figure").filter(has_text="Candidatures reçues").get_by_role("link").click()
    expect(page.locator(".total")).to_have_text("4")
    row = page.locator("table.list tbody tr").filter(has_text=FOURNIL)
    row.get_by_text("Voir le fait").click()
    expect(row.locator("pre")).to_contain_text("PREM-2020-0001")
    assert screen.faults() == []


def test_figures_are_those_known_on_the_day_asked(
    opened: Open, played: Played, size: ViewportSize
) -> None:
    screen = opened(size, who=ALIX).goto(played.pages["edition"])
    page = screen.page
    assert headline(screen, "Candidatures reçues") == "4"

    page.get_by_label("Chiffres connus au").fill("2020-01-10")
    page.get_by_role("button", name="Afficher").click()
    expect(page.get_by_text("Chiffres connus à la fin du 10 janvier 2020")).to_be_visible()
    assert headline(screen, "Candidatures reçues") == "1"
    assert headline(screen, "Séances tenues") == "0"
    assert screen.faults() == []

    page.get_by_role("link", name="Revenir à ce jour").click()
    expect(page.get_by_text("Chiffres connus à ce jour")).to_be_visible()
    assert headline(screen, "Candidatures reçues") == "4"


def test_every_plot_is_drawn_and_stands_over_the_table_of_its_numbers(
    opened: Open, played: Played
) -> None:
    page = opened(PHONE, who=ALIX).goto(played.pages["edition"]).page
    plots = page.locator(".plot").filter(has=page.locator("canvas"))
    assert plots.count() > 4

    for plot in plots.all():
        canvas = plot.get_by_role("img")
        name = plot.get_by_role("heading").inner_text()
        expect(canvas).to_have_accessible_name(re.compile(rf"^Graphique\s: {re.escape(name)}\."))
        assert canvas.evaluate(_IS_DRAWN), f"« {name} » is blank"
        in_table = [
            float(re.sub(r"[^\d,]", "", text).replace(",", "."))
            for text in plot.locator("td.number a").evaluate_all(
                "(all) => all.map((one) => one.firstChild.textContent)"
            )
        ]
        assert canvas.evaluate(_DRAWN_NUMBERS) == in_table, name


def test_the_edition_leaves_as_a_workbook(opened: Open, played: Played, tmp_path: Path) -> None:
    page = opened(who=ALIX).goto(played.pages["edition"]).page

    with page.expect_download() as download:
        page.get_by_role("link", name="Classeur (XLSX)").click()

    assert download.value.suggested_filename.endswith(".xlsx")
    download.value.save_as(tmp_path / "edition.xlsx")
    assert (tmp_path / "edition.xlsx").read_bytes().startswith(b"PK")


def test_a_project_is_followed_across_the_partners_in_the_order_things_happened(
    opened: Open, played: Played, size: ViewportSize
) -> None:
    screen = opened(size, who=ALIX).goto(played.pages["edition"])
    page = screen.page

    page.locator("table.list").get_by_role("link", name=FOURNIL).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(FOURNIL)
    rows = page.get_by_role("region", name="Faits sur ce projet").locator("tbody tr")
    said_by = {row.locator("td").nth(1).inner_text() for row in rows.all()}
    assert said_by == {"Candidatures", "Accompagnement", "Messages"}
    ranks = [int(row.locator("td").last.inner_text()) for row in rows.all()]
    assert ranks == sorted(ranks)
    expect(rows.first).to_contain_text("3 décembre 2019")
    expect(rows.last).to_contain_text("19 janvier 2021")

    page.get_by_label("Dit par").select_option("Accompagnement")
    page.get_by_role("button", name="Filtrer").click()
    expect(rows.filter(has_text="Parrainage avec Tsarap")).to_have_count(1)
    expect(rows.filter(has_text="Candidature PREM-2020-0001")).to_have_count(0)
    assert screen.faults() == []


def test_a_session_shows_who_came(opened: Open, played: Played) -> None:
    page = opened(PHONE, who=ALIX).goto(played.pages["session"]).page

    sheet = page.get_by_role("region", name="Feuille d’émargement").get_by_role("row")
    expect(sheet.filter(has_text="Dora (fictive)").filter(has_text="Présent")).to_have_count(2)
    expect(sheet.filter(has_text="Elias (fictif)").filter(has_text="Excusé")).to_have_count(2)


def test_a_convocation_in_the_mailbox_brings_its_invitation(
    opened: Open, played: Played, tmp_path: Path
) -> None:
    page = opened(PHONE).goto("/notifications/mailbox?q=Dora").page
    page.get_by_label("Modèle").select_option("Convocation")
    page.get_by_role("button", name="Filtrer").click()
    page.get_by_role("link", name="Un projet inspirant").click()
    expect(page.locator(".mail-text")).to_contain_text("Bonjour Dora (fictive)")
    framed = page.frame_locator("iframe.mail-html")
    expect(framed.get_by_text("Bonjour Dora (fictive)")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger l’invitation d’agenda").click()

    assert download.value.suggested_filename == "invitation.ics"
    download.value.save_as(tmp_path / "invitation.ics")
    invitation = (tmp_path / "invitation.ics").read_text(encoding="utf-8")
    assert invitation.startswith("BEGIN:VCALENDAR")
    assert "DTSTART;TZID=Europe/Paris:20201008T090000" in invitation


def test_the_queue_counts_the_messages_and_leads_to_each(opened: Open) -> None:
    screen = opened(PHONE, who=ALIX).goto("/notifications/")
    page = screen.page
    assert headline(screen, "échoués") == "0"
    assert int(headline(screen, "envoyés")) > 50

    page.get_by_label("Modèle").select_option("Trophée")
    page.get_by_role("button", name="Filtrer").click()
    page.locator("table.list").get_by_role("link", name=FOURNIL).click()
    expect(page.locator(".mail-text")).to_contain_text("Trophée du public")
