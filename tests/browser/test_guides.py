"""The guides of docs/fr: every step is done here, and the words in bold are on its page.

`make pictures` takes their pictures again.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.played import ALIX, CALL, NOUR, ODILE
from tests.browser.screen import Open
from tests.browser.test_applying import PDF, attach, fill, title

pytestmark = pytest.mark.browser

GUIDES = Path(__file__).parents[2] / "docs" / "fr"
_SIZE = ViewportSize(width=1000, height=750)
_SECTION = re.compile(r"^## .*$", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^]]+\]\(images/([a-z-]+)\.jpg\)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")

Scene = Callable[[Page], None]


def apply(page: Page) -> None:
    page.goto(f"{CALL}/apply")
    fill(page, "zoe-guide@example.org")
    expect(page.locator("#saved")).to_contain_text("Brouillon enregistré à")
    page.evaluate("scrollTo(0, 0)")


def review(page: Page) -> None:
    apply(page)
    attach(page, PDF)
    page.get_by_role("button", name="Relire ma candidature").click()
    title(page).to_have_text("Relire ma candidature")


def send(page: Page) -> None:
    review(page)
    page.get_by_role("button", name="Envoyer ma candidature").click()
    title(page).to_have_text("Votre candidature est reçue")


def share_out(page: Page) -> None:
    page.goto(f"{CALL}/assignment")
    page.get_by_label("Lecteurs par dossier").fill("1")
    page.get_by_label("À noter avant la fin du").fill("2021-02-03")
    page.get_by_role("button", name="Répartir également").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")


def write_to_cohort(page: Page) -> None:
    page.goto("/notifications/letters/premices")
    page.get_by_label("À qui").select_option(index=1)
    page.get_by_label("Objet", exact=False).first.fill("Rencontre de printemps (fictif)")
    page.get_by_label("Lettre", exact=False).first.fill("Nous nous retrouvons le 8 avril.")
    page.get_by_role("button", name="Voir qui la recevra").click()
    page.get_by_role("button", name="Mettre dans la boîte d’envoi").click()
    page.goto("/notifications/outbox")


def open_cohort(page: Page) -> None:
    page.goto("/candidatures/cohorts")
    page.get_by_role("link", name="Promotion 2020").click()
    page.wait_for_load_state("load")


def score(page: Page) -> None:
    page.goto(f"{CALL}/scoring")
    page.keyboard.press("4")
    expect(page.locator("#scored")).to_contain_text("Enregistré")


def at(path: str) -> Scene:
    def go(page: Page) -> None:
        page.goto(path)

    return go


SCENES: dict[str, tuple[str | None, Scene]] = {
    "appel": (None, at(CALL)),
    "formulaire": (None, apply),
    "relecture": (None, review),
    "recu": (None, send),
    "coordination-a-faire": (ALIX, at("/")),
    "mise-en-place": (ODILE, at("/candidatures/setup/tremplin")),
    "repartition": (ODILE, share_out),
    "classement": (ODILE, at(f"{CALL}/ranking")),
    "boite-d-envoi": (ALIX, write_to_cohort),
    "promotion": (ALIX, open_cohort),
    "comite-a-faire": (NOUR, at("/")),
    "grille": (NOUR, score),
    "comite-classement": (NOUR, at(f"{CALL}/ranking")),
}


@pytest.fixture
def wanted(request: pytest.FixtureRequest) -> bool:
    """Whether pictures are taken."""
    return bool(request.config.getoption("--pictures"))


def test_the_words_of_the_guides_are_those_of_the_pages(opened: Open, wanted: bool) -> None:
    # In this order: an application is sent, then shared out, then scored.
    for guide in ("candidature", "coordination", "comite"):
        _, *sections = _SECTION.split((GUIDES / f"{guide}.md").read_text(encoding="utf-8"))
        for section in sections:
            _follow(opened, guide, section, wanted=wanted)


def _follow(opened: Open, guide: str, section: str, *, wanted: bool) -> None:
    (name,) = _PICTURE.findall(section)
    who, go = SCENES[name]
    page = opened(_SIZE, who=who).page
    go(page)
    page.wait_for_load_state("load")
    if wanted:
        file = GUIDES / "images" / f"{name}.jpg"
        page.screenshot(path=file, type="jpeg", quality=70, animations="disabled")
    shown = " ".join(page.locator("body").inner_text().split()).lower()
    missing = [words for words in _BOLD.findall(section) if _plain(words) not in shown]
    assert not missing, f"{guide}.md, « {name} »: the page lacks {missing}"


def test_every_picture_of_the_guides_is_in_one(wanted: bool) -> None:
    named = {
        name
        for guide in GUIDES.glob("*.md")
        for name in _PICTURE.findall(guide.read_text(encoding="utf-8"))
    }
    assert named == set(SCENES)
    assert {picture.stem for picture in (GUIDES / "images").glob("*.jpg")} == named


def _plain(words: str) -> str:
    return " ".join(words.split()).lower()
