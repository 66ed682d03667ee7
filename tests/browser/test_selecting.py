"""A selection in the browser: scored by keyboard or without JavaScript, ranked, decided."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.played import CALL, NOUR, ODILE
from tests.browser.screen import PHONE, Open
from tests.browser.test_applying import PDF, attach, fill, title

pytestmark = pytest.mark.browser


@pytest.fixture
def number(opened: Open, request: pytest.FixtureRequest) -> str:
    """The number of an application that was just sent to the open call."""
    page = opened(PHONE).goto(f"{CALL}/apply").page
    fill(page, f"{abs(hash(request.node.name))}@example.org")
    attach(page, PDF)
    page.get_by_role("button", name="Relire ma candidature").click()
    page.get_by_role("button", name="Envoyer ma candidature").click()
    return page.locator(".receipt-number").inner_text()


def open_file(page: Page, number: str) -> None:
    page.goto(f"{CALL}/applications")
    page.get_by_role("link", name=number).click()
    page.wait_for_load_state("load")


def test_a_grid_is_filled_with_digits_and_saved_as_one_goes(
    opened: Open, size: ViewportSize, number: str
) -> None:
    screen = opened(size, who=NOUR)
    page = screen.page
    open_file(page, number)
    assert screen.faults() == []

    page.keyboard.press("4")
    expect(page.locator("#scored")).to_contain_text("Il reste 1 critère.")
    page.keyboard.press("3")
    expect(page.locator("#scored")).to_contain_text("La grille est complète.")
    assert screen.faults() == []
    page.reload()
    expect(page.get_by_role("group", name="Appartenance à l’ESS").get_by_label("4")).to_be_checked()
    expect(page.get_by_role("group", name="Maturité").get_by_label("3")).to_be_checked()
    expect(page.get_by_role("row", name="Nour (fictive)")).to_contain_text("73,33")


def test_ctrl_enter_saves_and_leads_to_what_waits_next(
    opened: Open, size: ViewportSize, number: str
) -> None:
    page = opened(size, who=NOUR).page
    open_file(page, number)
    here = page.url

    page.keyboard.press("5")
    page.keyboard.press("5")
    page.keyboard.press("Control+Enter")
    expect(page).not_to_have_url(here)
    page.goto(here)
    expect(page.get_by_role("row", name="Nour (fictive)")).to_contain_text("100")


def test_the_committee_scores_without_javascript(opened: Open, number: str) -> None:
    page = opened(PHONE, who=NOUR, java_script_enabled=False).page
    open_file(page, number)

    page.get_by_role("link", name="Aller à la grille de notes").click()
    page.get_by_role("group", name="Appartenance à l’ESS").get_by_label("2").check()
    page.get_by_role("group", name="Maturité").get_by_label("non évaluable").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Vos notes sont enregistrées.")
    expect(page.get_by_role("row", name="Nour (fictive)")).to_contain_text("40")


def test_points_given_without_the_network_are_sent_once_it_is_back(
    opened: Open, number: str
) -> None:
    screen = opened(PHONE, who=NOUR)
    page = screen.page
    open_file(page, number)

    screen.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#messages")).to_contain_text("La connexion est perdue")
    screen.context.set_offline(False)
    expect(page.locator("#scored")).to_contain_text("Il reste 1 critère.")
    expect(page.locator("#messages")).not_to_contain_text("La connexion est perdue")


def test_a_decision_is_prepared_in_the_ranking_and_read_again_before_anybody_hears_of_it(
    opened: Open, size: ViewportSize, number: str
) -> None:
    screen = opened(size, who=ODILE)
    page = screen.goto(f"{CALL}/ranking").page
    assert screen.faults() == []

    page.get_by_label(f"Décision sur {number}").select_option("Refusée – projet pas assez mûr")
    page.get_by_role("button", name="Préparer ces décisions").click()
    expect(page.get_by_role("status")).to_contain_text("Personne n’en est encore averti.")
    expect(page.get_by_label(f"Décision sur {number}")).to_have_value("refused:not_mature")

    page.get_by_role("link", name="Relire les décisions et leurs courriels").click()
    title(page).to_have_text("Décisions préparées")
    expect(page.get_by_role("listitem").filter(has_text=number)).to_contain_text("pas assez mûr")
    expect(page.get_by_text("les décisions s’appliquent après")).to_be_visible()
    assert screen.faults() == []
    page.get_by_role("link", name=re.compile("^Lire ce courriel : refusée", re.I)).click()
    title(page).to_have_text(re.compile("refusée$"))
