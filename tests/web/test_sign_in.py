"""Signing in: the directory's keeper, here the gazette, says who she is; the others believe it.

`atlas` is another service on the same host, with a database and a secret of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from html import unescape
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import parse_qs, urlsplit

import gazette.main
import ledger
import pytest
import signing as keys
import sqlalchemy as sa
import structlog
from essaim.clock import SimulatedClock
from essaim.consortium.file import of_services
from essaim.ids import new_id
from essaim.keeping.tables import counted_act, sign_in_link, signed_in_browser
from essaim.people import sign_ins, signing
from essaim.people.answers import end_sign_in
from essaim.people.directory import erase_person, find_person, save_person
from essaim.person import Person, Role
from essaim.running.presence import Absence
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.settings import Settings
from essaim.web import allowed, render
from essaim.web.app import build_app
from essaim.web.keeper import PER_ADDRESS
from essaim.web.pages import redirect_to
from essaim_contracts.questions import EndSignIn, SendSignInLink, SignInEnded
from fastapi import APIRouter, Depends, Request, Response
from fastapi.testclient import TestClient
from gazette.visits import hidden
from httpx2 import Response as Answer
from pydantic import SecretStr

Somebody = Callable[..., Person]
Sent = list[SendSignInLink]

# What counts, ends and uses up is tested on both kinds of database by itself.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NAVIGATING = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
HOST = "https://premices.example"
OTHER = "https://agenda.example"

router = APIRouter()


@router.get("/")
def public(request: Request) -> Response:
    return render(request, "chassis/error.html", title="Carte", status=200)


@router.get("/mine")
def mine(request: Request, person: Annotated[Person, Depends(allowed())]) -> Response:
    return render(request, "chassis/error.html", title=f"Carte de {person.name}", status=200)


@router.post("/mine")
def change(request: Request, person: Annotated[Person, Depends(allowed())]) -> Response:
    return redirect_to(request, "/ledger/mine")


@router.get("/api/mine")
def api(request: Request, person: Annotated[Person, Depends(allowed())]) -> str:
    return person.name


ATLAS = replace(ledger.service, title="Atlas", routers=(router,))


@pytest.fixture
def service() -> Service:
    return replace(gazette.main.service, keeps_directory=True)


@pytest.fixture
def runtime(service: Service, settings: Settings, clock: SimulatedClock) -> Iterator[Runtime]:
    """The keeper."""
    consortium = of_services({"gazette": service, "ledger": ATLAS})
    runtime = Runtime(service, settings, clock=clock, consortium=consortium)
    yield runtime
    runtime.database.close()


@pytest.fixture
def atlas(runtime: Runtime, settings: Settings, tmp_path: Path) -> Iterator[Runtime]:
    """Not the keeper: it has the public key, and a secret of its own."""
    own = settings.model_copy(
        update={
            "database_url": f"sqlite:///{tmp_path / 'atlas.db'}",
            "secret": SecretStr("another secret, of the atlas alone"),
            "sign_in_key": SecretStr(""),
            "sign_in_public_key": signing.public_key_of(keys.KEY),
        }
    )
    atlas = Runtime(ATLAS, own, clock=runtime.clock, consortium=runtime.consortium)
    atlas.migrate()
    yield atlas
    atlas.database.close()


@pytest.fixture
def ended_at_keeper(
    runtime: Runtime, atlas: Runtime, monkeypatch: pytest.MonkeyPatch
) -> list[EndSignIn]:
    """What the atlas told the keeper, which does it."""
    told: list[EndSignIn] = []

    def ask(question: EndSignIn) -> SignInEnded:
        told.append(question)
        return end_sign_in(question, runtime.work)

    monkeypatch.setattr(atlas, "ask_blocking", ask)
    return told


@pytest.fixture
def browser(runtime: Runtime, atlas: Runtime) -> TestClient:
    return new_browser(runtime, atlas)


@pytest.fixture
def somebody(runtime: Runtime, atlas: Runtime) -> Somebody:
    """A person that both services' copies of the directory have."""

    def add(*_: Role, name: str = "Camille Roussel") -> Person:
        id = new_id()
        person = Person(id, name, email=f"{id.hex}@exemple.fr")
        for one in (runtime, atlas):
            with one.work() as work:
                save_person(work.db, person, share=one is runtime)
        return person

    return add


