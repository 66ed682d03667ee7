"""Signing in by the link of a letter, and what others see of the pages meanwhile."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect
from waiting import wait_until

from tests.browser.played import ALIX
from tests.browser.screen import Open, Screen, letters_at, open_menu, visitor_in

pytestmark = pytest.mark.browser

HOMES = {
    "/candidatures/": "organisations partenaires",
    "/scheduling/": "Prochaines séances",
    "/notifications/": "Tous les messages",
    "/reporting/": "Projets accompagnés",
}
"""What the home page of a service says to the coordination alone."""


def test_a_coordinator_signs_in_by_the_link_of_her_letter_and_out_again(
    opened: Open, size: ViewportSize
) -> None:
    screen = opened(size).goto("/reporting/")
    page = screen.page

    mailbox = "/notifications/mailbox?template=sign-in-link"
    before = letters_at(page, mailbox)
    page.get_by_label("Adresse électronique").fill(ALIX)
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")
    assert screen.faults() == []

    wait_until(lambda: letters_at(page, mailbox) > before)
    page.goto(mailbox)
    page.locator("table.list a[href*='/mailbox/']").first.click()
    expect(page.get_by_text(f"Alix (fictive) <{ALIX}>")).to_be_visible()
    link = page.locator(".mail-text").get_by_role("link", name="/sign-in/")
    address = str(link.get_attribute("href"))
    link.click()
    expect(page.get_by_role("button", name="Me connecter")).to_be_visible()
    assert screen.faults() == []

    page.get_by_role("button", name="Me connecter").click()
    expect(page.get_by_role("status")).to_have_text("Connexion réussie.")
    expect(visitor_in(page)).to_have_text("Alix (fictive)")
    expect(page).to_have_url(re.compile("/reporting/$"))
    assert screen.faults() == []

    open_menu(page)
    page.get_by_role("link", name="Alix (fictive)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes connexions")
    expect(page.get_by_text("Vous êtes ici")).to_have_count(1)
    assert screen.faults() == []

    open_menu(page)
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_load_state("load")
    open_menu(page)
    expect(page.get_by_role("banner").get_by_role("link", name="Se connecter")).to_be_visible()
    _link_serves_once(screen, address)


def _link_serves_once(screen: Screen, address: str) -> None:
    screen.goto(address)
    screen.page.get_by_role("button", name="Me connecter").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("Ce lien a déjà servi")
    assert screen.faults() == []


def test_an_address_that_is_none_is_refused_at_its_field(opened: Open, size: ViewportSize) -> None:
    screen = opened(size).goto("/candidatures/sign-in")

    screen.page.get_by_label("Adresse électronique").fill("alix")
    screen.page.get_by_role("button", name="Recevoir le lien").click()

    field = screen.page.get_by_label("Adresse électronique")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("Donnez une adresse électronique"))
    assert screen.faults() == []


def test_the_coordination_sees_on_each_home_what_strangers_do_not(opened: Open) -> None:
    coordinator, stranger = opened(who=ALIX), opened()

    for path, words in HOMES.items():
        expect(coordinator.goto(path).page.locator("main")).to_contain_text(words)
        expect(stranger.goto(path).page.locator("main")).not_to_contain_text(words)
