"""An application, from the call to its receipt: by mouse, by keyboard, and without JavaScript."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from waiting import wait_until

from tests.browser.played import CALL
from tests.browser.screen import DESKTOP, PHONE, Open

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
    expect(page.locator("#saved")).to_contain_text(f"Un lien pour le reprendre part à {email}")

    elsewhere = opened(size)
    open_letter(elsewhere.page, email, "brouillon")
    elsewhere.page.locator(".mail-text").get_by_role("link", name="/resume/").click()
    title(elsewhere.page).to_have_text("Ouvrir ce brouillon ?")
    assert elsewhere.faults() == []
    elsewhere.page.get_by_role("button", name="Ouvrir ce brouillon").click()
    expect(elsewhere.page.get_by_label("Nom du projet")).to_have_value("La Halle aux Grains")
    assert elsewhere.faults() == []

    page.get_by_label("Nom du projet").fill("Écrit ici encore")
    expect(page.locator("#saved")).to_contain_text("ouvert par le lien envoyé")
    expect(page.get_by_label("Nom du projet")).to_have_value("Écrit ici encore")
    screen, elsewhere = elsewhere, opened(size)
    page = screen.page

    attach(page, PDF)
    expect(page.locator("#documents-done")).to_be_focused()
    expect(page.locator("#documents-done")).to_have_text("Document ajouté.")
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
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("button", name="English").click()
    title(page).to_have_text("My application")
    expect(page.get_by_label("Name of the project")).to_have_value("La Halle aux Grains")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("button", name="Français").click()
    page.get_by_label(re.compile("^Résumé du projet")).set_input_files(PDF)
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


@pytest.mark.parametrize("leaving", ["a link", "another language", "back"])
def test_what_was_typed_just_before_leaving_is_kept(opened: Open, leaving: str) -> None:
    page = opened(DESKTOP).goto(CALL).page
    page.get_by_role("button", name="Déposer une candidature").click()
    page.get_by_label("Nom du projet").fill("La Halle")
    expect(page.locator("#saved")).to_contain_text("Brouillon enregistré à")
    page.get_by_label("Votre projet en quelques lignes").fill("Tapé en partant.")

    if leaving == "a link":
        page.get_by_role("link", name="Appels").first.click()
        page.wait_for_url(re.compile("/candidatures/$"))
    elif leaving == "another language":
        page.get_by_role("button", name="English").click()
        title(page).to_have_text("My application")
    else:
        page.go_back()
        page.wait_for_url(f"**{CALL}")

    def is_kept() -> bool:
        page.goto(f"{CALL}/apply")
        return page.locator("#field-answer-idea").input_value() == "Tapé en partant."

    wait_until(is_kept, lambda: "what was typed is lost")


def test_words_stay_and_are_saved_where_the_cookies_died(opened: Open) -> None:
    screen = opened(DESKTOP).goto(f"{CALL}/apply")
    page = screen.page
    page.get_by_label("Nom du projet").fill("La Halle")
    expect(page.locator("#saved")).to_contain_text("Brouillon enregistré à")

    screen.context.clear_cookies()
    page.get_by_label("Nom du projet").fill("Après le ménage")
    page.get_by_role("button", name="Enregistrer le brouillon").last.click()

    expect(page.locator("#messages")).to_contain_text("Brouillon enregistré.")
    expect(page.get_by_label("Nom du projet")).to_have_value("Après le ménage")


def test_a_mended_field_loses_its_mark_and_a_wrong_one_is_told_gently(opened: Open) -> None:
    screen = opened(PHONE).goto(f"{CALL}/apply")
    page = screen.page
    page.get_by_role("button", name="Relire ma candidature").click()
    name = page.get_by_label("Nom du projet")
    expect(name).to_have_attribute("aria-invalid", "true")
    several = page.locator("#errors li")
    before = several.count()

    name.fill("La Halle")
    page.get_by_label("Emplois envisagés, au moins").fill("quatre")
    page.get_by_label("Votre nom").focus()

    expect(name).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#error-project_title")).to_have_count(0)
    expect(several).to_have_count(before - 1)
    expect(page.locator("#note-jobs_min")).to_contain_text("« quatre » n’est pas un nombre")
    assert screen.faults() == []


def test_characters_are_counted_while_she_types_and_nothing_is_cut(opened: Open) -> None:
    screen = opened(PHONE).goto(f"{CALL}/apply")
    idea = screen.page.get_by_label("Votre projet en quelques lignes")
    count = screen.page.locator("#count-answer-idea")
    most = int(idea.get_attribute("data-most") or 0)

    idea.fill("é" * (most - 1))
    expect(count).to_contain_text("caractères sur")
    idea.fill("é" * (most + 3))

    expect(count).to_contain_text(": 3 de trop")
    assert len(idea.input_value()) == most + 3
    assert screen.faults() == []


def test_the_name_of_an_organisation_is_asked_of_who_applies_for_one(opened: Open) -> None:
    page = opened(PHONE).goto(f"{CALL}/apply").page
    organisation = page.get_by_label("Nom de la structure")

    expect(organisation).to_be_hidden()
    page.get_by_label("au nom d’une structure").check()
    expect(organisation).to_be_visible()
    organisation.fill("La Halle SCIC")
    page.get_by_label("à titre individuel").check()
    expect(organisation).to_be_visible()


def test_too_large_a_file_is_told_before_it_is_sent(opened: Open) -> None:
    page = opened(PHONE).goto(f"{CALL}/apply").page
    large: Any = {**PDF, "buffer": PDF["buffer"] + bytes(31_000_000)}

    page.get_by_label(re.compile("^Résumé du projet")).set_input_files(large)

    expect(page.locator("#note-document-summary")).to_contain_text("pèse 31")


def test_space_presses_what_looks_like_a_button(opened: Open) -> None:
    page = opened(DESKTOP).goto(CALL).page

    page.get_by_role("button", name="Déposer une candidature").focus()
    page.keyboard.press("Space")

    title(page).to_have_text("Ma candidature")
