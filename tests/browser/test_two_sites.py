"""A person at her browser, where a partner's service has a host of its own."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from essaim.cli.tokens import make_operator
from essaim_demo.client import tokens_of
from playwright.sync_api import Browser, Page, ViewportSize, expect
from two_sites import ServicesOfTwoSites, TwoSites, two_sites
from waiting import wait_until

from tests.browser.conftest import EDITION
from tests.browser.played import ALIX, Played
from tests.browser.screen import DESKTOP, PHONE, Screen, letters_at, open_menu, visitor_in

pytestmark = pytest.mark.browser

WHO = "Alix (fictive)"
AWAY = "n’a plus été entendu depuis"
CUT_OFF = "Ce service n’est plus relié aux autres depuis"
Look = Callable[[ViewportSize], Screen]


@pytest.fixture(scope="module", autouse=True)
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoSites]:
    """Begun before the browser, whose event loop is in the way; with the people of a programme."""
    with two_sites(tmp_path_factory.mktemp("sites"), simulated=False) as sites:
        keeper = sites.hub.runtimes["candidatures"]
        with keeper.work() as work:
            operator_id = make_operator(work.db)
        with closing(ServicesOfTwoSites(sites, tokens_of(keeper))) as services:
            operator = services.voice(operator_id, "fr")
            programme = (EDITION / "programme.yaml").read_bytes()
            operator.post_yaml("/candidatures/api/programmes", programme)
        yield sites


@pytest.fixture
def look(browser: Browser, sites: TwoSites, axe: str) -> Iterator[Look]:
    """Opens a browser that nobody used before; paths are of the hub."""
    at_hub = Played(sites.hub.address, sites.hub.desk.folder / "data", {}, {})
    with ExitStack() as closed:

        def opened(size: ViewportSize) -> Screen:
            screen = Screen(browser, at_hub, axe, size)
            closed.callback(screen.close)
            return screen

        yield opened


def test_she_signs_in_once_for_both_hosts_and_out_of_both(
    look: Look, sites: TwoSites, size: ViewportSize
) -> None:
    screen, there = look(size), f"{sites.apart.address}/scheduling/"
    page = screen.page
    page.goto(there)
    expect(page).to_have_url(re.compile(f"^{sites.hub.address}/candidatures/sign-in"))
    _sign_in(page, sites)
    expect(page).to_have_url(there)
    expect(page.get_by_role("status")).to_have_text("Connexion réussie.")

    open_menu(page)

    page.get_by_role("link", name="Bilan").click()
    expect(page).to_have_url(f"{sites.hub.address}/reporting/")
    expect(visitor_in(page)).to_have_text(WHO)
    open_menu(page)
    page.get_by_role("link", name="Agenda", exact=True).click()
    expect(page).to_have_url(there)
    open_menu(page)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("status")).to_have_text("Déconnexion réussie.")
    assert screen.faults() == []
    wait_until(lambda: _is_out(page, f"{sites.hub.address}/reporting/home"))


def test_in_at_the_hub_is_in_at_the_other_site_and_out_is_out(look: Look, sites: TwoSites) -> None:
    page = look(DESKTOP).goto("/").page
    page.get_by_text("Qui tient quoi, et ce que chacun y fait").click()
    expect(page.get_by_text("Tenu par Le Bureau des temps")).to_be_visible()
    page.goto(f"{sites.hub.address}/candidatures/sign-in")
    _sign_in(page, sites)
    expect(visitor_in(page)).to_have_text(WHO)
    page.get_by_role("link", name="Agenda", exact=True).click()
    expect(page).to_have_url(f"{sites.apart.address}/scheduling/")
    expect(visitor_in(page)).to_have_text(WHO)
    page.goto(f"{sites.hub.address}/candidatures/")
    open_menu(page)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("status")).to_have_text("Déconnexion réussie.")
    wait_until(lambda: _is_out(page, f"{sites.apart.address}/scheduling/home"))


def test_each_site_says_who_is_away_and_that_nothing_is_lost(look: Look, sites: TwoSites) -> None:
    screen = look(PHONE).goto("/candidatures/sign-in")
    page = screen.page
    _sign_in(page, sites)
    expect(visitor_in(page)).to_have_text(WHO)
    wait_until(lambda: _has_heard(sites, "scheduling"))
    sites.link.cut()
    here, there = f"{sites.hub.address}/candidatures/", f"{sites.apart.address}/scheduling/"
    # Her browser reaches both sites, so she is in at the other one all the same.
    open_menu(page)
    page.get_by_role("link", name="Agenda", exact=True).click()
    expect(page).to_have_url(there)
    expect(visitor_in(page)).to_have_text(WHO)
    wait_until(lambda: _says(page, there, CUT_OFF))
    assert screen.faults() == []
    open_menu(page)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("status")).to_contain_text("Déconnexion réussie ici.")
    wait_until(lambda: _says(page, here, AWAY))
    expect(page.locator("main")).to_contain_text("« Accompagnement »")
    expect(page.locator("main")).to_contain_text("Rien n’est perdu")
    expect(visitor_in(page)).to_have_text(WHO)
    assert screen.faults() == []
    sites.link.mend()
    wait_until(lambda: not _says(page, here, AWAY))
    wait_until(lambda: _is_out(page, here))


def _has_heard(sites: TwoSites, service: str) -> bool:
    """Whether the hub heard a partner at all: who was never there is not missed."""
    presence = sites.hub.runtimes["candidatures"].presence
    return presence is not None and presence.heard_last(service) is not None


def _is_out(page: Page, address: str) -> bool:
    page.goto(address)
    return page.locator(".visitor").count() == 0


def _says(page: Page, address: str, words: str) -> bool:
    page.goto(address)
    return words in (page.locator("main").text_content() or "")


def _sign_in(page: Page, sites: TwoSites) -> None:
    """By the link of a letter, which she opens in the same browser."""
    mailbox = f"{sites.hub.address}/notifications/mailbox?template=sign-in-link"
    before = letters_at(page, mailbox)
    page.get_by_label("Adresse électronique").fill(ALIX)
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")
    wait_until(lambda: letters_at(page, mailbox) > before)
    page.goto(mailbox)
    page.locator("table.list a[href*='/mailbox/']").first.click()
    page.locator(".mail-text").get_by_role("link", name="/sign-in/").click()
    page.get_by_role("button", name="Me connecter").click()
