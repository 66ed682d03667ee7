"""Everything by the keyboard alone, and always with a focus to be seen."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.played import ALIX, CALL, Played
from tests.browser.screen import PHONE, Open

pytestmark = pytest.mark.browser

_HAS_FOCUS = "(selector) => document.activeElement.matches(selector)"
_OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  const box = document.activeElement.getBoundingClientRect();
  return {
    is_body: document.activeElement === document.body,
    tag: document.activeElement.outerHTML.slice(0, 120),
    visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
      && box.width > 0 && box.top < innerHeight && box.bottom > 0,
  };
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus."""
    for _ in range(120):
        if page.evaluate(_HAS_FOCUS, selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def test_the_first_tab_offers_to_skip_to_the_content(opened: Open) -> None:
    page = opened(PHONE, who=ALIX).goto("/reporting/").page
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).not_to_be_in_viewport()

    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link").first).to_be_focused()


@pytest.mark.parametrize("name", ["edition", f"{CALL}/apply", "/notifications/"])
def test_the_focus_is_seen_wherever_tab_leads(opened: Open, played: Played, name: str) -> None:
    page = opened(PHONE, who=ALIX).goto(played.pages.get(name, name)).page

    tab_to(page, "a")
    for _ in range(40):
        focused = page.evaluate(_OUTLINE)
        if focused["is_body"]:
            break
        assert focused["visible"], focused["tag"]
        page.keyboard.press("Tab")


_SUMMARY: Any = {
    "name": "r.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7\n%%EOF\n",
}


def test_an_application_is_written_and_sent_by_the_keyboard_alone(opened: Open) -> None:
    page = opened().goto(CALL).page
    keys = page.keyboard
    # From the start: a chooser that opens before anybody listens is nobody's.
    page.on("filechooser", lambda chooser: chooser.set_files(_SUMMARY))
    tab_to(page, "form[action$='/apply'] button")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ma candidature")
    for field, words in {
        "project_title": "La Halle aux Grains",
        "sector": "Rest",
        "department": "38",
        "bearer_name": "Xan (fictif)",
        "bearer_email": "xan@example.org",
        "applicant_kind": " ",
        "answer-idea": "Un marché couvert.",
        "answer-team": " ",
    }.items():
        tab_to(page, f"[name='{field}']")
        keys.type(words)
    tab_to(page, "[name='document-summary']")
    keys.press("Space")
    expect(page.locator("[name='document-summary']")).to_have_value(re.compile("r.pdf"))
    tab_to(page, "button[value='upload:summary']")
    keys.press("Enter")
    expect(page.locator("#documents-done")).to_have_text("Document ajouté.")
    expect(page.locator("#documents-done")).to_be_focused()
    tab_to(page, "button[value='review']")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Relire ma candidature")
    tab_to(page, "main button")
    keys.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Votre candidature est reçue")
