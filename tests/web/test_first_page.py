"""Whoever comes in is shown what waits for her in every service, as far as these answer in time."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import gazette.main
import pytest
import sqlalchemy as sa
from essaim.broker.asking import AskFailed
from essaim.clock import SimulatedClock
from essaim.consortium.file import of_services
from essaim.consortium.partners import Consortium
from essaim.people import signing
from essaim.people.signing import Kind
from essaim.person import Person, Role
from essaim.running.presence import Absence, Presence
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.settings import Settings
from essaim.text.languages import Tongue
from essaim.web.app import build_app
from essaim.web.first_page import in_order
from essaim_contracts.questions import ComesNext, Question, ToDo, Waits, WhatWaits
from fastapi.testclient import TestClient
from pydantic import ValidationError
from signing import KEY, sign_in

# Nothing here depends on the kind of database.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Somebody = Callable[..., Person]
NOW = datetime(2020, 5, 7, 10, tzinfo=UTC)
HEARD = datetime(2020, 5, 7, 7, 12, tzinfo=UTC)
OTHER = Service(
    name="ledger",
    title="Registre",
    metadata=sa.MetaData(),
    hearing=gazette.main.service.hearing,
    routers=(),
)


def waits_here(_: sa.Connection, person: Person, now: datetime, tongue: Tongue) -> Waits:
    text = f"Une annonce de {person.name} à relire ({tongue.language})"
    return Waits(to_do=(ToDo(text=text, button="Relire", page="/pin"),))


@pytest.fixture
def service() -> Service:
    return replace(gazette.main.service, keeps_directory=True, waits_for=waits_here)


@pytest.fixture
def consortium(service: Service) -> Consortium:
    return of_services({"gazette": service, "ledger": OTHER})


@pytest.fixture
def runtime(
    service: Service, settings: Settings, clock: SimulatedClock, consortium: Consortium
) -> Iterator[Runtime]:
    runtime = Runtime(service, settings, clock=clock, consortium=consortium)
    yield runtime
    runtime.database.close()


@pytest.fixture
def browser(runtime: Runtime, somebody: Somebody) -> TestClient:
    browser = TestClient(build_app([runtime]), base_url="https://premices.example")
    sign_in(browser, somebody(Role.MENTOR).id, runtime)
    return browser


def answering(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, answer: Waits | AskFailed
) -> list[Mapping[str, WhatWaits]]:
    """What the partners were asked; the ledger answers so."""
    asked: list[Mapping[str, WhatWaits]] = []

    def ask(questions: Mapping[str, WhatWaits], _: float) -> dict[str, Waits | AskFailed]:
        asked.append(questions)
        return dict.fromkeys(questions, answer)

    monkeypatch.setattr(runtime, "ask_each", ask)
    return asked


def text_of(browser: TestClient) -> str:
    return unescape(browser.get("/").text).replace("\N{NO-BREAK SPACE}", " ")


@on_sqlite
def test_what_waits_is_shown_with_the_one_button_that_does_it_from_every_service(
    browser: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = Waits(
        to_do=(ToDo(text="Une feuille à clore", button="Ouvrir", page="/sheets/1?half=2"),),
        next=(ComesNext(text="Séance le 9 mai", page="/sessions/1"),),
    )
    asked = answering(runtime, monkeypatch, waits)

    page = text_of(browser)

    assert "Bonjour Camille Roussel" in page
    assert "<dt>Mentorat</dt>" in page
    assert "<dt>Coordination</dt>" not in page
    assert "Une annonce de Camille Roussel à relire (fr)" in page
    assert '<a class="act" href="/gazette/pin">Relire' in page
    assert '<a class="act" href="/ledger/sheets/1?half=2">Ouvrir' in page
    assert '<a href="/ledger/sessions/1">Séance le 9 mai</a>' in page
    (questions,) = asked
    proof = signing.read(
        signing.public_key_of(KEY), questions["ledger"].proof, Kind.QUESTION, "ledger"
    )
    assert proof is not None
    assert proof.until > datetime.now(UTC)


@on_sqlite
def test_a_partner_that_does_not_answer_is_named_with_since_when_and_nothing_breaks(
    browser: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(runtime, monkeypatch, AskFailed("essaim.ask.ledger.what_waits", "timeout"))
    monkeypatch.setattr(runtime, "presence", Heard())

    page = text_of(browser)

    assert "« Registre » n’a pas répondu à temps" in page
    assert "Entendu pour la dernière fois : jeudi 7 mai 2020 à 9 h 12" in page
    assert "Une annonce de Camille Roussel à relire" in page


class Heard(Presence):
    """Who heard the ledger once."""

    def __init__(self) -> None:
        self.heard = {"ledger": HEARD}

    def absences(self, now: datetime | None = None) -> list[Absence]:
        return []


@on_sqlite
def test_who_is_away_is_named_once(
    browser: TestClient,
    runtime: Runtime,
    consortium: Consortium,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(runtime, monkeypatch, AskFailed("essaim.ask.ledger.what_waits", "timeout"))
    away = [Absence(consortium.find("ledger"), HEARD)]
    monkeypatch.setattr(runtime, "absences", lambda: away)

    page = text_of(browser)

    assert page.count("« Registre »") == 1
    assert "n’a plus été entendu depuis jeudi 7 mai 2020 à 9 h 12" in page


def test_late_comes_first_then_what_is_due_soon_what_has_no_hour_and_what_is_due_later(
    consortium: Consortium,
) -> None:
    hours = {"later": 24 * 8, "soon": 24 * 7, "late": -1, "very late": -48}
    due = [
        ToDo(text=text, button="Faire", page="/", by=NOW + timedelta(hours=hour))
        for text, hour in hours.items()
    ]
    undated = ToDo(text="no hour", button="Faire", page="/")
    partner = consortium.keeping

    to_do, coming = in_order([(partner, Waits(to_do=(due[0], undated, *due[1:])))], NOW)

    assert [line.text for line in to_do] == ["very late", "late", "soon", "no hour", "later"]
    assert [line.is_late for line in to_do] == [True, True, False, False, False]
    assert coming == ()


@pytest.mark.parametrize(
    "page",
    [
        "sheets", "javascript:alert(1)", "//elsewhere.example/", "/a\\b", "/a b", "", "/..", "/./a",
        "/../ledger/sign-out", "/a/../../ledger", "/%2E%2e/ledger", "/%2e./ledger", "/a//b",
    ],
)  # fmt: skip
def test_a_button_leads_to_no_page_but_those_of_who_answers(page: str) -> None:
    with pytest.raises(ValidationError):
        ToDo(text="Une feuille", button="Ouvrir", page=page)


def test_a_button_leads_to_any_page_of_who_answers() -> None:
    for page in ("/", "/a.b/%C3%A9t%C3%A9?half=2&to=.%2e#sheets", "/?state=failed", "/a..b/"):
        assert ToDo(text="Une feuille", button="Ouvrir", page=page).page == page


@on_sqlite
def test_what_a_partner_wrote_is_cleaned_on_the_page_of_another(
    browser: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(
        "Une feuille\ud800\u0000 à \u202eclore \n<b>e\u0301</b>\u00a0: «\u00a0Été\u00a0»"
    )
    written = f'{{"to_do": [{{"text": {text}, "button": "Ouvrir\\u202e", "page": "/sheets"}}]}}'
    answer = WhatWaits(proof="p", language="fr").read_answer(written)
    assert isinstance(answer, Waits)
    answering(runtime, monkeypatch, answer)

    page = browser.get("/").text

    assert "Une feuille à clore &lt;b&gt;é&lt;/b&gt;\u00a0: «\u00a0Été\u00a0»" in page
    assert "\u202e" not in page


def test_a_line_that_is_too_long_is_cut_and_does_not_hide_the_others() -> None:
    assert len(ToDo(text="a" * 5000, button="Ouvrir", page="/").text) == 300


@on_sqlite
def test_whoever_is_not_signed_in_is_asked_nothing_about(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(runtime, monkeypatch, Waits())
    stranger = TestClient(build_app([runtime]), base_url="https://premices.example")

    assert "Qui tient quoi" in stranger.get("/").text
    assert asked == []


def test_the_question_names_each_service_where_it_is_asked() -> None:
    question: Question[Waits] = WhatWaits(proof="p", language="fr")

    assert question.subject_at("ledger") == "essaim.ask.ledger.what_waits"
