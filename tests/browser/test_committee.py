"""The committee's work in a browser: each role as itself, by clicks, by keys, on paper."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.played import ALIX, CALL, NOUR, ODILE, Played
from tests.browser.screen import DESKTOP, PHONE, Open, Screen
from tests.browser.test_applying import title
from tests.browser.test_keyboard import tab_to
from tests.browser.test_selecting import number, open_file

__all__ = ["number"]

pytestmark = pytest.mark.browser

CLOSED = "/candidatures/calls/premices-2020"
BASILE = "basile@example.org"


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        (BASILE, ("applications", "ranking", "pack", "minutes")),
        (NOUR, ("applications", "ranking")),
        (ALIX, ("ranking?sort=project", "pack?sort=verdict", "ranking?sector=catering")),
    ],
)
def test_a_reader_of_the_committee_meets_no_fault_and_nothing_of_the_coordination(
    opened: Open, size: ViewportSize, who: str, pages: tuple[str, ...]
) -> None:
    screen = opened(size, who=who)
    for page in pages:
        screen.goto(f"{CALL if who == NOUR else CLOSED}/{page}")
        assert screen.faults() == []
        steering = screen.page.get_by_role("link", name="Répartition", exact=True)
        expect(steering).to_have_count(1 if who == ALIX else 0)


def test_two_files_are_ticked_in_the_ranking_and_read_side_by_side(
    opened: Open, size: ViewportSize
) -> None:
    screen = opened(size, who=ALIX).goto(f"{CLOSED}/ranking")
    page = screen.page
    for ticked in page.get_by_role("checkbox", name=re.compile("^Comparer")).all()[:2]:
        ticked.check()
    page.get_by_role("button", name="Comparer les dossiers cochés").click()
    title(page).to_have_text("Comparer")
    expect(page.get_by_role("article")).to_have_count(2)
    first, second = (one.bounding_box() for one in page.get_by_role("article").all())
    assert first is not None
    assert second is not None
    side_by_side = first["y"] == second["y"]
    assert side_by_side == (size == DESKTOP), "one under another on a phone"
    assert screen.faults() == []


def test_what_the_selected_make_changes_as_one_chooses(opened: Open, number: str) -> None:
    page = opened(DESKTOP, who=ODILE).goto(f"{CALL}/ranking").page
    before = page.locator("#outlook").inner_text()
    page.get_by_label(f"Décision sur {number}").select_option("selected:meets_criteria")
    expect(page.locator("#outlook")).to_contain_text("Emplois envisagés")
    assert page.locator("#outlook").inner_text() != before
    page.reload()
    expect(page.get_by_label(f"Décision sur {number}")).to_have_value("")


def test_decisions_are_applied_and_taken_back_without_javascript(opened: Open) -> None:
    page = opened(PHONE, who=ALIX, java_script_enabled=False).goto(f"{CLOSED}/ranking").page
    row = page.get_by_role("row").filter(has_text="Le Bac à Graines")

    def choose(decision: str) -> None:
        row.get_by_role("combobox").select_option(decision)
        page.get_by_role("button", name="Préparer ces décisions").click()
        expect(page.get_by_role("status")).to_contain_text("Personne n’en est encore averti.")

    choose("refused:incomplete")
    page.get_by_role("link", name="Relire les décisions et leurs courriels").click()
    expect(page.get_by_text("1 courriel partira.")).to_be_visible()
    page.get_by_role("button", name="Appliquer 1 décision").click()
    expect(page.get_by_role("status")).to_contain_text("Personne n’est averti avant la fin")
    page.get_by_role("button", name="Annuler l’envoi et reprendre").click()
    expect(page.get_by_role("status")).to_contain_text("Personne n’en a été averti.")
    page.goto(f"{CLOSED}/ranking")
    choose("refused:not_mature")
    page.goto(f"{CLOSED}/decisions")
    expect(page.get_by_text("Aucune décision n’attend")).to_be_visible()


def test_a_file_is_scored_then_decided_by_the_keyboard_alone(opened: Open, number: str) -> None:
    page = opened(DESKTOP, who=NOUR).page
    open_file(page, number)
    for criterion in ("ess", "maturity"):
        tab_to(page, f"[name='points-{criterion}']")
        page.keyboard.press("ArrowRight")
    tab_to(page, "button[value='stay']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Vos notes sont enregistrées.")

    page = opened(DESKTOP, who=ODILE).goto(f"{CALL}/ranking").page
    field = page.get_by_label(f"Décision sur {number}")
    tab_to(page, f"[name='{field.get_attribute('name')}']")
    page.keyboard.type("Retenue")
    tab_to(page, "#ranking button[type='submit']:not([form])")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Personne n’en est encore averti.")
    expect(page.get_by_label(f"Décision sur {number}")).to_have_value("selected:meets_criteria")


# --- on paper

A4 = ViewportSize(width=718, height=1047)
"""What stands between margins of a centimetre, in pixels of 96 an inch."""
_CUT = """() => [...document.querySelectorAll("main *")].filter((one) => {
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  if (!box.width || style.position === "absolute") return false;
  if (one.closest("option, .visually-hidden")) return false;
  const hides = style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
  return box.right > innerWidth + 1 || box.left < -1 || hides;
}).map((one) => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize(
    "name", ["ranking", "meeting pack", "minutes", "applications", "session", "application"]
)
def test_nothing_is_cut_at_the_edge_of_a_printed_page(
    paper: Screen, played: Played, name: str
) -> None:
    paper.goto(played.pages[name])
    assert paper.page.evaluate(_CUT) == []
    assert paper.page.get_by_role("button").filter(visible=True).count() == 0, "nothing to press"


@pytest.fixture
def paper(opened: Open) -> Screen:
    screen = opened(A4, who=ALIX)
    screen.page.emulate_media(media="print")
    return screen
