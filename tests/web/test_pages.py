import re
from collections.abc import Callable
from datetime import datetime

import pytest
from essaim.clock import SimulatedClock
from essaim.person import Person, Role
from essaim.running.runtime import Runtime
from essaim.settings import Settings
from essaim.web.app import build_app
from fastapi.testclient import TestClient
from gazette.visits import bearer, hidden, sign_in
from pydantic import SecretStr

Somebody = Callable[..., Person]

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(browser: TestClient) -> None:
    for path in ("/", "/gazette/", "/gazette/nothing", "/gazette/static/essaim.css"):
        headers = browser.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["strict-transport-security"] == "max-age=31536000"


def test_whoever_asks_for_the_headers_alone_is_told_what_a_reader_would_be(
    browser: TestClient,
) -> None:
    for path in ("/integrators/", "/gazette/", "/gazette/health/live", "/gazette/nothing"):
        asked, read = browser.head(path), browser.get(path)
        assert asked.status_code == read.status_code
        assert asked.headers["content-type"] == read.headers["content-type"]


def test_no_page_carries_inline_script_or_style(browser: TestClient) -> None:
    for path in ("/integrators/", "/gazette/", "/gazette/showcase", "/gazette/accessibility"):
        page = browser.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script>") == 0


def test_versioned_files_are_kept_for_long_and_pages_are_not(browser: TestClient) -> None:
    page = browser.get("/gazette/")
    found = re.search(r'href="(/static/[0-9a-f]{16}/essaim\.css)"', page.text)
    assert found is not None

    assert page.headers["cache-control"] == "private, no-cache"
    assert "immutable" in browser.get(found[1]).headers["cache-control"]


def test_the_same_files_serve_every_page_of_a_host(browser: TestClient) -> None:
    def static(path: str) -> set[str]:
        return set(re.findall(r'"(/static/[^"]+)"', browser.get(path).text))

    assert static("/integrators/") == static("/gazette/")
    assert all(browser.get(address).status_code == 200 for address in static("/"))


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("https://premices.example/gazette/", "/gazette/static/vendor/pico.min.css"),
        ("https://premices.example/gazette/pin?x=/", "/gazette/static/vendor/pico.min.css"),
        ("https://premices.example/", None),
        ("https://premices.example", None),
        ("https://evil.example/elsewhere/", None),
        ("", None),
    ],
)
def test_a_page_of_another_version_finds_its_files_at_its_own_service(
    browser: TestClient, page: str, leads_to: str | None
) -> None:
    path = "/static/0123456789abcdef/vendor/pico.min.css"

    answer = browser.get(path, headers={"Referer": page})

    assert answer.headers.get("location") == leads_to
    assert "immutable" not in answer.headers["cache-control"]


def test_files_of_another_version_are_not_given_for_those_asked_for(browser: TestClient) -> None:
    answer = browser.get("/static/0123456789abcdef/essaim.css")

    assert answer.status_code == 404
    assert "immutable" not in answer.headers["cache-control"]


