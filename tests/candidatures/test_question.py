"""Questions of every kind, asked of all or when an earlier answer says so."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from candidatures import store
from candidatures.application_form import check_application, read_content, sent_content
from candidatures.commands.programme import import_programme
from candidatures.programme_file import read_programme
from essaim.refusal import Refusals
from essaim.running.runtime import Runtime
from essaim.text.file_errors import WrongFile
from essaim_contracts.candidatures import ApplicationReceived
from fastapi.testclient import TestClient

from tests.candidatures.premices import CONTENT, OPEN, PDF, PROGRAMME, a_call, set_clock, told
from tests.candidatures.test_set_up_pages import CALL as PLACE
from tests.candidatures.test_set_up_pages import SETUP, change, definition_of, send, text_of

ASKED = """\
        sections:
          - {code: team, label: {fr: "L’équipe", en: The team}}
        questions:
          - {code: idea, label: Votre projet, kind: long_text, required: true, max_length: 600}
          - {code: several, label: "Êtes-vous plusieurs ?", kind: yes_no, section: team}
          - {code: who, label: Qui, kind: text, required: true, section: team,
             when: {several: [yes]}}
          - code: skills
            label: Métiers
            kind: choices
            section: team
            max: 2
            choices:
              - {code: bake, label: Boulanger}
              - {code: sell, label: Vendeuse}
              - {code: grow, label: Paysan}
          - {code: farm, label: La ferme, kind: file, required: true, section: team,
             allowed: [pdf], when: {skills: [grow], several: [yes]}}
          - {code: pay, label: Salaire, kind: range, min: 1, max: 10000, decimals: 2, unit: €}
          - {code: start, label: Début, kind: date, earliest: 2020-03-01, latest: 2020-12-31}
          - {code: where, label: "Où ?", kind: department}
          - {code: road, label: "La route du Rhône ?", kind: text, when: {where: ["69", "38"]}}
