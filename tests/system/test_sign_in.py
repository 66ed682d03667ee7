"""Signing in once opens the four services; what is ended is ended at all of them."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from essaim.ids import new_id
from essaim.people import sign_ins
from essaim.people.directory import find_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.embedded import Embedded
from essaim_demo.client import tokens_of
from waiting import PATIENCE, wait_until

SERVICES = ("candidatures", "scheduling", "notifications", "reporting")
APIS = {
    "candidatures": "/candidatures/api/people",
    "scheduling": "/scheduling/api/sessions",
    "notifications": "/notifications/api/messages",
    "reporting": "/reporting/api/editions",
}
GOING = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept-Language": "fr"}


@pytest.fixture
def camille(embedded: Embedded) -> Person:
    """An operator whom all four services know."""
    id = new_id()
    held = (RoleHeld(Role.OPERATOR, "network"),)
    person = Person(id, "Camille Roussel", f"{id.hex}@exemple.fr", roles=held)
    with embedded.runtimes["candidatures"].work() as work:
        work.share(person)

    def is_known() -> bool:
        for runtime in embedded.runtimes.values():
            with runtime.read() as db:
                if find_person(db, id) is None:
                    return False
        return True

    wait_until(is_known, lambda: "not everybody knows her")
    return person


@pytest.fixture
def new_browser(embedded: Embedded) -> Iterator[Callable[[], httpx.Client]]:
    """`new_browser()` is a browser without cookies that goes to pages, and follows redirects."""
    with ExitStack() as opened:

        def new() -> httpx.Client:
            browser = httpx.Client(
                base_url=embedded.address, headers=GOING, follow_redirects=True, timeout=PATIENCE
            )
            return opened.enter_context(browser)

        yield new


def field(page: str, name: str) -> str:
    """Of the last form, which is the page's own."""
    found: list[str] = re.findall(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[-1]


def sign_in(browser: httpx.Client, person: Person, wanted: str) -> httpx.Response:
    """By the letter that lies in the mailbox, for a page that she asked for."""
    form = browser.get(wanted)
    assert form.url.path == "/candidatures/sign-in"
    given = {name: field(form.text, name) for name in ("csrf_token", "for", "next")}
    browser.post("/candidatures/sign-in", data=given | {"email": str(person.email)})

    def letters() -> list[str]:
        page = browser.get(f"/notifications/mailbox?q={person.email}").text
        return re.findall(r'"(/notifications/mailbox/[0-9a-f-]{36})"', page)

    wait_until(letters, lambda: "no letter came")
    letter = browser.get(letters()[0])
    link = re.findall(r"/candidatures/sign-in/[\w-]{20,}", letter.text)[0]
    page = browser.get(link)
    return browser.post(link, data={"csrf_token": field(page.text, "csrf_token")})


def who_is_known(browser: httpx.Client) -> dict[str, bool]:
    """At which services this browser is somebody's."""
    return {
        service: "Camille Roussel" in browser.get(f"/{service}/accessibility").text
        for service in SERVICES
    }


ALL = dict.fromkeys(SERVICES, True)
NONE = dict.fromkeys(SERVICES, False)


@pytest.mark.parametrize("at", ["candidatures", "reporting"])
def test_one_letter_opens_all_and_signing_out_at_one_ends_what_was_copied_at_all(
    embedded: Embedded, camille: Person, new_browser: Callable[[], httpx.Client], at: str
) -> None:
    browser, copy = new_browser(), new_browser()
    landed = sign_in(browser, camille, "/scheduling/hours")
    assert landed.url.path == "/scheduling/hours"
    assert landed.status_code == 200
    assert "server" not in landed.headers
    assert who_is_known(browser) == ALL
    for cookie in browser.cookies.jar:
        copy.cookies.jar.set_cookie(cookie)
    assert who_is_known(copy) == ALL

    token = field(browser.get(f"/{at}/accessibility").text, "csrf_token")
    browser.post(f"/{at}/sign-out", data={"csrf_token": token})

    # Here and at the keeper at once; the others hear of it by the directory.
    here = {"candidatures": False, at: False}
    known = who_is_known(browser)
    assert known | here == known
    wait_until(lambda: who_is_known(browser) == NONE, lambda: str(who_is_known(browser)))
    wait_until(lambda: who_is_known(copy) == NONE, lambda: str(who_is_known(copy)))


def test_a_token_opens_one_api_until_it_is_ended_and_no_other(
    embedded: Embedded, camille: Person, new_browser: Callable[[], httpx.Client]
) -> None:
    keeper = embedded.runtimes["candidatures"]
    program, token_for = new_browser(), tokens_of(keeper)
    tokens = {service: token_for(service, camille.id) for service in SERVICES}

    def answers(service: str, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return program.get(APIS[service], headers=headers).status_code

    opened = {
        (service, name): answers(service, token) != 401
        for service in SERVICES
        for name, token in tokens.items()
    }
    assert opened == {(one, other): one == other for one in SERVICES for other in SERVICES}

    with keeper.work() as work:
        sign_ins.end_all(work.db, camille.id)

    for service, token in tokens.items():
        wait_until(
            lambda service=service, token=token: answers(service, token) == 401,  # type: ignore[misc]
            lambda: "a token that was ended still opens an API",
        )
