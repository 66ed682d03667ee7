"""Signing in with OpenID Connect, at a provider that stands on a real port and may lie."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import gazette.main
import httpx2
import pytest
import sqlalchemy as sa
import structlog
from essaim.clock import SimulatedClock
from essaim.consortium.file import of_services
from essaim.consortium.partners import Provider
from essaim.ids import new_id
from essaim.keeping.tables import openid_account, openid_attempt, openid_session
from essaim.people.directory import erase_person, find_person, save_person
from essaim.person import Person
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.settings import Settings
from essaim.web.app import build_app
from fastapi.testclient import TestClient
from gazette.visits import hidden
from httpx2 import Response as Answer
from joserfc import jwk
from openid_provider import CLIENT, SECRET, standing_provider
from openid_provider import Provider as Elsewhere
from pydantic import SecretStr

HOST = "https://premices.example"
WITH = "/gazette/sign-in/with/ur"


@pytest.fixture(scope="module")
def _standing() -> Iterator[Elsewhere]:
    with standing_provider() as provider:
        yield provider


@pytest.fixture
def elsewhere(_standing: Elsewhere) -> Elsewhere:
    """The provider, honest again."""
    honest = Elsewhere(issuer=_standing.issuer, key=_standing.key)
    vars(_standing).update(vars(honest))
    return _standing


@pytest.fixture
def service() -> Service:
    return replace(gazette.main.service, keeps_directory=True)


@pytest.fixture
def provider(elsewhere: Elsewhere) -> Provider:
    return Provider(
        name="ur",
        organisation="Essaim",
        title="UR Scop AURA",
        issuer=elsewhere.issuer,
        client_id=CLIENT,
        domains=frozenset({"exemple.fr"}),
        scopes=("openid", "email"),
        acr_values=None,
        vouches=False,
    )


@pytest.fixture
def runtime(
    service: Service, settings: Settings, clock: SimulatedClock, provider: Provider
) -> Iterator[Runtime]:
    consortium = replace(of_services({"gazette": service}), providers=(provider,))
    secret = SecretStr(f'{{"ur": "{SECRET}"}}')
    own = settings.model_copy(update={"openid_secrets": secret})
    runtime = Runtime(service, own, clock=clock, consortium=consortium)
    yield runtime
    runtime.database.close()


@pytest.fixture
def browser(runtime: Runtime) -> TestClient:
    return TestClient(build_app([runtime]), base_url=HOST, follow_redirects=False)


@pytest.fixture
def camille(runtime: Runtime) -> Person:
    person = Person(new_id(), "Camille Roussel", email="camille@exemple.fr", email_proved=False)
    save(runtime, person)
    return person


def save(runtime: Runtime, person: Person) -> None:
    with runtime.work() as work:
        save_person(work.db, person, share=True)


def an_account(**changes: Any) -> dict[str, Any]:
    account = {"sub": "u-1", "email": "Camille@exemple.fr", "email_verified": True}
    return account | changes


def press(browser: TestClient, **fields: str) -> Answer:
    """The button beside the mail link."""
    page = browser.get("/gazette/sign-in")
    assert "Se connecter avec UR Scop AURA" in page.text
    form = {"csrf_token": hidden(page.text, "csrf_token")} | fields
    return browser.post(WITH, data=form)


def onward(page: Answer) -> str:
    """Where a page leads by itself: a form that ends on another host, browsers stop."""
    assert page.status_code == 200
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert found is not None
    return unescape(found[1])


def there_and_back(browser: TestClient, pressed: Answer) -> Answer:
    back = httpx2.get(onward(pressed))
    return browser.get(back.headers["location"].removeprefix(HOST))


def signs_in(browser: TestClient, **fields: str) -> Answer:
    return there_and_back(browser, press(browser, **fields))


def who_is_in(browser: TestClient) -> bool:
    return browser.get("/gazette/sign-ins").status_code == 200


def refused(answer: Answer) -> str:
    """The sentence that a page of refusal says."""
    assert answer.status_code in (403, 503)
    found = re.search(r'<div[^>]*class="[^"]*(?:error|alert)[^>]*>(.*?)</div>', answer.text, re.S)
    return re.sub(r"<[^>]+>|\s+", " ", found[1] if found else answer.text).replace("\xa0", " ")


def test_a_verified_address_signs_in_the_person_the_directory_has(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    elsewhere.account = an_account()

    answer = signs_in(browser, next="/gazette/accessibility")

    assert answer.headers["location"] == "/gazette/accessibility"
    assert "Camille Roussel" in browser.get("/gazette/accessibility").text
    asked = elsewhere.asked[0]
    assert asked["redirect_uri"] == f"{HOST}/gazette/sign-in/from/ur"
    assert (asked["scope"], asked["client_id"]) == ("openid email", CLIENT)
    with runtime.read() as db:
        proved = find_person(db, camille.id)
        assert proved is not None
        assert proved == replace(camille, email_proved=True)
        assert db.scalar(sa.select(sa.func.count()).select_from(openid_attempt)) == 0


def test_her_account_stays_hers_when_the_provider_gives_another_address(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    other = Person(new_id(), "Zoé Martin", email="zoe@exemple.fr")
    save(runtime, other)
    elsewhere.account = an_account()
    signs_in(browser)

    elsewhere.account = an_account(email="zoe@exemple.fr")
    browser.cookies.clear()
    signs_in(browser)

    page = browser.get("/gazette/accessibility").text
    assert "Camille Roussel" in page
    assert "Zoé Martin" not in page


def test_another_account_with_her_address_is_not_hers_until_she_unbinds_the_first(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    elsewhere.account = an_account()
    signs_in(browser)
    page = browser.get("/gazette/sign-ins")
    assert "Comptes liés" in page.text

    elsewhere.account = an_account(sub="u-2")
    other = TestClient(build_app([runtime]), base_url=HOST, follow_redirects=False)
    assert "Un autre compte de UR Scop AURA est déjà lié" in refused(signs_in(other))
    form = {"csrf_token": hidden(page.text, "csrf_token"), "issuer": elsewhere.issuer}
    assert browser.post("/gazette/sign-ins/unbind", data=form).status_code == 303
    assert signs_in(other).status_code == 303


def test_an_address_that_the_directory_changes_ends_what_the_old_one_bound(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    elsewhere.account = an_account()
    signs_in(browser)

    save(runtime, replace(camille, email="camille@ailleurs.fr"))

    assert not who_is_in(browser)
    assert "Personne ici n’a l’adresse" in refused(signs_in(browser))


@pytest.mark.parametrize(
    ("account", "why"),
    [
        ({"email_verified": False}, "n’a pas vérifié"),
        ({"email_verified": None}, "n’a pas vérifié"),
        ({"email_verified": "true"}, "n’a pas vérifié"),
        ({"email": None}, "n’a pas dit votre adresse"),
        ({"email": "camille"}, "n’a pas dit votre adresse"),
        ({"email": "inconnue@exemple.fr"}, "Personne ici n’a l’adresse inconnue@exemple.fr"),
        ({"email": "alix@autre.fr"}, "ne connecte ici que les adresses de son organisation"),
    ],
)
def test_who_is_not_known_by_a_verified_address_of_that_organisation_is_told_why(
    browser: TestClient,
    runtime: Runtime,
    camille: Person,
    elsewhere: Elsewhere,
    account: dict[str, Any],
    why: str,
) -> None:
    save(runtime, Person(new_id(), "Alix Brun", email="alix@autre.fr"))
    elsewhere.account = an_account(**account)

    answer = signs_in(browser)

    assert why in refused(answer)
    assert "Recevoir le lien" in answer.text
    assert not who_is_in(browser)
    with runtime.read() as db:
        assert db.execute(sa.select(openid_account)).all() == []


NOW = int(time.time())


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": NOW - 3600},
        {"exp": None},
        {"iat": NOW + 3600},
        {"sub": None},
    ],
    ids=" ".join,  # by their names: the workers read other clocks
)
def test_what_was_not_signed_for_us_here_and_now_signs_nobody_in(
    browser: TestClient, camille: Person, elsewhere: Elsewhere, lies: dict[str, Any]
) -> None:
    elsewhere.account, elsewhere.lies = an_account(), lies

    assert "sa réponse n’est pas valable" in refused(signs_in(browser))
    assert not who_is_in(browser)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (jwk.RSAKey.generate_key(2048, {"kid": "one"}), "RS256"),
        (jwk.OctKey.import_key(SECRET * 2, {"kid": "one"}), "HS256"),
    ],
    ids=["another key", "our shared secret"],
)
def test_only_the_providers_own_private_key_is_believed(
    browser: TestClient, camille: Person, elsewhere: Elsewhere, key: Any, algorithm: str
) -> None:
    elsewhere.account, elsewhere.signs_with = an_account(), key
    elsewhere.algorithm = algorithm

    assert "sa réponse n’est pas valable" in refused(signs_in(browser))


def test_a_code_serves_in_the_browser_that_asked_for_it_and_once(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    elsewhere.account = an_account()
    victim = TestClient(build_app([runtime]), base_url=HOST, follow_redirects=False)
    victim.get("/gazette/accessibility")
    back = httpx2.get(onward(press(browser))).headers["location"].removeprefix(HOST)

    stolen = victim.get(back)
    mixed_up = browser.get(back.replace("iss=http", "iss=https"))

    assert "n’a pas commencé dans ce navigateur" in refused(stolen)
    assert "sa réponse n’est pas valable" in refused(mixed_up)
    assert "a déjà servi" in refused(browser.get(back))
    assert not who_is_in(victim)
    assert not who_is_in(browser)


def test_a_form_from_elsewhere_begins_no_sign_in(browser: TestClient) -> None:
    assert browser.post(WITH, data={"next": "/"}).status_code == 403


def test_she_who_says_no_there_is_told_so_here(browser: TestClient, elsewhere: Elsewhere) -> None:
    state = parse_qs(urlsplit(onward(press(browser))).query)["state"][0]

    answer = browser.get(
        "/gazette/sign-in/from/ur", params={"error": "access_denied", "state": state}
    )

    assert "ne vous a pas connectée" in refused(answer)


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "file:/x"},
        {"token_endpoint": "http://localhost.evil.example/token"},
        {"token_endpoint": "http://127.0.0.1:80@evil.example/token"},
        {"jwks_uri": "http://evil.example/keys"},
        {"jwks_uri": "http://[/"},
    ],
)
def test_a_provider_that_describes_another_or_cannot_be_read_is_said_to_be_away(
    browser: TestClient, camille: Person, elsewhere: Elsewhere, described: dict[str, str]
) -> None:
    elsewhere.account = an_account()
    pressed = press(browser)
    elsewhere.described = described

    answer = there_and_back(browser, pressed)

    assert answer.status_code == 503
    assert "ne répond pas" in refused(answer)
    assert "Cela n’a pas été fait" in answer.text, "there is nothing that she could correct"
    assert "Recevoir le lien" in answer.text


@pytest.mark.parametrize("form", ["json", "jwt"])
def test_an_address_told_beside_the_id_token_counts_as_in_it_when_it_is_of_the_same_person(
    browser: TestClient, camille: Person, elsewhere: Elsewhere, form: str
) -> None:
    elsewhere.account, elsewhere.in_userinfo = an_account(), form
    elsewhere.userinfo_lies = {"sub": "u-2"}
    assert "sa réponse n’est pas valable" in refused(signs_in(browser))

    elsewhere.userinfo_lies = {}
    assert signs_in(browser).status_code == 303


@pytest.mark.parametrize("vouches", [True, False])
def test_a_provider_said_to_verify_all_addresses_need_not_say_so_but_may_say_no(
    browser: TestClient,
    runtime: Runtime,
    camille: Person,
    provider: Provider,
    elsewhere: Elsewhere,
    vouches: bool,
) -> None:
    runtime.consortium = replace(
        runtime.consortium, providers=(replace(provider, vouches=vouches, acr_values="eidas1"),)
    )
    elsewhere.account = an_account(email_verified=None)
    assert signs_in(browser).status_code == (303 if vouches else 403)
    assert elsewhere.asked[0]["acr_values"] == "eidas1"

    elsewhere.account = an_account(sub="u-9", email_verified=False)
    browser.cookies.clear()
    assert signs_in(browser).status_code == 403


def test_signing_out_here_signs_out_there(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(runtime, "ask_blocking", lambda _question: None)
    elsewhere.account = an_account()
    signs_in(browser)
    # A link that somebody gave her signs nobody out.
    other = TestClient(build_app([runtime]), base_url=HOST, follow_redirects=False)
    assert other.get("/gazette/signed-out").headers["location"] == "/gazette/home"
    token = hidden(browser.get("/gazette/accessibility").text, "csrf_token")

    out = browser.post("/gazette/sign-out", data={"csrf_token": token})
    assert not who_is_in(browser)
    away = onward(browser.get(out.headers["location"]))

    there = urlsplit(away)
    query = {name: value for name, (value,) in parse_qs(there.query).items()}
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{elsewhere.issuer}/out"
    assert query["post_logout_redirect_uri"] == f"{HOST}/gazette/"
    assert query["id_token_hint"].startswith("eyJ")
    assert len(query["state"]) == 32, "as ProConnect wants one"
    assert browser.get("/gazette/signed-out").headers["location"] == "/gazette/home"


def test_the_address_that_signs_out_there_ends_no_sign_in_here(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    elsewhere.account = an_account()
    signs_in(browser)

    left = browser.get("/gazette/signed-out")

    assert left.headers["location"] == "/gazette/home"
    assert who_is_in(browser)


def test_whoever_is_erased_leaves_no_account_behind(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    elsewhere.account = an_account()
    signs_in(browser)

    with runtime.work() as work:
        erase_person(work.db, camille.id, work.now)

    with runtime.read() as db:
        for table in (openid_account, openid_session):
            assert db.execute(sa.select(table)).all() == []
    assert "Personne ici" in refused(signs_in(browser))


def test_no_secret_is_logged(
    browser: TestClient, runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    with structlog.testing.capture_logs() as lines:
        elsewhere.account, elsewhere.lies = an_account(), {"aud": "other"}
        signs_in(browser)
        elsewhere.lies = {}
        signs_in(browser)

    written = str(lines) + repr(runtime.settings)
    assert lines
    for secret in (SECRET, "camille@exemple.fr", "eyJ", elsewhere.asked[0]["nonce"]):
        assert secret.lower() not in written.lower()


# --- another implementation


@pytest.fixture
def mock() -> Iterator[str]:
    """`oidc-provider-mock`, made by others."""
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    found = (re.search(r"http://[\w.]+:\d+", line) for line in process.stdout)
    yield next(match[0] for match in found if match)
    process.terminate()
    process.wait()
    process.stdout.close()


def test_a_provider_made_by_others_signs_in_as_well(
    browser: TestClient, runtime: Runtime, camille: Person, provider: Provider, mock: str
) -> None:
    there = replace(provider, issuer=mock)
    runtime.consortium = replace(runtime.consortium, providers=(there,))
    claims = {"email": "camille@exemple.fr", "email_verified": True}
    httpx2.put(f"{mock}/users/camille", json=claims).raise_for_status()
    pressed = press(browser)

    back = httpx2.post(onward(pressed), data={"sub": "camille"})
    browser.get(back.headers["location"].removeprefix(HOST))

    assert "Camille Roussel" in browser.get("/gazette/accessibility").text


LOGOUT: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}


def says_out(
    browser: TestClient, elsewhere: Elsewhere, *, times: int = 1, **claims: Any
) -> list[int]:
    """What the provider's server is answered that posts this logout token so many times."""
    now = int(time.time())
    about = {"iss": elsewhere.issuer, "aud": CLIENT, "iat": now, "exp": now + 120}
    token = elsewhere.sign(about | {"jti": str(new_id()), "events": LOGOUT} | claims)
    server = TestClient(browser.app, base_url=HOST)
    address = "/gazette/api/sign-out/from/ur"
    answers = [server.post(address, data={"logout_token": token}) for _ in range(times)]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    return [answer.status_code for answer in answers]