def new_browser(*runtimes: Runtime, **options: str) -> TestClient:
    app = build_app(list(runtimes))
    return TestClient(app, base_url=HOST, follow_redirects=False, headers=options)


def ask_for_link(browser: TestClient, email: str | None, **fields: str) -> Answer:
    page = browser.get("/gazette/sign-in", params=fields)
    form = {"email": email, "csrf_token": hidden(page.text, "csrf_token")} | fields
    return browser.post("/gazette/sign-in", data=form)


def open_link(browser: TestClient, token: str) -> Answer:
    """Open the page of a link and press its button."""
    page = browser.get(f"/gazette/sign-in/{token}")
    form = {"csrf_token": hidden(page.text, "csrf_token")}
    return browser.post(f"/gazette/sign-in/{token}", data=form)


def sign_in(browser: TestClient, runtime: Runtime, person: Person) -> None:
    """By a link, at the keeper, which nobody asked to go elsewhere afterwards."""
    token = sign_in_links_token(runtime, person)
    assert open_link(browser, token).status_code == 303


def sign_in_links_token(runtime: Runtime, person: Person) -> str:
    from essaim.people.sign_in_links import Used, keep_link, new_token

    token = new_token()
    with runtime.work() as work:
        keep_link(work.db, token, Used(person.id, "gazette", ""))
    return token


def follow(browser: TestClient, address: str, **headers: str) -> Answer:
    """Where a browser ends that goes to an address; five redirects at the most."""
    for _ in range(5):
        answer = browser.get(address, headers=NAVIGATING | headers)
        if answer.status_code != 303:
            return answer
        address = answer.headers["location"]
    raise AssertionError(f"{address}: a browser is sent in circles")


def sign_out(browser: TestClient, service: str) -> Answer:
    token = hidden(browser.get(f"/{service}/accessibility").text, "csrf_token")
    return browser.post(f"/{service}/sign-out", data={"csrf_token": token})


# --- the way in


def test_a_page_for_known_people_sends_a_stranger_to_the_keeper_and_back(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    form = follow(browser, "/ledger/mine?draft=1")
    assert form.url.path == "/gazette/sign-in"
    assert "Pour ouvrir «\xa0Atlas\xa0»" in form.text
    asked = {name: hidden(form.text, name) for name in ("for", "next", "csrf_token")}
    person = somebody()
    browser.post("/gazette/sign-in", data=asked | {"email": str(person.email)})

    welcomed = open_link(browser, sent[0].token)

    assert welcomed.headers["location"] == "/ledger/sign-in?next=%2Fledger%2Fmine%3Fdraft%3D1"
    page = follow(browser, welcomed.headers["location"])
    assert str(page.url) == f"{HOST}/ledger/mine?draft=1"
    assert "Carte de Camille Roussel" in page.text
    assert "Connexion réussie." in page.text
    assert "Connexion réussie." not in browser.get("/ledger/mine").text


def test_a_link_opened_in_another_browser_signs_in_that_one_with_its_own_state(
    browser: TestClient, runtime: Runtime, atlas: Runtime, somebody: Somebody, sent: Sent
) -> None:
    form = follow(browser, "/ledger/mine")
    asked = {name: hidden(form.text, name) for name in ("for", "next", "csrf_token")}
    browser.post("/gazette/sign-in", data=asked | {"email": str(somebody().email)})
    telephone = new_browser(runtime, atlas)

    page = follow(telephone, open_link(telephone, sent[0].token).headers["location"])

    assert page.url.path == "/ledger/mine"
    assert follow(browser, "/ledger/mine").url.path == "/gazette/sign-in"


def test_signed_in_once_every_service_opens_without_another_letter_or_click(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())

    assert follow(browser, "/ledger/mine").url.path == "/ledger/mine"


def test_a_public_page_knows_at_once_who_is_signed_in_at_the_keeper(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())

    page = follow(browser, "/ledger/?lang=fr")

    assert str(page.url) == f"{HOST}/ledger/?lang=fr"
    assert "Camille Roussel" in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {},
    ],
)
def test_only_a_page_one_goes_to_asks_the_keeper_by_itself(
    browser: TestClient, runtime: Runtime, somebody: Somebody, headers: dict[str, str]
) -> None:
    sign_in(browser, runtime, somebody())

    assert browser.get("/ledger/", headers=headers).status_code == 200
    assert browser.get("/ledger/api/mine", headers=NAVIGATING).status_code == 401
    assert browser.post("/ledger/mine", headers=NAVIGATING).status_code == 403