"""
_FROM, _TO = PROGRAMME.index("        questions:"), PROGRAMME.index("        documents:")
EVERY_KIND = PROGRAMME[:_FROM] + ASKED + PROGRAMME[_TO:]
FORM_CALL = a_call(EVERY_KIND)
FORM = "/candidatures/calls/premices-2020/apply"
Signs = Callable[..., dict[str, str]]

# What pages ask of the database is tested on both, beside what the API and the acts ask.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def asked(content: dict[str, str]) -> list[str]:
    return [one.code for one in FORM_CALL.asked_in(content)]


@pytest.mark.parametrize(
    ("code", "typed", "kept", "words"),
    [
        ("skills", ["bake", "grow"], "bake,grow", "Boulanger, Paysan"),
        ("skills", "sell", "sell", "Vendeuse"),
        ("pay", ["1 500", "2000,50"], "1500..2000.5", "de 1\u202f500 à 2\u202f000,5\u00a0€"),
        ("pay", {"from": 2, "to": "3"}, "2..3", "de 2 à 3\u00a0€"),
        ("pay", ["", ""], "", ""),
        ("start", "2020-03-01", "2020-03-01", "1er mars 2020"),
        ("start", "1/4/2020", "2020-04-01", "1er avril 2020"),
        ("start", "bientôt", "bientôt", "bientôt"),
        ("where", "2A", "2A", "Corse-du-Sud (2A)"),
        ("several", False, "no", "Non"),
    ],
)
def test_an_answer_is_kept_in_one_form_and_read_in_words(
    code: str, typed: object, kept: str, words: str
) -> None:
    content = read_content(FORM_CALL, {f"answer-{code}": typed})
    question = FORM_CALL.question(code)

    assert question is not None
    assert content == {f"answer-{code}": kept}
    assert question.in_words(kept, "fr") == words


@pytest.mark.parametrize(
    ("code", "kept", "why"),
    [
        ("skills", "bake,steal", "not_offered"),
        ("skills", "bake,sell,grow", "choices_out_of_bounds"),
        ("pay", "2..", "half_a_range"),
        ("pay", "5..2", "range_reversed"),
        ("pay", "0..2", "not_a_number"),
        ("pay", "2", "half_a_range"),
        ("start", "2020-02-29", "day_too_early"),
        ("start", "2021-01-01", "day_too_late"),
        ("start", "31/02/2020", "not_a_day"),
        ("where", "75", "not_offered"),
    ],
)
def test_what_is_not_asked_for_is_said_at_its_field(code: str, kept: str, why: str) -> None:
    with pytest.raises(Refusals) as refused:
        check_application(FORM_CALL, {**CONTENT, f"answer-{code}": kept}, {"summary"})

    said = {"half_a_range": "missing"}.get(why, why)
    assert [(one.field, one.code) for one in refused.value.all] == [(f"answer-{code}", said)]


def test_a_question_is_asked_when_an_earlier_answer_says_so() -> None:
    several = {"answer-several": "yes"}

    assert "who" not in asked({})
    assert {"who", "farm"} & set(asked(several)) == {"who"}
    assert "farm" in asked(several | {"answer-skills": "bake,grow"})
    assert "farm" not in asked({"answer-skills": "grow"})
    assert "road" in asked({"answer-where": "38"})


def test_what_was_answered_to_a_question_that_is_not_asked_is_not_kept() -> None:
    typed = {**CONTENT, "answer-who": "Dora et Paul", "answer-several": "no"}

    assert check_application(FORM_CALL, typed, {"summary"}).answers["several"] == "no"
    assert "answer-who" not in sent_content(FORM_CALL, typed)
    assert sent_content(FORM_CALL, typed | {"answer-several": "yes"})["answer-who"]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (
            "yes_no, section",
            "yes_no, when: {skills: [bake]}, section",
            "condition_not_earlier",
        ),
        ("when: {several: [yes]}}", "when: {who: [x]}}", "condition_not_earlier"),
        ("when: {several: [yes]}}", "when: {idea: [x]}}", "condition_untelling"),
        ("skills: [grow], several", "skills: [fish], several", "condition_unknown_answer"),
        ("kind: yes_no, section: team", "kind: yes_no, section: staff", "unknown_code"),
        ("kind: range, min: 1", "kind: text, min: 1", "bounds_unwanted"),
        ("kind: date, earliest", "kind: text, earliest", "days_unwanted"),
        ("latest: 2020-12-31", "latest: 2020-01-31", "days_order"),
        ("kind: department}", "kind: department, max_mb: 2}", "files_unwanted"),
        ("{code: farm,", "{code: proof,", "code_twice"),
        ("max: 2\n", "min: 3\n            max: 2\n", "bounds_order"),
    ],
)
def test_a_file_whose_questions_do_not_hold_together_says_where(
    before: str, after: str, why: str
) -> None:
    assert before in EVERY_KIND
    with pytest.raises(WrongFile) as refused:
        read_programme(EVERY_KIND.replace(before, after, 1))

    assert [one.why.code for one in refused.value.errors] == [why]


@pytest.fixture
def every_kind(premices: Runtime) -> Runtime:
    """The call with a question of every kind, open."""
    with premices.work() as work:
        import_programme(work, read_programme(EVERY_KIND))
    set_clock(premices, OPEN)
    return premices


@on_sqlite
def test_questions_of_every_kind_are_answered_in_the_page_without_a_script(
    every_kind: Runtime, browser: TestClient, as_: Signs, asked: Any
) -> None:
    answers = {
        "answer-several": "yes",
        "answer-who": "Dora et Paul",
        "answer-skills": ["bake", "grow"],
        "answer-pay": ["1 500", "2000"],
        "answer-start": "2020-04-01",
        "answer-where": "69",
        "answer-road": "",
    }
    shown = text_of(browser.get(FORM))
    assert "Si vous avez répondu « Oui » à « Êtes-vous plusieurs ? »." in shown
    assert "Si vous avez répondu « Isère (38) »" not in shown, "in the order of the file"
    assert shown.index("Début") < shown.index("L’équipe</h2>") < shown.index("Métiers")

    refused = browser.post(FORM, data=sent(browser, answers) | {"action": "review"})
    assert "Ajoutez ce document" in text_of(refused)
    assert 'value="1500"' in text_of(refused)
    browser.post(
        FORM,
        data=sent(browser, answers) | {"action": "review"},
        files={
            "document-farm": ("ferme.pdf", BytesIO(PDF), "application/pdf"),
            "document-summary": ("résumé.pdf", BytesIO(PDF), "application/pdf"),
        },
    )
    review = text_of(browser.get(f"{FORM}/review"))
    for words in (
        "Boulanger, Paysan",
        "1er avril 2020",
        "Rhône (69)",
        "ferme.pdf",
        "à 2\u202f000 €",
    ):
        assert words in review, words

    browser.post(FORM, data=sent(browser, answers | {"answer-several": "no"}))
    browser.post(f"{FORM}/submit", data=hidden(text_of(browser.get(f"{FORM}/review"))))
    with every_kind.read() as db:
        draft = store.application.get(db, told(every_kind, ApplicationReceived)[-1].application_id)
        assert list(store.document.of_application(db, draft.id)) == ["summary"]
    assert draft.number == "PREM-2020-0001"
    file = "/candidatures/calls/premices-2020/applications?format=csv"
    exported = browser.get(file, headers=as_("alix")).text
    assert "Métiers" in exported.splitlines()[0]
    assert "Boulanger, Paysan" in exported
    assert "Boulanger" not in browser.get(file, headers=as_("basile")).text
    assert "answer-who" not in draft.content


def hidden(html: str) -> dict[str, Any]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]*value="([^"]*)"', html))


def sent(browser: TestClient, answers: dict[str, Any]) -> dict[str, Any]:
    return hidden(text_of(browser.get(FORM))) | CONTENT | answers


@on_sqlite
def test_a_question_is_made_to_depend_on_another_in_pages(
    every_kind: Runtime, browser: TestClient, as_: Signs
) -> None:
    made = change(
        browser, as_, f"{PLACE}/questions", label__fr="Avec qui ?", kind="text",
        section="team", when=["several=yes", "skills=bake", "skills=grow"],
    )  # fmt: skip
    assert made.status_code == 303, text_of(made)
    call = definition_of(every_kind)["editions"][0]["calls"][0]
    assert call["questions"][-1]["when"] == {"several": ["yes"], "skills": ["bake", "grow"]}

    place = f"{PLACE}/questions/several"
    shown = browser.get(f"{SETUP}/part/{PLACE}", headers=as_("alix")).text
    form = shown[shown.index(f"/order/{place}") :]
    data = hidden(form[: form.index("</form>")])
    refused = browser.post(
        f"{SETUP}/order/{place}", data=data | {"act": "remove"}, headers=as_("alix")
    )
    assert "« avec-qui » dépend de « several »" in text_of(refused)
    other = send(browser, as_, f"{SETUP}/part/{place}", kind="text")
    assert "gardez un choix, oui ou non" in text_of(other)


@on_sqlite
def test_a_program_answers_questions_of_every_kind(
    every_kind: Runtime, browser: TestClient
) -> None:
    base = "/candidatures/api"
    started = browser.post(f"{base}/calls/premices-2020/applications").json()
    secret = {"X-Draft-Token": started["token"]}
    address = f"{base}/applications/{started['id']}"
    answers = {
        "skills": ["sell"], "pay": {"from": 2, "to": 3.5}, "several": True, "start": "2020-05-01",
    }  # fmt: skip
    saved = browser.put(address, json={"version": 0, "answers": answers}, headers=secret)
    assert saved.status_code == 200, saved.text
    content = browser.get(address, headers=secret).json()["content"]
    assert content == {
        "answer-skills": "sell", "answer-pay": "2..3.5", "answer-several": "yes",
        "answer-start": "2020-05-01",
    }  # fmt: skip
    call = browser.get(f"{base}/calls/premices-2020").json()
    assert [one["code"] for one in call["sections"]] == ["team"]
