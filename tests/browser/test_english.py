"""The same pages in English, with no French left but what people of the programme wrote."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel.messages.pofile import read_po
from essaim.service import installed_services
from essaim.text.languages import CHASSIS, package_folder, po_file
from playwright.sync_api import Browser, expect

from tests.browser.played import ALIX, CALL, Played
from tests.browser.screen import DESKTOP, Open, Screen

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
FRENCH = re.compile(
    r"[«»]|\b(?:le|la|les|des|une|un|est|sont|du|pour|avec|dans|par|aux?|sur|depuis|jusqu)\b", re.I
)


_TEXTS = """() => {
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (!holder.closest("script, [lang='fr']")) texts.push(walker.currentNode.textContent);
  }
  document.querySelectorAll("[aria-label], [title]").forEach((one) =>
    texts.push(one.getAttribute("aria-label") ?? one.getAttribute("title")));
  return texts.map((text) => text.trim().replace(/\\s+/g, " ")).filter((text) => text);
}"""


@cache
def french_texts() -> set[str]:
    """What every package says in French, and says otherwise in English."""
    texts: set[str] = set()
    for package in (CHASSIS, *installed_services()):
        folder = package_folder(package)
        assert folder is not None
        with po_file(folder).open("rb") as file:
            messages = [message for message in read_po(file) if message.id != message.string]
        for message in messages:
            texts.update([message.id] if isinstance(message.id, str) else message.id)
    return texts - {""}


@cache
def written_by_people() -> list[str]:
    """What is French in every language, such as what the edition's files say; longest first."""
    files = [*(HERE.parent / "system" / "edition").rglob("*.yaml"), HERE / "open_call.yaml"]
    texts = {text for file in files for text in _strings(yaml.safe_load(file.read_text("utf-8")))}
    texts |= {"Défenseur des droits"}
    return sorted(texts, key=len, reverse=True)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings([*value, *value.values()])
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


@pytest.fixture(scope="module")
def english(browser: Browser, played: Played, axe: str) -> Iterator[Screen]:
    """The coordinator's screen, once she has chosen English."""
    screen = Screen(browser, played, axe, DESKTOP, who=ALIX).goto("/")
    screen.page.get_by_role("button", name="English").click()
    yield screen
    screen.close()


def test_the_language_is_chosen_on_any_page_and_kept(opened: Open, played: Played) -> None:
    page = opened(who=ALIX).goto(played.pages["edition"]).page
    expect(page.locator("html")).to_have_attribute("lang", "fr")

    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_text("Applications received").first).to_be_visible()
    page.goto("/scheduling/")
    expect(page.locator("html")).to_have_attribute("lang", "en")

    page.get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Séances et accompagnement")


@pytest.mark.parametrize(
    "name",
    [
        "/", "/candidatures/", "call", CALL, f"{CALL}/apply", "applications", "application",
        "/scheduling/", "/scheduling/sessions", "/scheduling/pairings", "session",
        "/notifications/templates", "/reporting/", "edition", "evidence", "time line",
        "/candidatures/privacy", "/scheduling/privacy", "/candidatures/retention", "edition clock",
        "/candidatures/retention/editions", "/candidatures/accessibility", "/candidatures/sign-in",
        "/candidatures/nowhere",
    ],
)  # fmt: skip
def test_a_page_in_english_says_nothing_in_french(
    english: Screen, played: Played, name: str
) -> None:
    page = english.goto(played.pages.get(name, name)).page
    expect(page.locator("html")).to_have_attribute("lang", "en")

    texts = [text for text in page.evaluate(_TEXTS) if text not in written_by_people()]
    assert set(texts) & french_texts() == set()
    said = re.compile("|".join(rf"\b{re.escape(words)}\b" for words in written_by_people()))
    assert [text for text in texts if FRENCH.search(said.sub("", text))] == []