def test_a_hint_that_is_not_true_any_more_costs_one_round_trip(browser: TestClient) -> None:
    browser.cookies.set("__Host-essaim_signed_in", "1", domain="premices.example", path="/")

    page = follow(browser, "/ledger/")

    assert page.status_code == 200
    assert page.url.path == "/ledger/"
    assert "__Host-essaim_signed_in" not in browser.cookies


def test_while_the_keeper_does_not_answer_a_public_page_is_sent_there_once_only(
    browser: TestClient,
) -> None:
    browser.cookies.set("__Host-essaim_signed_in", "1", domain="premices.example", path="/")
    first = browser.get("/ledger/", headers=NAVIGATING)
    to_keeper = browser.get(first.headers["location"], headers=NAVIGATING)

    assert to_keeper.headers["location"].startswith("/gazette/sign-in?for=ledger")
    assert browser.get("/ledger/", headers=NAVIGATING).status_code == 200


def test_a_link_from_the_pages_of_another_host_brings_who_is_signed_in_there(
    runtime: Runtime, atlas: Runtime, somebody: Somebody
) -> None:
    """No cookie of this host tells of her, as the keeper is at another one."""
    elsewhere = [
        replace(one, pages=f"{OTHER}/{one.service}/") for one in runtime.consortium.partners
    ]
    atlas.consortium = replace(runtime.consortium, partners=tuple(elsewhere))
    browser = new_browser(atlas)
    by_a_link = NAVIGATING | {"Referer": f"{OTHER}/", "Sec-Fetch-Site": "cross-site"}

    asked = browser.get("/ledger/", headers=by_a_link)

    assert asked.headers["location"].startswith("/ledger/sign-in?next=%2Fledger%2F&quiet=1")
    for other in ({"Referer": "https://elsewhere.example/"}, {"Sec-Fetch-Site": "same-origin"}):
        assert browser.get("/ledger/", headers=by_a_link | other).status_code == 200
    assert browser.get("/ledger/", headers=NAVIGATING).status_code == 200


