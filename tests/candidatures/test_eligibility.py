"""Questions before the form: they stop kindly, say where to go, and keep nothing of who stops."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from candidatures import store
from candidatures.commands.programme import import_programme
from candidatures.programme_file import read_programme
from essaim.running.runtime import Runtime
from essaim.text.file_errors import WrongFile
from essaim_contracts.candidatures import PartnerJoined
from fastapi.testclient import TestClient

from tests.candidatures.premices import CONTENT, OPEN, PROGRAMME, all_told, set_clock, the_call
from tests.candidatures.test_pages import hidden
from tests.candidatures.test_set_up_pages import CALL as PLACE
from tests.candidatures.test_set_up_pages import change, definition_of, text_of

ELIGIBLE = """\
        eligibility:
          - {code: region, label: "Votre projet est-il en Auvergne-Rhône-Alpes ?",
             stop: Cet appel est pour la région. Voyez Inter-Made., page: "https://exemple.fr/"}
          - code: form
            label: "Sous quelle forme ?"
            choices:
              - {code: coop, label: Coopérative, passes: true}
              - {code: assoc, label: Association, passes: true}
              - {code: other, label: Autre société}
            stop: Le parcours Starter vous accueille.
            track: starter
        questions:
"""
ASKED = PROGRAMME.replace("        questions:\n", ELIGIBLE)
CALL = "/candidatures/calls/premices-2020"
PASSING = {"eligibility-region": "yes", "eligibility-form": "assoc"}
Signs = Callable[..., dict[str, str]]
# What pages ask of the database is tested on both, beside what the API and the acts ask.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def page(premices: Runtime, browser: TestClient, asked: Any) -> TestClient:
    """A browser while the call is open that asks before its form."""
    with premices.work() as work:
        import_programme(work, read_programme(ASKED))
    set_clock(premices, OPEN)
    return browser


def answer(page: TestClient, **answers: str) -> Any:
    fields = hidden(text_of(page.get(f"{CALL}/eligible")))
    given = {f"eligibility-{code}": value for code, value in answers.items()}
    return page.post(f"{CALL}/eligible", data=fields | given)


@on_sqlite
def test_who_cannot_apply_is_told_where_to_go_and_nothing_is_kept(
    page: TestClient, premices: Runtime
) -> None:
    assert page.get(f"{CALL}/apply").headers["location"].endswith("/eligible")
    empty = answer(page)
    assert text_of(empty).count("Choisissez une réponse pour continuer.") >= 2

    stopped = text_of(answer(page, region="no", form="coop"))
    assert "Cet appel est pour la région. Voyez Inter-Made." in stopped
    assert 'href="https://exemple.fr/"' in stopped
    track = text_of(answer(page, region="yes", form="other"))
    assert "Le parcours qui vous convient : Starter, la couveuse." in track

    with premices.read() as db:
        assert store.application.counts_of_call(db, the_call(premices).id) == {}
    assert {type(fact) for fact in all_told(premices)} == {PartnerJoined}


@on_sqlite
def test_what_was_answered_goes_on_with_the_application(
    page: TestClient, premices: Runtime
) -> None:
    passed = answer(page, region="yes", form="assoc")
    address = passed.headers["location"]
    assert address.endswith("/apply?eligibility-region=yes&eligibility-form=assoc")

    form = page.get(address)
    fields = hidden_too(text_of(form))
    page.post(f"{CALL}/apply", data=fields | CONTENT)
    review = text_of(page.get(f"{CALL}/apply/review"))
    assert "Association" in review
    assert "Répondez d’abord" not in review


def hidden_too(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)"[^>]*value="([^"]*)"', html))


@on_sqlite
def test_a_draft_begun_before_the_question_was_asked_is_led_back_to_it(
    premices: Runtime, browser: TestClient, asked: Any
) -> None:
    set_clock(premices, OPEN)
    fields = hidden(text_of(browser.get(f"{CALL}/apply")))
    browser.post(f"{CALL}/apply", data=fields | CONTENT)
    with premices.work() as work:
        import_programme(work, read_programme(ASKED))

    form = text_of(browser.get(f"{CALL}/apply"))
    assert "Répondre aux questions d’avant le formulaire" in form
    sent = browser.post(f"{CALL}/apply", data=hidden(form) | CONTENT | {"action": "review"})
    assert "Répondez d’abord à « Sous quelle forme ? »" in text_of(sent)


@on_sqlite
def test_a_program_says_what_was_answered(page: TestClient) -> None:
    base = "/candidatures/api"
    started = page.post(f"{base}/calls/premices-2020/applications").json()
    secret, address = {"X-Draft-Token": started["token"]}, f"{base}/applications/{started['id']}"
    page.put(
        address, json={"version": 0, "eligibility": {"region": True, "form": "other"}},
        headers=secret,
    )  # fmt: skip
    refused = page.post(f"{address}/submit", headers=secret).json()["errors"]
    first = [one["field"] for one in refused if "Répondez d’abord" in one["message"]]
    assert first == ["eligibility-form"]


@on_sqlite
def test_such_a_question_is_made_in_pages(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    change(
        browser, as_, f"{PLACE}/eligibility", label__fr="Êtes-vous en Drôme ?", passes="no",
        stop__fr="Voyez le site de la Drôme.",
    )  # fmt: skip
    place = f"{PLACE}/eligibility/etes-vous-en-drome"
    call = definition_of(premices)["editions"][0]["calls"][0]
    assert call["eligibility"] == [
        {
            "code": "etes-vous-en-drome", "label": "Êtes-vous en Drôme ?", "passes": "no",
            "stop": "Voyez le site de la Drôme.",
        }
    ]  # fmt: skip
    refused = change(browser, as_, place, choices__0__label__fr="Oui", choices__1__label__fr="Non")
    assert "laisse passer tout le monde, ou personne" in text_of(refused)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("track: starter", "track: elsewhere", "unknown_code"),
        ("track: starter", "call: elsewhere", "unknown_code"),
        ("{code: other, label: Autre société}",
         "{code: other, label: Autre, passes: true}", "stops_nobody"),
        ('page: "https://exemple.fr/"', "page: nowhere", "bad_page_address"),
    ],
)  # fmt: skip
def test_where_such_a_question_leads_must_be_there(before: str, after: str, why: str) -> None:
    with pytest.raises(WrongFile) as refused:
        read_programme(ASKED.replace(before, after))

    assert [one.why.code for one in refused.value.errors] == [why]
