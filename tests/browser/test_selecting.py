"""A selection in the browser: scored by keyboard or without JavaScript, ranked, decided."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.played import CALL, NOUR, ODILE
from tests.browser.screen import DESKTOP, PHONE, Open
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


KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('essaim:kept:')).length"


def test_points_given_without_the_network_stay_on_the_device_and_leave_once_it_is_back(
    opened: Open, number: str
) -> None:
    screen = opened(PHONE, who=NOUR)
    page = screen.page
    open_file(page, number)
    here = page.url

    screen.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#messages")).to_contain_text("La connexion est perdue")
    expect(page.locator("#messages")).to_contain_text("gardé sur cet appareil")
    page.close()
    screen.context.set_offline(False)
    again = screen.context.new_page()
    again.goto(f"{CALL}/applications")
    expect(again.locator("#messages")).to_contain_text("envoyées maintenant : 1")
    assert again.evaluate(KEPT) == 0
    again.goto(here)
    expect(
        again.get_by_role("group", name="Appartenance à l’ESS").get_by_label("1")
    ).to_be_checked()


def test_nothing_that_was_kept_is_left_once_she_signs_out(opened: Open, number: str) -> None:
    screen = opened(DESKTOP, who=NOUR)
    page = screen.page
    open_file(page, number)
    screen.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#messages")).to_contain_text("gardé sur cet appareil")
    assert page.evaluate(KEPT) == 1
    screen.context.set_offline(False)
    page.get_by_role("button", name="Se déconnecter").first.click()
    expect(page.get_by_role("link", name="Se connecter").first).to_be_visible()
    assert page.evaluate(KEPT) == 0


def test_an_older_window_overwrites_nothing_and_gives_the_text_back(
    opened: Open, number: str
) -> None:
    phone, desk = opened(PHONE, who=NOUR).page, opened(DESKTOP, who=NOUR).page
    open_file(phone, number)
    open_file(desk, number)
    maturity = desk.get_by_role("group", name="Maturité")
    desk.get_by_role("group", name="Appartenance à l’ESS").get_by_label("5").check()
    maturity.get_by_text("Commentaire").first.click()
    desk.get_by_label("Commentaire : Maturité").fill("Une équipe solide.")
    expect(desk.locator("#scored")).to_contain_text("Enregistré à")
    desk.wait_for_function(f"{KEPT} === 0")

    phone.get_by_role("group", name="Maturité").get_by_label("2").check()
    expect(phone.locator("#scored")).to_contain_text("La grille est complète.")
    phone.get_by_role("group", name="Appartenance à l’ESS").get_by_label("1").check()
    phone.get_by_role("group", name="Maturité").get_by_text("Commentaire").first.click()
    phone.get_by_label("Commentaire : Maturité").fill("Une équipe jeune.")
    expect(phone.locator("#scored")).to_contain_text("Vous avez donné 5 entre-temps")
    phone.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("Vous avez donné 5 entre-temps")
    expect(phone.get_by_label("Commentaire : Maturité")).to_have_value("Une équipe jeune.")
    phone.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(phone.get_by_role("status")).to_contain_text("Vos notes sont enregistrées.")
    desk.reload()
    expect(desk.get_by_label("Commentaire : Maturité")).to_have_value("Une équipe jeune.")


def test_the_keys_are_said_and_can_be_put_off(opened: Open, number: str) -> None:
    screen = opened(DESKTOP, who=NOUR)
    page = screen.page
    open_file(page, number)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Au clavier")
    expect(help_).to_contain_text("noter le critère, et passer au suivant")
    assert screen.faults() == []
    help_.get_by_label("Touches seules actives").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    expect(page.locator(".points input:checked")).to_have_count(0)
    page.get_by_role("button", name="Au clavier").click()
    help_.get_by_label("Touches seules actives").check()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.get_by_label("Commentaire : Appartenance à l’ESS")).to_be_focused()
    page.keyboard.press("Escape")
    page.goto(f"{CALL}/applications")
    page.keyboard.press("j")
    expect(page.locator("table.list tbody tr").first.get_by_role("link").first).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


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