def test_while_the_keeper_is_away_a_public_page_is_shown_without_asking_it(
    browser: TestClient, atlas: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.cookies.set("__Host-essaim_signed_in", "1", domain="premices.example", path="/")
    away = Absence(atlas.consortium.keeping, datetime.now(UTC))
    monkeypatch.setattr(atlas, "absences", lambda: [away])

    assert browser.get("/ledger/", headers=NAVIGATING).status_code == 200


def test_who_is_signed_in_stays_so_while_the_keeper_is_away(
    browser: TestClient, runtime: Runtime, atlas: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())
    follow(browser, "/ledger/mine")
    alone = new_browser(atlas)
    alone.cookies = browser.cookies

    assert alone.get("/ledger/mine").status_code == 200


def test_a_person_whose_entry_is_still_on_its_way_is_told_so_and_not_sent_in_circles(
    browser: TestClient, runtime: Runtime
) -> None:
    person = Person(new_id(), "Nouvelle", email="nouvelle@exemple.fr")
    with runtime.work() as work:
        save_person(work.db, person, share=True)
    sign_in(browser, runtime, person)

    page = follow(browser, "/ledger/mine")

    assert page.status_code == 503
    assert "n’a pas encore reçu votre fiche" in page.text


def test_whom_the_directory_does_not_tell_a_service_of_is_refused_there_in_words(
    browser: TestClient, runtime: Runtime, atlas: Runtime
) -> None:
    partners = atlas.consortium.partners
    of_premices = tuple(replace(one, programmes=frozenset({"premices"})) for one in partners)
    atlas.consortium = replace(atlas.consortium, partners=of_premices)
    person = Person(new_id(), "D’un autre programme", email="autre@exemple.fr")
    with runtime.work() as work:
        save_person(work.db, person, share=True)
    sign_in(browser, runtime, person)

    page = follow(browser, "/ledger/mine")

    assert page.status_code == 403
    assert "que qui a un rôle dans premices" in page.text
    assert follow(browser, "/ledger/").status_code == 200


# --- what is no way in


def ticket_of(browser: TestClient, service: str = "ledger") -> str:
    """The address with which the keeper sends this browser back."""
    start = browser.get(f"/{service}/sign-in", headers=NAVIGATING)
    back = browser.get(start.headers["location"], headers=NAVIGATING)
    return str(back.headers["location"])


def test_a_ticket_serves_once_and_in_the_browser_it_was_asked_for_only(
    browser: TestClient, runtime: Runtime, atlas: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())
    ticket = ticket_of(browser)
    victim = new_browser(runtime, atlas)
    victim.get("/ledger/accessibility")

    assert victim.get(ticket).status_code == 403
    assert victim.get("/ledger/mine").status_code == 303
    assert browser.get(ticket).headers["location"] == "/ledger/home"
    assert browser.get(ticket).status_code == 403


@pytest.mark.parametrize("minutes", [-1440, -10, 10, 1440])
def test_a_service_whose_clock_is_wrong_says_so_where_she_signs_in(
    browser: TestClient, runtime: Runtime, somebody: Somebody, minutes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(minutes=minutes)

    sign_in(browser, runtime, somebody())
    ticket = ticket_of(browser)
    # What reads signatures, and what says the hour.
    monkeypatch.setattr("jwt.api_jwt.datetime", Wrong)
    monkeypatch.setattr("essaim.web.sign_in.datetime", Wrong)

    with structlog.testing.capture_logs() as logs:
        refused = browser.get(ticket)

    assert refused.status_code == 403
    assert "l’une des deux horloges n’est pas à l’heure" in refused.text
    (said,) = (one for one in logs if "a wrong clock" in one["event"])
    assert abs(said["seconds"] - minutes * 60) < 60


def test_a_ticket_of_a_browser_that_keeps_no_cookies_ends_on_a_page_that_says_so(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())
    ticket = ticket_of(browser)
    browser.cookies.clear()

    refused = browser.get(ticket)

    assert refused.status_code == 403
    assert "Autorisez les cookies" in refused.text


def test_a_token_opens_the_service_it_was_made_for_and_no_other(
    browser: TestClient, somebody: Somebody
) -> None:
    person = somebody()

    def asked(headers: dict[str, str]) -> int:
        return browser.get("/ledger/api/mine", headers=headers).status_code

    assert asked(keys.bearer("ledger", person.id)) == 200
    assert asked(keys.bearer("gazette", person.id)) == 401
    old = {"Authorization": f"Bearer {keys.token('ledger', person.id, days=-1)}"}
    assert asked(old) == 401


def test_what_one_service_proves_its_forms_with_proves_nothing_at_another(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())
    follow(browser, "/ledger/mine")
    stolen = hidden(browser.get("/gazette/accessibility").text, "csrf_token")

    refused = browser.post("/ledger/mine", data={"csrf_token": stolen})

    assert refused.status_code == 403


@pytest.mark.parametrize("asking", ["nobody", "gazette/../x", "é" * 30])
def test_nobody_is_handed_over_to_a_service_that_is_none(
    browser: TestClient, runtime: Runtime, somebody: Somebody, asking: str
) -> None:
    sign_in(browser, runtime, somebody())

    answer = browser.get("/gazette/sign-in", params={"for": asking, "state": "x"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "next",
    [
        "https://ailleurs.example",
        "//ailleurs.example",
        "/\\ailleurs.example",
        "/gazette/sign-out",
        "/ledger/../gazette/",
        "/ledger/%2e%2e/gazette/",
        "/ledger/\\..\\gazette/",
        "/ledgers",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_sent_away_from_the_service_she_signed_in_at(
    browser: TestClient, runtime: Runtime, somebody: Somebody, next: str
) -> None:
    sign_in(browser, runtime, somebody())
    start = browser.get("/ledger/sign-in", params={"next": next})
    ticket = browser.get(start.headers["location"]).headers["location"]
    query = parse_qs(urlsplit(ticket).query)

    landed = browser.get("/ledger/signed-in", params={"ticket": query["ticket"][0], "next": next})

    assert query["next"] == ["/ledger/home"]
    assert landed.headers["location"] == "/ledger/home"


def test_an_address_with_a_line_break_leads_no_further_than_its_page(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())
    start = browser.get("/ledger/sign-in", params={"next": "/ledger/\n"})
    ticket = browser.get(start.headers["location"]).headers["location"]

    assert parse_qs(urlsplit(ticket).query)["next"] == ["/ledger/"]


# --- links


def test_the_link_is_asked_of_the_notifications_service_and_kept_only_as_a_digest(
    browser: TestClient, runtime: Runtime, somebody: Somebody, sent: Sent
) -> None:
    person = somebody()

    ask_for_link(browser, f"  {str(person.email).upper()} ")

    [asked] = sent
    assert asked == SendSignInLink(person_id=person.id, token=asked.token, language="fr")
    with runtime.read() as db:
        kept = db.execute(sa.select(sign_in_link)).one()
    assert kept.person_id == person.id
    assert asked.token not in str(kept)


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


def test_a_link_serves_once_and_spends_her_others(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    person = somebody()
    for _ in range(2):
        ask_for_link(browser, person.email)
    open_link(browser, sent[0].token)
    browser.cookies.clear()

    again = [open_link(browser, one.token) for one in sent]

    assert [answer.status_code for answer in again] == [410, 410]
    assert "a déjà servi" in again[0].text
    assert browser.get("/gazette/pin").status_code == 303


def test_opening_a_link_without_pressing_its_button_does_not_use_it_up(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    ask_for_link(browser, somebody().email)
    for _ in range(3):
        browser.get(f"/gazette/sign-in/{sent[0].token}")

    assert open_link(browser, sent[0].token).status_code == 303
    assert browser.get("/gazette/pin").status_code == 200


def test_a_link_says_whose_it_is_until_it_is_spent(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    """Whoever is sent somebody else's link would go on in his name, and tell him what is hers."""
    person = somebody()
    ask_for_link(browser, person.email)
    page = f"/gazette/sign-in/{sent[0].token}"

    assert f"Ce lien connecte {person.email}" in unescape(browser.get(page).text)
    open_link(browser, sent[0].token)
    assert str(person.email) not in browser.get(page).text


def test_a_link_ends_after_twenty_minutes(
    browser: TestClient, runtime: Runtime, somebody: Somebody, sent: Sent
) -> None:
    ask_for_link(browser, somebody().email)
    asked_at = datetime.now(UTC)
    with runtime.work() as work:
        ends = work.db.execute(sa.select(sign_in_link.c.expires_at)).scalar_one()
        work.db.execute(sa.update(sign_in_link).values(expires_at=asked_at))

    late = open_link(browser, sent[0].token)

    assert timedelta(minutes=19) < ends - asked_at <= timedelta(minutes=20)
    assert late.status_code == 410


def test_an_invented_link_signs_nobody_in(browser: TestClient) -> None:
    assert open_link(browser, "invented").status_code == 410
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


# --- limits


def test_the_sixth_link_in_a_quarter_of_an_hour_is_answered_alike_and_not_sent(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    email = somebody().email

    answers = [ask_for_link(browser, email) for _ in range(PER_ADDRESS.most + 1)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text.split('id="content"')[1] for answer in answers}) == 1
    assert len(sent) == PER_ADDRESS.most


def test_many_people_of_one_network_get_their_links(
    browser: TestClient, somebody: Somebody, sent: Sent
) -> None:
    answers = [ask_for_link(browser, somebody().email).status_code for _ in range(42)]

    assert set(answers) == {200}
    assert len(sent) == 42


def test_one_source_that_asks_for_hundreds_of_links_is_told_to_wait(
    browser: TestClient, runtime: Runtime, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("essaim.web.keeper.PER_SOURCE", replace(PER_ADDRESS, what="source", most=3))

    answers = [ask_for_link(browser, f"p{number}@exemple.fr") for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "depuis votre réseau" in answers[-1].text
    with runtime.read() as db:
        assert "exemple.fr" not in str(db.execute(sa.select(counted_act)).all())


# --- the way out


def test_signing_out_anywhere_ends_the_sign_in_everywhere(
    browser: TestClient,
    runtime: Runtime,
    atlas: Runtime,
    somebody: Somebody,
    ended_at_keeper: list[EndSignIn],
) -> None:
    sign_in(browser, runtime, somebody())
    follow(browser, "/ledger/mine")
    copy = new_browser(runtime, atlas)
    copy.cookies = TestClient(copy.app).cookies
    for cookie in browser.cookies.jar:
        copy.cookies.jar.set_cookie(cookie)

    left = sign_out(browser, "ledger")

    assert len(ended_at_keeper) == 1
    assert left.headers["clear-site-data"] == '"cache"'
    assert "essaim_sign_in" not in str(browser.get("/ledger/").request.headers.get("cookie"))
    assert copy.get("/ledger/mine").status_code == 303
    assert copy.get("/gazette/pin").status_code == 303
    assert follow(copy, "/ledger/mine").url.path == "/gazette/sign-in"


def test_a_sign_out_that_the_keeper_does_not_hear_is_kept_until_it_does(
    browser: TestClient, runtime: Runtime, atlas: Runtime, somebody: Somebody
) -> None:
    from essaim.people import ended

    sign_in(browser, runtime, somebody())
    follow(browser, "/ledger/mine")

    left = sign_out(browser, "ledger")

    assert left.headers["location"] == "/ledger/home"
    assert "dès que celui qui tient l’annuaire" in browser.get("/ledger/home").text
    refused = follow(browser, "/ledger/mine")
    assert refused.status_code == 403
    assert "le service qui tient l’annuaire ne le sait pas encore" in refused.text
    with atlas.read() as db:
        (waiting,) = ended.untold(db)
    with runtime.read() as db:
        assert sign_ins.find(db, waiting) is not None


def test_a_ticket_given_out_before_signing_out_opens_nothing_afterwards(
    browser: TestClient,
    runtime: Runtime,
    somebody: Somebody,
    ended_at_keeper: list[EndSignIn],
) -> None:
    sign_in(browser, runtime, somebody())
    follow(browser, "/ledger/mine")
    ticket = ticket_of_signed_in(browser)
    sign_out(browser, "ledger")

    assert browser.get(ticket).status_code == 403


def ticket_of_signed_in(browser: TestClient) -> str:
    """One more, for a browser that the service knows already."""
    kept = browser.cookies.jar
    start = [one for one in kept if one.path == "/ledger"]
    for one in start:
        kept.clear(one.domain, one.path, one.name)
    ticket = ticket_of(browser)
    for one in start:
        kept.set_cookie(one)
    return ticket


def test_signing_in_as_another_person_ends_the_first_ones_sign_in(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    first, second = somebody(), somebody(name="Dominique")
    sign_in(browser, runtime, first)
    sign_in(browser, runtime, second)

    with runtime.read() as db:
        assert sign_ins.of_person(db, first.id) == []
        assert len(sign_ins.of_person(db, second.id)) == 1


def test_she_sees_her_sign_ins_and_ends_one_or_all(
    browser: TestClient, runtime: Runtime, atlas: Runtime, somebody: Somebody
) -> None:
    person = somebody()
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    other = new_browser(runtime, atlas, **{"User-Agent": agent})
    for one in (browser, other):
        sign_in(one, runtime, person)
    with runtime.work() as work:
        token = sign_ins.make_token(work.db, keys.KEY, person.id, "ledger", 3, "export du lundi")
    page = browser.get("/gazette/sign-ins").text
    assert "Firefox, Linux" in page
    assert "Jeton\xa0: export du lundi" in page
    assert page.count("Vous êtes ici") == 1
    with runtime.read() as db:
        hers = {one.label: one for one in sign_ins.of_person(db, person.id)}

    form = {"csrf_token": hidden(page, "csrf_token"), "id": str(hers["Firefox, Linux"].id)}
    browser.post("/gazette/sign-ins/end", data=form)
    assert other.get("/gazette/pin").status_code == 303
    assert browser.get("/gazette/pin").status_code == 200

    browser.post("/gazette/sign-ins/end", data=form | {"id": "all"})
    assert browser.get("/gazette/pin").status_code == 303
    with runtime.read() as db:
        assert sign_ins.of_person(db, person.id) == []
    assert token.count(".") == 2


def test_nobody_ends_the_sign_in_of_another(
    browser: TestClient, runtime: Runtime, atlas: Runtime, somebody: Somebody
) -> None:
    victim, other = new_browser(runtime, atlas), somebody(name="Dominique")
    person = somebody()
    sign_in(victim, runtime, person)
    sign_in(browser, runtime, other)
    with runtime.read() as db:
        (hers,) = sign_ins.of_person(db, person.id)
    token = hidden(browser.get("/gazette/sign-ins").text, "csrf_token")

    browser.post("/gazette/sign-ins/end", data={"csrf_token": token, "id": str(hers.id)})

    assert victim.get("/gazette/pin").status_code == 200


def test_another_address_or_an_erasure_ends_all_of_hers_at_once(
    browser: TestClient, runtime: Runtime, atlas: Runtime, somebody: Somebody
) -> None:
    moved, erased = somebody(), somebody()
    second = new_browser(runtime, atlas)
    sign_in(browser, runtime, moved)
    sign_in(second, runtime, erased)
    old_letter = sign_in_links_token(runtime, moved)
    with runtime.work() as work:
        save_person(work.db, replace(moved, name="Un autre nom"), share=True)
    assert browser.get("/gazette/pin").status_code == 200

    with runtime.work() as work:
        save_person(work.db, replace(moved, email="neuve@exemple.fr"), share=True)
        erase_person(work.db, erased.id, work.now, share=True)

    assert browser.get("/gazette/pin").status_code == 303
    assert second.get("/gazette/pin").status_code == 303
    assert open_link(browser, old_letter).status_code == 410
    with runtime.read() as db:
        assert find_person(db, moved.id) is not None


# --- cookies and what stays behind


def test_each_cookie_goes_where_it_is_read_and_nowhere_else(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())
    browser.get("/gazette/pin")
    follow(browser, "/ledger/mine")

    kept = {(one.name, one.path) for one in browser.cookies.jar}

    assert kept == {
        ("__Host-essaim_browser", "/"),
        ("__Host-essaim_signed_in", "/"),
        ("__Secure-essaim_sign_in", "/gazette"),
        ("__Secure-essaim_sign_in", "/ledger"),
    }


def test_cookies_are_kept_from_scripts_other_sites_and_plain_http(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    token = sign_in_links_token(runtime, somebody())

    for cookie in open_link(browser, token).headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" in cookie


def test_a_forged_cookie_signs_nobody_in(browser: TestClient) -> None:
    browser.cookies.set(
        "__Secure-essaim_sign_in", "forged", domain="premices.example", path="/gazette"
    )

    assert browser.get("/gazette/pin").status_code == 303


def test_the_database_does_not_hold_what_the_cookie_does(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    sign_in(browser, runtime, somebody())
    secret = next(one.value for one in browser.cookies.jar if "sign_in" in one.name)

    with runtime.read() as db:
        assert str(secret) not in str(db.execute(sa.select(signed_in_browser)).all())


def test_what_somebody_signed_in_was_shown_is_kept_nowhere(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    person = somebody()
    assert browser.get("/ledger/").headers["cache-control"] == "private, no-cache"
    sign_in(browser, runtime, person)

    for address in ("/gazette/", "/gazette/pin", "/gazette/?format=csv", "/gazette/nowhere"):
        assert browser.get(address).headers["cache-control"] == "no-store"
    headers = keys.bearer("ledger", person.id)
    assert browser.get("/ledger/api/mine", headers=headers).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/gazette", "/ledger?a=b"])
def test_a_redirect_names_no_host_whatever_we_were_called(
    browser: TestClient, address: str
) -> None:
    answer = browser.get(address, headers={"Host": "evil.example"})

    assert answer.status_code == 307
    assert answer.headers["location"].startswith("/")


def test_the_home_page_of_all_knows_who_is_signed_in(
    browser: TestClient, runtime: Runtime, somebody: Somebody
) -> None:
    assert "Camille Roussel" not in follow(browser, "/").text
    sign_in(browser, runtime, somebody())

    assert "Camille Roussel" in follow(browser, "/").text


def test_a_keeper_on_a_host_of_its_own_is_found_there_and_finds_the_way_back(
    runtime: Runtime, atlas: Runtime, somebody: Somebody
) -> None:
    far, here = "https://annuaire.example", "https://atlas.example"
    keeper, other = runtime.consortium.partners
    partners = (replace(keeper, pages=f"{far}/gazette/"), replace(other, pages=f"{here}/ledger/"))
    for one in (runtime, atlas):
        one.consortium = replace(one.consortium, partners=partners)
    at_atlas, at_keeper = (
        TestClient(build_app([one]), base_url=base, follow_redirects=False)
        for one, base in ((atlas, here), (runtime, far))
    )
    sign_in(at_keeper, runtime, somebody())

    start = at_atlas.get("/ledger/sign-in", params={"next": "/ledger/mine"})
    assert start.headers["location"].startswith(f"{far}/gazette/sign-in?for=ledger")
    back = at_keeper.get(start.headers["location"].removeprefix(far))
    assert back.headers["location"].startswith(f"{here}/ledger/signed-in?ticket=")
    landed = at_atlas.get(back.headers["location"].removeprefix(here))

    assert landed.headers["location"] == "/ledger/mine"
    assert at_atlas.get("/ledger/mine").status_code == 200
    assert f"form-action 'self' {far} {here}" in start.headers["content-security-policy"]


def test_without_a_key_to_sign_or_to_read_with_nothing_is_served(
    runtime: Runtime, atlas: Runtime
) -> None:
    for one, setting in ((runtime, "SIGN_IN_KEY"), (atlas, "SIGN_IN_PUBLIC_KEY")):
        nothing = {"sign_in_key": SecretStr(""), "sign_in_public_key": "AAAA"}
        one.settings = one.settings.model_copy(update=nothing)
        with pytest.raises(signing.UnusableKey, match=f"ESSAIM_{setting} is no Ed25519 key"):
            build_app([one])
