"""What a visitor sees, on a phone or a desktop, and what is wrong with it."""

from collections.abc import Callable
from typing import Any, Self
from uuid import UUID

from essaim.web import cookies
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize
from waiting import PATIENCE

from tests.browser.played import Played, sign_in_cookie

PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=900)

_VIOLATIONS = """async () => (await axe.run()).violations.map(
  (one) => `${one.id}: ` + one.nodes.slice(0, 3).map((node) => node.html).join(" | "))"""


class Screen:
    """One page of a browser that nobody used before. `page` is Playwright's.

    `who` is the e-mail of somebody signed in. `options` are those of a Playwright context.
    """

    def __init__(
        self,
        browser: Browser,
        played: Played,
        axe: str,
        size: ViewportSize = DESKTOP,
        *,
        who: str | None = None,
        **options: Any,
    ) -> None:
        options = {"locale": "fr-FR", "viewport": size} | options
        self.context = browser.new_context(base_url=played.address, **options)
        self.context.set_default_timeout(PATIENCE * 1000)
        self._played = played
        self._axe = axe
        if who is not None:
            self._sign_in(played.people[who])
        self.page = self.context.new_page()
        self._heard: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._heard.append(f"script: {error}"))

    def _sign_in(self, person_id: UUID) -> None:
        """As the keeper's page would leave it; the other services ask the keeper."""
        url, value = self._played.address, sign_in_cookie(self._played, person_id)
        self.context.add_cookies(
            [
                {"name": cookies.SIGN_IN, "value": value, "url": f"{url}/candidatures/"},
                {"name": cookies.HINT, "value": "1", "url": url},
            ]
        )

    def _hear(self, message: ConsoleMessage) -> None:
        # A browser also reports a page that was refused; that page is what a test looks at.
        is_the_page = message.location["url"] == self.page.url
        if message.type in ("error", "warning") and not (
            is_the_page and message.text.startswith("Failed to load resource")
        ):
            self._heard.append(f"{message.type}: {message.text}")

    def goto(self, path: str) -> Self:
        self.page.goto(path, wait_until="load")
        return self

    def faults(self) -> list[str]:
        """What axe-core finds, what does not fit the width, and what the console said since asked.

        Nothing is switched off for axe-core: it comes by the debugging protocol, so that the
        page keeps its Content-Security-Policy, whose breaches the console reports.
        """
        self.page.evaluate(self._axe)
        found: list[str] = self.page.evaluate(_VIOLATIONS)
        width = self.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        if width > 0:
            found.append(f"{width} pixels do not fit the width")
        found += self._heard
        self._heard.clear()
        return found

    def close(self) -> None:
        self.context.close()


def open_menu(page: Page) -> None:
    """On a phone the menu is behind a button; elsewhere it is there already."""
    # Not « is it visible »: before the styles are there, it is on every screen.
    size = page.viewport_size
    is_phone = size is not None and size["width"] <= PHONE["width"]
    if is_phone and page.locator("details.menu[open]").count() == 0:
        page.get_by_text("Menu", exact=True).click()


def visitor_in(page: Page) -> Locator:
    """Who is signed in, as the head of a page says it: in its menu too."""
    return page.locator(".visitor").first


def letters_at(page: Page, mailbox: str) -> int:
    """How many letters a page of the mailbox lists."""
    return page.request.get(mailbox).text().count("/notifications/mailbox/")


Open = Callable[..., Screen]
"""`opened(PHONE, who=ALIX, …)`: a screen of a browser that nobody used before."""