def test_pages_speak_the_language_of_the_browser_until_another_is_chosen(
    browser: TestClient,
) -> None:
    english = browser.get("/gazette/", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in english.text
    assert "Notices" in english.text
    assert "Sign in" in english.text

    form = {
        "csrf_token": hidden(english.text, "csrf_token"),
        "language": "fr",
        "next": "/gazette/?q=x",
    }
    chosen = browser.post("/gazette/language", data=form)
    french = browser.get("/gazette/", headers={"Accept-Language": "en"})

    assert chosen.headers["location"] == "/gazette/?q=x"
    assert '<html lang="fr">' in french.text
    assert "Se connecter" in french.text


def test_a_plural_follows_the_language(browser: TestClient) -> None:
    french = browser.get("/gazette/").text
    english = browser.get("/gazette/", headers={"Accept-Language": "en"}).text

    # Zero is singular in French and plural in English.
    assert "<p>0 annonce</p>" in french
    assert "<p>0 notices</p>" in english


def test_the_menu_follows_the_edition_and_shows_a_visitor_what_is_for_everybody(
    browser: TestClient, somebody: Somebody
) -> None:
    page = browser.get("/gazette/").text

    assert '<a href="/candidatures/">Appel</a>' in page
    assert "Agenda" not in page
    # A service that says nothing of the edition has its own pages, as ever.
    assert '<a href="/gazette/" aria-current="page">Annonces</a>' in page
    # Once for a screen, once behind the one button of a phone.
    assert page.count(">Appel</a>") == 2
    assert "<summary>Menu</summary>" in page

    sign_in(browser, somebody(Role.COORDINATOR).id)
    whole = browser.get("/gazette/").text
    for address, part in (
        ("/candidatures/home", "À faire"),
        ("/candidatures/", "Appel"),
        ("/candidatures/selection", "Sélection"),
        ("/candidatures/cohorts", "Promotion"),
        ("/scheduling/", "Agenda"),
        ("/notifications/outbox", "Messages"),
        ("/reporting/", "Bilan"),
    ):
        assert f'<a href="{address}">{part}</a>' in whole


def test_the_openapi_document_lists_the_api_and_no_page(browser: TestClient) -> None:
    document = browser.get("/gazette/api/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/notices",
        "/api/notices/poster",
        "/api/notices/{title}/count",
        "/api/unreachable",
    }
    assert document["paths"]["/api/notices"]["post"]["security"] == [{"HTTPBearer": []}]


def test_times_typed_into_a_form_are_times_in_paris(browser: TestClient) -> None:
    token = hidden(browser.get("/gazette/").text, "csrf_token")
    form = {"title": "Lancement", "at": "2020-03-12T09:30", "days": ["mon", "tue"]}

    answer = browser.post("/gazette/announce", data=form | {"csrf_token": token})

    assert answer.json() == {"at": "2020-03-12T09:30:00+01:00", "days": ["mon", "tue"]}


def test_a_time_that_clocks_in_paris_skip_is_refused_by_a_form(browser: TestClient) -> None:
    token = hidden(browser.get("/gazette/").text, "csrf_token")
    form = {"title": "Lancement", "at": "2020-03-29T02:30", "csrf_token": token}

    answer = browser.post("/gazette/announce", data=form)

    assert answer.status_code == 422
    assert "cette nuit-là les horloges de Paris passent de 2 h à 3 h" in answer.text


def test_the_operator_moves_the_simulated_clock_and_never_back(
    browser: TestClient, somebody: Somebody, clock: SimulatedClock
) -> None:
    operator = bearer(somebody(Role.OPERATOR))

    def move(now: str, headers: dict[str, str]) -> int:
        return browser.post("/gazette/clock", json={"now": now}, headers=headers).status_code

    assert move("2020-01-15T18:00:00+01:00", operator) == 200
    assert clock.now() == datetime.fromisoformat("2020-01-15T18:00:00+01:00")
    assert move("2020-01-14T18:00:00+01:00", operator) == 422
    assert move("2020-02-15T18:00:00", operator) == 422
    assert move("2020-02-15T18:00:00+01:00", bearer(somebody(Role.COORDINATOR))) == 403


def test_the_system_clock_cannot_be_set(
    runtime: Runtime, settings: Settings, somebody: Somebody
) -> None:
    runtime.settings = settings.model_copy(update={"clock": "system"})
    browser = TestClient(build_app([runtime]))

    answer = browser.post(
        "/gazette/clock",
        json={"now": "2020-01-15T18:00:00+01:00"},
        headers=bearer(somebody(Role.OPERATOR)),
    )

    assert answer.status_code == 404


def test_without_a_secret_nothing_is_served(runtime: Runtime, settings: Settings) -> None:
    runtime.settings = settings.model_copy(update={"secret": SecretStr("")})

    with pytest.raises(ValueError, match="Set ESSAIM_SECRET"):
        build_app([runtime])


def test_a_form_without_javascript_asks_on_a_page_before_an_act(browser: TestClient) -> None:
    page = browser.get("/gazette/remove").text

    assert 'id="confirmation"' in page
    assert '<form method="post" action="/gazette/remove">' in page
