from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from essaim.keeping.tables import sign_in_link
from essaim.people.directory import erase_person
from essaim.person import Person, Role
from essaim.running.runtime import Runtime
from essaim.web.sign_in import RateLimit, local_path
from essaim_contracts.questions import SendSignInLink
from fastapi.testclient import TestClient
from gazette.visits import hidden, sign_in
from httpx2 import Response

Somebody = Callable[..., Person]
Sent = list[SendSignInLink]


def ask_for_link(browser: TestClient, email: str | None, next: str = "") -> Response:
    page = browser.get("/gazette/sign-in", params={"next": next})
    form = {"email": email, "next": next, "csrf_token": hidden(page.text, "csrf_token")}
    return browser.post("/gazette/sign-in", data=form)


def open_link(browser: TestClient, url: str) -> Response:
    """Open the page of a link and press its button."""
    address = urlsplit(url)
    page = browser.get(f"{address.path}?{address.query}")
    form = {name: hidden(page.text, name) for name in ("csrf_token", "next")}
    return browser.post(address.path, data=form)


def test_a_page_for_known_people_sends_a_stranger_to_the_sign_in_and_back(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    turned_away = browser.get("/gazette/pin?draft=1")
    assert turned_away.status_code == 303
    assert turned_away.headers["location"] == "/gazette/sign-in?next=%2Fgazette%2Fpin%3Fdraft%3D1"

    ask_for_link(browser, somebody(Role.BEARER).email, next="/gazette/pin?draft=1")
    welcomed = open_link(browser, sent[0].url)

    assert welcomed.headers["location"] == "/gazette/pin?draft=1"
    page = browser.get("/gazette/pin?draft=1")
    assert page.status_code == 200
    assert "Connexion réussie." in page.text
    assert "Camille Roussel" in page.text
    assert "Connexion réussie." not in browser.get("/gazette/pin").text


def test_the_link_is_asked_of_the_notifications_service_and_kept_only_as_a_digest(
    browser: TestClient, runtime: Runtime, somebody: Somebody, sent: Sent
) -> None:
    person = somebody()

    ask_for_link(browser, f"  {str(person.email).upper()} ")

    [asked] = sent
    token = asked.url.removeprefix("https://premices.example/gazette/sign-in/")
    assert asked == SendSignInLink(
        person_id=person.id,
        url=f"https://premices.example/gazette/sign-in/{token}",
        language="fr",
    )
    with runtime.read() as db:
        kept = db.execute(sa.select(sign_in_link)).one()
    assert kept.person_id == person.id
    assert token not in str(kept)


def test_an_unknown_address_gets_the_same_answer_as_a_known_one(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    known, unknown = somebody().email, "personne@exemple.fr"

    answers = [ask_for_link(browser, email) for email in (known, unknown)]

    assert [answer.status_code for answer in answers] == [200, 200]
    pages = [
        answer.text.replace(str(email), "…").split('id="content"')[1]
        for answer, email in zip(answers, (known, unknown), strict=True)
    ]
    assert pages[0] == pages[1]
    assert len(sent) == 2


def test_a_link_serves_once(browser: TestClient, somebody: Somebody, sent: Sent) -> None:
    ask_for_link(browser, somebody().email)
    open_link(browser, sent[0].url)
    browser.cookies.clear()

    again = open_link(browser, sent[0].url)

    assert again.status_code == 410
    assert "a déjà servi" in again.text
    assert browser.get("/gazette/pin").status_code == 303


def test_opening_a_link_without_pressing_its_button_does_not_use_it_up(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    ask_for_link(browser, somebody().email)
    for _ in range(3):
        browser.get(urlsplit(sent[0].url).path)

    assert open_link(browser, sent[0].url).status_code == 303
    assert browser.get("/gazette/pin").status_code == 200


def test_a_link_ends_after_twenty_minutes(
    browser: TestClient, runtime: Runtime, somebody: Somebody, sent: Sent
) -> None:
    ask_for_link(browser, somebody().email)
    asked_at = datetime.now(UTC)
    with runtime.work() as work:
        ends = work.db.execute(sa.select(sign_in_link.c.expires_at)).scalar_one()
        work.db.execute(sa.update(sign_in_link).values(expires_at=asked_at))

    late = open_link(browser, sent[0].url)

    assert timedelta(minutes=19) < ends - asked_at <= timedelta(minutes=20)
    assert late.status_code == 410


def test_an_invented_link_signs_nobody_in(browser: TestClient) -> None:
    assert open_link(browser, "/gazette/sign-in/invented").status_code == 410
    assert browser.get("/gazette/pin").status_code == 303


def test_without_the_notifications_service_the_page_says_that_no_link_left(
    browser: TestClient, somebody: Somebody
) -> None:
    failed = ask_for_link(browser, somebody().email)

    assert failed.status_code == 503
    assert "le service des messages ne répond pas" in failed.text


@pytest.mark.parametrize("email", ["", "camille", "camille@", "camille@exemple", "a b@exemple.fr"])
def test_what_is_no_address_is_refused_at_its_field(browser: TestClient, email: str) -> None:
    refused = ask_for_link(browser, email)

    assert refused.status_code == 422
    assert 'aria-describedby="hint-email error-email"' in refused.text


def test_the_sixth_link_in_a_quarter_of_an_hour_is_refused(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    email = somebody().email

    answers = [ask_for_link(browser, email).status_code for _ in range(6)]

    assert answers == [200, 200, 200, 200, 200, 429]
    assert len(sent) == 5


def test_a_rate_limit_forgets_what_is_old() -> None:
    limit = RateLimit(most=2, seconds=60)

    refusals = [limit.refuses("camille", now) for now in (0, 10, 20, 65, 66)]

    assert refusals == [False, False, True, False, True]


@pytest.mark.parametrize(
    "address",
    ["https://ailleurs.example", "//ailleurs.example", "/\\ailleurs.example", "gazette", "/a\nb"],
)
def test_nobody_is_sent_to_another_site_after_signing_in(address: str) -> None:
    assert local_path(address, "/gazette/") == "/gazette/"


def test_signing_out_ends_the_sign_in(browser: TestClient, somebody: Somebody) -> None:
    sign_in(browser, somebody().id)
    token = hidden(browser.get("/gazette/pin").text, "csrf_token")

    left = browser.post("/gazette/sign-out", data={"csrf_token": token})

    assert left.headers["clear-site-data"] == '"cache"'
    assert 'essaim_sign_in=""' in left.headers["set-cookie"]


def test_a_forged_cookie_signs_nobody_in(browser: TestClient, somebody: Somebody) -> None:
    browser.cookies.set("essaim_sign_in", f'"{somebody().id}".AAAA.forged')

    assert browser.get("/gazette/pin").status_code == 303


def test_somebody_erased_from_the_directory_is_signed_out_at_once(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    person = somebody()
    sign_in(browser, person.id)
    before = browser.get("/gazette/pin").status_code
    with runtime.work() as work:
        erase_person(work.db, person.id, work.now)

    assert (before, browser.get("/gazette/pin").status_code) == (200, 303)


def test_cookies_are_kept_from_scripts_other_sites_and_plain_http(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    ask_for_link(browser, somebody().email)

    cookies = open_link(browser, sent[0].url).headers.get_list("set-cookie")

    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" in cookie