def hers_at(runtime: Runtime, elsewhere: Elsewhere, *sessions: str | None) -> list[TestClient]:
    """Browsers in which she signed in, each in a session of its own at the provider."""
    browsers = []
    for session in sessions:
        one = TestClient(build_app([runtime]), base_url=HOST, follow_redirects=False)
        elsewhere.account = an_account(sid=session)
        signs_in(one)
        browsers.append(one)
    return browsers


def test_a_session_that_ends_there_ends_here_and_no_other_of_hers(
    runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    office, home = hers_at(runtime, elsewhere, "office", "home")

    assert says_out(office, elsewhere, sid="office") == [200]

    assert (who_is_in(office), who_is_in(home)) == (False, True)
    # What is over already is no trouble, and no session of another provider's account is touched.
    assert says_out(home, elsewhere, sid="office", sub="u-1") == [200]
    assert says_out(home, elsewhere, sid="home", sub="u-2") == [200]
    assert who_is_in(home)


def test_an_account_that_is_out_everywhere_there_is_out_everywhere_here(
    runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    paul = Person(new_id(), "Paul Meyer", email="paul@exemple.fr", email_proved=False)
    save(runtime, paul)
    office, home = hers_at(runtime, elsewhere, "office", None)
    his = TestClient(build_app([runtime]), base_url=HOST, follow_redirects=False)
    elsewhere.account = an_account(sub="u-2", email=paul.email)
    signs_in(his)

    assert says_out(office, elsewhere, sub="u-1") == [200]

    assert [who_is_in(one) for one in (office, home, his)] == [False, False, True]


def test_a_sign_out_is_told_once(runtime: Runtime, camille: Person, elsewhere: Elsewhere) -> None:
    (browser,) = hers_at(runtime, elsewhere, "office")
    assert says_out(browser, elsewhere, times=2, sid="office") == [200, 400]


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "somebody-else"},
        {"aud": None},
        {"iat": int(time.time()) - 3600, "exp": int(time.time()) + 3600},
        {"iat": None},
        {"exp": int(time.time()) - 600},
        {"jti": None},
        {"events": None},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": "yes"}},
        {"events": {"https://elsewhere.example/event": {}}},
        {"nonce": "n"},
        {"sub": None, "sid": None},
    ],
)
def test_what_is_no_sign_out_signed_for_us_just_now_ends_nothing(
    runtime: Runtime, camille: Person, elsewhere: Elsewhere, lie: dict[str, Any]
) -> None:
    (browser,) = hers_at(runtime, elsewhere, "office")
    assert says_out(browser, elsewhere, **{"sub": "u-1", "sid": "office"} | lie) == [400]
    assert who_is_in(browser)


def test_a_sign_out_that_another_key_signed_or_that_is_none_ends_nothing(
    runtime: Runtime, camille: Person, elsewhere: Elsewhere
) -> None:
    (browser,) = hers_at(runtime, elsewhere, "office")
    for token in ("", "no.token.at-all"):
        answer = browser.post("/gazette/api/sign-out/from/ur", data={"logout_token": token})
        assert answer.status_code in (400, 403)
    elsewhere.signs_with = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    assert says_out(browser, elsewhere, sub="u-1") == [400]
    assert who_is_in(browser)
