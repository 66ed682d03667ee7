"""An application, from the call to its receipt: by mouse, by keyboard, and without JavaScript."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from waiting import wait_until

from tests.browser.played import CALL
from tests.browser.screen import PHONE, Open

pytestmark = pytest.mark.browser

RECEIPT = re.compile(r"^TREM-2021-\d{4}$")
PDF: Any = {
    "name": "résumé.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7\n% Invented for a test.\n%%EOF\n",
}
PICTURE: Any = {**PDF, "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}


def fill(page: Page, email: str) -> None:
    """All that the call asks but its document."""
    page.get_by_label("Nom du projet").fill("La Halle aux Grains")
    page.get_by_label("Secteur").select_option("Restauration")
    page.get_by_label("Département").select_option("38")
    page.get_by_label("Votre nom").fill("Zoé (fictive)")
    page.get_by_label("Votre adresse électronique").fill(email)
    page.get_by_label("à titre individuel").check()
    page.get_by_label("Votre projet en quelques lignes").fill("Un marché couvert.\nOuvert tard.")
    page.get_by_label("Oui").check()


def attach(page: Page, file: Any) -> None:
    page.get_by_label(re.compile("^Résumé du projet")).set_input_files(file)
    page.get_by_role("button", name="Ajouter : Résumé du projet").click()


def title(page: Page) -> Any:
    return expect(page.get_by_role("heading", level=1))


def open_letter(page: Page, email: str, subject: str) -> None:
    """Wait until this letter is in the mailbox, and open it."""
    letter = page.get_by_role("link", name=subject)

    def has_come() -> bool:
        page.goto(f"/notifications/mailbox?q={email}")
        return letter.count() > 0

    wait_until(has_come, lambda: f"no letter « {subject} » to {email}")
    letter.first.click()


def test_an_application_is_saved_left_resumed_and_sent(opened: Open, size: ViewportSize) -> None:
    screen = opened(size).goto(CALL)
    page, email = screen.page, f"zoe-{size['width']}@example.org"

    page.get_by_role("button", name="Déposer une candidature").click()
    page.get_by_label("Nom du projet").fill("La Halle")
    expect(page.locator("#saved")).to_contain_text("Brouillon enregistré à")
    expect(page.locator("#saved")).to_contain_text("1 réponse obligatoire remplie sur 9")
    assert screen.faults() == []

    screen.goto(CALL).page.get_by_role("button", name="Reprendre mon brouillon").click()
    expect(page.get_by_label("Nom du projet")).to_have_value("La Halle")
    fill(page, email)
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.locator("#messages")).to_contain_text(f"Un lien pour le reprendre part à {email}")

    elsewhere = opened(size)
    open_letter(elsewhere.page, email, "brouillon")
    elsewhere.page.locator(".mail-text").get_by_role("link", name="/resume/").click()
    expect(elsewhere.page.get_by_label("Nom du projet")).to_have_value("La Halle aux Grains")
    assert elsewhere.faults() == []

    attach(page, PDF)
    expect(page.locator("#messages")).to_contain_text("Document ajouté.")
    expect(page.get_by_role("link", name="résumé.pdf")).to_be_visible()
    assert screen.faults() == []

    page.get_by_role("button", name="Relire ma candidature").click()
    title(page).to_have_text("Relire ma candidature")
    for words in ("La Halle aux Grains", "Restauration", "Isère", "Un marché couvert.", email):
        expect(page.locator("main")).to_contain_text(words)
    assert screen.faults() == []

    page.get_by_role("button", name="Envoyer ma candidature").click()
    title(page).to_have_text("Votre candidature est reçue")
    expect(page.locator(".receipt-number")).to_have_text(RECEIPT)
    number = page.locator(".receipt-number").inner_text()
    assert screen.faults() == []

    open_letter(elsewhere.page, email, number)
    expect(elsewhere.page.locator(".mail-text")).to_contain_text("La Halle aux Grains")


def test_what_is_missing_or_wrong_is_said_at_its_field(opened: Open, size: ViewportSize) -> None:
    screen = opened(size).goto(f"{CALL}/apply")
    page = screen.page

    page.get_by_label("Votre adresse électronique").fill("zoe chez example")
    page.get_by_label("Emplois envisagés, au moins").fill("4")
    page.get_by_label("Emplois envisagés, au plus").fill("2")
    page.get_by_role("button", name="Relire ma candidature").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("« zoe chez example » n’est pas une adresse")
    expect(page.get_by_label("Votre adresse électronique")).to_have_value("zoe chez example")
    for label, words in {
        "Nom du projet": "il est obligatoire",
        "Votre adresse électronique": "n’est pas une adresse",
        "Emplois envisagés, au plus": "est plus petit que le plus bas",
    }.items():
        summary.get_by_role("link", name=f"{label} :").click()
        expect(page.get_by_label(label)).to_be_focused()
        expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label(label)).to_have_accessible_description(re.compile(words))
    assert screen.faults() == []


def test_a_picture_that_says_it_is_a_pdf_is_refused_at_its_field(opened: Open) -> None:
    screen = opened(PHONE).goto(f"{CALL}/apply")
    page = screen.page

    page.get_by_label("Nom du projet").fill("La Halle")
    attach(page, PICTURE)

    expect(page.locator("#error-document-summary")).to_contain_text("contient autre chose")
    expect(page.get_by_label("Nom du projet")).to_have_value("La Halle")
    assert screen.faults() == []


def test_an_application_is_sent_without_javascript(opened: Open) -> None:
    page = opened(PHONE, java_script_enabled=False).goto(CALL).page

    page.get_by_role("button", name="Déposer une candidature").click()
    fill(page, "sans-script@example.org")
    attach(page, PDF)
    expect(page.locator("#messages")).to_contain_text("Document ajouté.")
    expect(page.get_by_label("Nom du projet")).to_have_value("La Halle aux Grains")
    page.get_by_role("button", name="Relire ma candidature").click()
    title(page).to_have_text("Relire ma candidature")
    page.get_by_role("button", name="Envoyer ma candidature").click()

    title(page).to_have_text("Votre candidature est reçue")
    expect(page.locator(".receipt-number")).to_have_text(RECEIPT)


def test_withdrawing_is_asked_twice_and_escape_changes_nothing(
    opened: Open, size: ViewportSize
) -> None:
    screen = opened(size).goto(f"{CALL}/apply")
    page = screen.page
    fill(page, f"yves-{size['width']}@example.org")
    attach(page, PDF)
    page.get_by_role("button", name="Relire ma candidature").click()
    page.get_by_role("button", name="Envoyer ma candidature").click()

    page.get_by_role("button", name="Retirer ma candidature").click()
    expect(page.get_by_role("dialog")).to_contain_text("Retirer la candidature TREM-2021-")
    expect(page.get_by_role("link", name="Ne rien changer")).to_be_focused()
    assert screen.faults() == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Retirer ma candidature")).to_be_focused()

    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Retirer ma candidature").click()
    title(page).to_have_text("Candidature retirée")
    assert screen.faults() == []
