"""A coordinator sets a programme up in pages: partners, people, editions, calls."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from candidatures import commands, store
from candidatures.commands.programme import import_programme
from candidatures.programme_file import read_programme
from essaim.ids import new_id, stable_id
from essaim.people import directory
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import PartnerJoined
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    AFTER,
    OPEN,
    PROGRAMME,
    a_draft,
    received,
    set_clock,
    told,
)

# What pages ask of the database is tested on both, beside what the API and the acts ask.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SETUP = "/candidatures/setup/premices"
CALL = "editions/1/calls/premices-2020"
Signs = Callable[..., dict[str, str]]


def fields_of(html: str) -> dict[str, Any]:
    """What a browser would send of the form that changes a part: inputs, texts, choices."""
    html = unescape(html)
    form = html[html.index('id="part"') :]
    form = form[: form.index("</form>")]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, kind = re.search(r'name="([^"]*)"', tag), re.search(r'type="(\w+)', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and (kind is None or kind[1] not in ("checkbox", "radio") or " checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.S
    ):
        found[name] = text
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def change(page: TestClient, as_: Signs, place: str, **answers: Any) -> Any:
    """Open the page of a part, write these answers over what stands there, and save."""
    way = "new" if len(place.split("/")) % 2 and place != "programme" else "part"
    return send(page, as_, f"{SETUP}/{way}/{place}", **answers)


def send(page: TestClient, as_: Signs, address: str, **answers: Any) -> Any:
    headers = as_("alix")
    shown = page.get(address, headers=headers)
    assert shown.status_code == 200, shown.text[:300]
    answers = {name.replace("__", "."): value for name, value in answers.items()}
    return page.post(address, data=fields_of(shown.text) | answers, headers=headers)


def text_of(answer: Any) -> str:
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def definition_of(runtime: Runtime) -> dict[str, Any]:
    with runtime.read() as db:
        return commands.programme.definition(db, "premices")


EVERY_PART = [
    "programme", "organisations/grap", "organisations/jourlin", "people/alix", "people/ops",
    "editions/1", CALL, f"{CALL}/questions/idea", f"{CALL}/questions/stage",
    f"{CALL}/questions/people", f"{CALL}/documents/summary", f"{CALL}/criteria/ess",
    "editions/1/prizes/money",
]  # fmt: skip


@pytest.mark.parametrize("place", EVERY_PART)
def test_a_form_sent_as_it_was_shown_changes_nothing(
    premices: Runtime, browser: TestClient, as_: Signs, place: str
) -> None:
    before = definition_of(premices)
    answer = change(browser, as_, place)
    assert answer.status_code == 303, text_of(answer)[-3000:]
    assert definition_of(premices) == before


def test_a_programme_changes_in_its_page(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    change(
        browser, as_, "programme", contact__email="bonjour@exemple.fr",
        sectors__2__label__fr="Énergie", sectors__2__label__en="Energy", departments=["38", "2A"],
    )  # fmt: skip
    head = definition_of(premices)["programme"]
    assert head["contact"] == {"email": "bonjour@exemple.fr"}
    assert head["sectors"][2] == {"code": "energie", "label": {"fr": "Énergie", "en": "Energy"}}
    assert head["departments"] == ["38", "2A"]
    refused = change(browser, as_, "programme", rules="pas une page")
    assert refused.status_code == 422
    assert "« pas une page » n’est pas l’adresse d’une page" in text_of(refused)


def test_a_partner_joins_in_a_page_and_is_announced(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    change(browser, as_, "organisations", name="La Nef", commitments=["funder", "contributor"])
    last = told(premices, PartnerJoined)[-1]
    assert (last.name, sorted(last.commitments)) == ("La Nef", ["contributor", "funder"])
    refused = change(browser, as_, "organisations", name="Sans engagement")
    assert "Il faut une réponse ici." in text_of(refused)
    assert 'value="Sans engagement"' in text_of(refused), "what was written is still there"


def test_a_person_gets_a_role_and_loses_it_on_a_day(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    change(
        browser, as_, "people", name="Élodie Exemple", email="elodie@exemple.fr",
        roles__0__role="mentor", roles__0__organisation="grap", roles__0__since="2020-01-01",
    )  # fmt: skip
    with premices.read() as db:
        elodie = directory.find_person(db, stable_id("premices", "person", "elodie-exemple"))
    assert elodie is not None
    assert [held.role for held in elodie.roles] == [Role.MENTOR]
    change(browser, as_, "people/elodie-exemple", roles__0__until="2020-06-30")
    refused = change(browser, as_, "people/elodie-exemple", roles__0__until="2019-06-30")
    assert "avant de commencer" in text_of(refused)
    with premices.read() as db:
        elodie = directory.find_person(db, elodie.id)
    assert elodie is not None
    assert str(elodie.roles[0].until) == "2020-06-30"


def test_a_coordinator_makes_nobody_an_operator(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    page = browser.get(f"{SETUP}/part/people/basile", headers=as_("alix"))
    assert 'value="operator"' not in page.text
    refused = change(browser, as_, "people/basile", roles__0__role="operator")
    assert refused.status_code == 403


def test_somebody_who_changed_her_name_herself_keeps_it(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    with premices.work() as work:
        basile = commands.person.get(work, stable_id("premices", "person", "basile"))
        commands.person.correct(work, basile.id, basile, {"name": "Basile Nouveau"})
    assert (
        'value="Basile Nouveau"'
        in browser.get(f"{SETUP}/part/people/basile", headers=as_("alix")).text
    )
    change(browser, as_, "people/basile", roles__1__role="speaker")
    with premices.read() as db:
        found = directory.find_person(db, basile.id)
    assert found is not None
    assert (found.name, len(found.roles)) == ("Basile Nouveau", 2)


def test_a_call_is_made_question_by_question_and_seen_as_who_applies(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    made = change(
        browser, as_, "editions/1/calls", title__fr="Appel d’été", track_code="Prémices",
        opens_at="2020-06-01T09:00", closes_at="2020-07-01T18:00",
    )  # fmt: skip
    place = "editions/1/calls/appel-d-ete"
    assert made.headers["location"].endswith(f"/part/{place}")
    change(
        browser,
        as_,
        f"{place}/questions",
        label__fr="Depuis quand ?",
        kind="number",
        min="0,5",
        decimals="1",
    )
    change(
        browser, as_, f"{place}/questions", label__fr="Où ?", kind="choice", required="true",
        choices__0__label__fr="Ville", choices__1__label__fr="Campagne",
    )  # fmt: skip
    change(browser, as_, f"{place}/criteria", label__fr="Utilité", weight="1,5")
    refused = change(browser, as_, f"{place}/questions", label__fr="Quoi ?", kind="choice")
    assert "Un choix a au moins deux réponses proposées" in text_of(refused)

    with premices.read() as db:
        call = store.call.get(db, "appel-d-ete")
    assert [(one.code, one.required) for one in call.questions] == [
        ("depuis-quand", False),
        ("ou", True),
    ]
    assert [one.code for one in call.questions[1].choices] == ["ville", "campagne"]
    assert (call.track_code, call.criteria[0].weight) == ("premices", 1.5)
    seen = browser.get("/candidatures/calls/appel-d-ete/preview", headers=as_("alix"))
    assert "Depuis quand ?" in text_of(seen)
    assert "<fieldset disabled>" in seen.text


def test_questions_are_put_in_order_and_taken_out(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    def codes() -> list[str]:
        call = definition_of(premices)["editions"][0]["calls"][0]
        return [one["code"] for one in call["questions"]]

    def press(code: str, act: str) -> Any:
        page = text_of(browser.get(f"{SETUP}/part/{CALL}", headers=as_("alix")))
        form = page[page.index(f"/order/{CALL}/questions/{code}") :]
        fields = dict(
            re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
        )
        data = fields | {"act": act}
        return browser.post(
            f"{SETUP}/order/{CALL}/questions/{code}", data=data, headers=as_("alix")
        )

    before = codes()
    assert press(before[1], "up").status_code == 303
    assert codes()[:2] == [before[1], before[0]]
    press(before[1], "down")
    press(before[2], "remove")
    assert codes() == [*before[:2], *before[3:]]


def test_what_somebody_changed_meanwhile_is_not_written_over(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    old = fields_of(browser.get(f"{SETUP}/part/organisations/grap", headers=as_("alix")).text)
    change(browser, as_, "organisations/grap", name="GRAP, coopérative")
    late = browser.post(
        f"{SETUP}/part/organisations/grap", data=old | {"name": "Grap tard"}, headers=as_("alix")
    )
    assert late.status_code == 409
    assert 'value="Grap tard"' in late.text
    assert "GRAP, coopérative" in late.text, "beside what is there now"
    assert definition_of(premices)["organisations"][0]["name"] == "GRAP, coopérative"


def test_an_open_call_is_prolonged_and_nothing_else_of_its_frame_moves(
    open_call: Runtime, browser: TestClient, as_: Signs
) -> None:
    received(open_call, 1)
    open_call.run_timers()
    page = browser.get(f"{SETUP}/part/{CALL}", headers=as_("alix"))
    assert "Cet appel est ouvert" in text_of(page)
    assert change(browser, as_, CALL, closes_at="2020-02-01T18:00").status_code == 303
    refused = change(browser, as_, CALL, opens_at="2019-11-20T09:00")
    assert refused.status_code == 422
    assert "ceci ne change plus" in text_of(refused)
    odd = change(browser, as_, CALL, kind="autre", track_code="autre", places="beaucoup")
    assert odd.status_code == 422
    assert 'name="kind" value="call"' in odd.text, "what does not change is shown as it is"


def test_a_new_edition_is_a_copy_whose_dates_are_shown_first(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    address = f"{SETUP}/next-edition"
    page = text_of(browser.get(address, headers=as_("alix")))
    assert "13 novembre 2020 à 9 h 00" in page, "a Friday, as the year before"
    fields = dict(
        re.findall(
            r'type="hidden" name="(\w+)"[^>]*value="([^"]*)"',
            page[page.index('method="post" action="/candidatures/setup/premices/next') :],
        )
    )
    assert browser.post(address, data=fields, headers=as_("alix")).status_code == 303
    first, second = definition_of(premices)["editions"]
    assert (second["number"], second["year"]) == ("2", "2021")
    (call,) = second["calls"]
    assert call["slug"] == "premices-2021"
    assert call["questions"] == first["calls"][0]["questions"]
    assert call["title"] == {"fr": "Appel Prémices 2021", "en": "Prémices call 2021"}
    assert "prizes" not in second


def test_an_operator_opens_a_programme_in_a_page(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    said = {
        "name": "Été des coops",
        "steward": "La Coop",
        "coordinator": "Zoé",
        "email": "zoe@exemple.fr",
    }
    for sent, status in ((said, 303), (said, 409), (said | {"email": "zoe"}, 422)):
        answer = browser.post("/candidatures/new-programme", data=sent, headers=as_("ops"))
        assert answer.status_code == status
    with premices.read() as db:
        assert store.programme.get(db, "ete-des-coops").name == "Été des coops"
    refused = browser.post("/candidatures/new-programme", data=said, headers=as_("alix"))
    assert refused.status_code == 403


def test_a_file_is_brought_in_once_what_it_changes_was_seen(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    file = PROGRAMME.replace("name: GRAP", "name: GRAP SCIC")
    sent = {"file": ("programme.yaml", file.encode(), "application/yaml")}
    shown = browser.post("/candidatures/import", files=sent, headers=as_("ops"))
    assert "organisation grap" in text_of(shown)
    assert definition_of(premices)["organisations"][0]["name"] == "GRAP"
    done = browser.post(
        "/candidatures/import", data={"text": file, "confirmed": "yes"}, headers=as_("ops")
    )
    assert done.status_code == 303
    assert definition_of(premices)["organisations"][0]["name"] == "GRAP SCIC"
    broken = {"file": ("x.yaml", b"programme: \xff", "application/yaml")}
    assert "Ligne 1" in text_of(
        browser.post("/candidatures/import", files=broken, headers=as_("ops"))
    )


def test_a_large_file_is_confirmed_and_a_form_holds_thousands_of_ticks(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    file = PROGRAMME.replace("name: GRAP", "name: GRAP SCIC")
    file += "# é\n" * 100_000
    ticks = {f"tick-{nth}": "on" for nth in range(2000)}
    done = browser.post(
        "/candidatures/import", data={"text": file, "confirmed": "yes"} | ticks, headers=as_("ops")
    )
    assert done.status_code == 303, text_of(done)[-2000:]
    assert definition_of(premices)["organisations"][0]["name"] == "GRAP SCIC"


def test_no_row_is_lost_of_a_list_however_long_and_what_one_lacks_is_asked_for(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    many = {f"sectors__{nth}__label__fr": f"Secteur {nth}" for nth in range(2, 260)}
    assert change(browser, as_, "programme", **many).status_code == 303
    assert change(browser, as_, "programme", steward="ur-scop").status_code == 303
    assert len(definition_of(premices)["programme"]["sectors"]) == 260
    refused = change(browser, as_, CALL, sections__0__hint__fr="Une aide sans titre")
    assert refused.status_code == 422
    assert "Une aide sans titre" in text_of(refused)


def test_a_programme_leaves_as_a_file(premices: Runtime, browser: TestClient, as_: Signs) -> None:
    answer = browser.get(f"{SETUP}/file", headers=as_("alix"))
    assert "premices.yaml" in answer.headers["content-disposition"]
    with premices.work() as work:
        assert import_programme(work, read_programme(answer.content)).changes == ()


def test_the_committee_works_in_rounds_that_pages_say(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    change(
        browser, as_, CALL, rounds__0__title__fr="Sur dossier", rounds__0__anonymous="true",
        rounds__0__criteria=["ess", "maturity"], rounds__1__criteria=["autonomy"], quorum="3",
    )  # fmt: skip
    change(browser, as_, f"{CALL}/criteria", label__fr="Utilité", weight="1")
    change(browser, as_, f"{CALL}/questions/idea", identifying="true")
    with premices.read() as db:
        call = store.call.get(db, "premices-2020")
    assert [one.criteria for one in call.rounds] == [("ess", "maturity"), ("autonomy", "utilite")]
    assert [one.anonymous for one in call.rounds] == [True, False]
    assert (call.quorum, call.questions[0].identifying) == (3, True)
    refused = change(browser, as_, CALL, rounds__1__criteria=["ess"])
    assert "Chaque critère se note dans un tour, et dans un seul." in text_of(refused)


def test_a_telephone_that_is_not_this_programmes_to_know_is_not_shown(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    with premices.work() as work:
        found = Person(new_id(), "Wanda", "wanda@example.org", phone="04 11 22 33 44",
                       roles=(RoleHeld(Role.MENTOR, "autre"),), email_proved=True)  # fmt: skip
        work.share(found)
    change(browser, as_, "people", name="Wanda", email="wanda@example.org",
           roles__0__role="speaker")  # fmt: skip
    page = browser.get(f"{SETUP}/part/people/wanda", headers=as_("alix"))
    assert 'value="wanda@example.org"' in page.text
    assert "04 11 22 33 44" not in page.text


def test_whatever_a_programme_calls_its_parts_is_text_on_every_page(
    premices: Runtime, four: list[UUID], browser: TestClient, as_: Signs
) -> None:
    odd = "<b>Bio à 50 %</b> %(name)s {number} %"
    change(browser, as_, "programme", sectors__0__label__fr=odd)
    change(browser, as_, f"{CALL}/criteria/ess", label__fr=odd)
    change(browser, as_, "people/basile", name=odd)
    set_clock(premices, AFTER)
    pages = ("applications", "ranking", "assignment", "pack", "minutes", "decisions")
    for page in ("", *(f"/{one}" for one in pages)):
        for language in ("fr", "en"):
            headers = as_("alix") | {"Accept-Language": language}
            answer = browser.get(f"/candidatures/calls/premices-2020{page}", headers=headers)
            assert answer.status_code == 200, page
            assert "<b>Bio" not in answer.text, page
    shown = text_of(browser.get("/candidatures/calls/premices-2020/ranking", headers=as_("alix")))
    assert odd in shown


@pytest.fixture
def begun(premices: Runtime, browser: TestClient) -> TestClient:
    """A draft whose every answer is there, of the open call."""
    set_clock(premices, OPEN)
    a_draft(premices, **{"answer-coop": "yes"})
    return browser


def test_a_change_says_what_it_does_to_drafts_before_it_is_made(
    begun: TestClient, premices: Runtime, as_: Signs
) -> None:
    asked = change(
        begun, as_, f"{CALL}/questions", label__fr="Avec qui ?", kind="text", required="true"
    )
    shown = text_of(asked)
    assert "1 brouillon devra répondre à « Avec qui ? »." in shown
    questions = definition_of(premices)["editions"][0]["calls"][0]["questions"]
    assert "avec-qui" not in [one["code"] for one in questions], "nothing is done yet"

    form = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown)
    headers = as_("alix")
    done = begun.post(f"{SETUP}/new/{CALL}/questions", data=dict(form), headers=headers)
    assert done.status_code == 303, text_of(done)
    questions = definition_of(premices)["editions"][0]["calls"][0]["questions"]
    assert questions[-1]["label"] == "Avec qui ?"


def test_a_question_that_drafts_answered_is_not_taken_out_unsaid(
    begun: TestClient, premices: Runtime, as_: Signs
) -> None:
    page = begun.get(f"{SETUP}/part/{CALL}", headers=as_("alix")).text
    form = page[page.index(f"/order/{CALL}/questions/coop") :]
    data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[: form.index("</form>")]))
    address = f"{SETUP}/order/{CALL}/questions/coop"
    asked = begun.post(address, data=data | {"act": "remove"}, headers=as_("alix"))
    assert "1 brouillon perd ce qu’il répondait à « Déjà une coopérative ? »." in text_of(asked)


def test_what_drafts_do_not_feel_is_saved_at_once(begun: TestClient, as_: Signs) -> None:
    saved = change(begun, as_, f"{CALL}/questions", label__fr="Autre ?", kind="text")
    assert saved.status_code == 303


def test_a_partner_is_foreseen_then_confirmed_then_ended(
    premices: Runtime, browser: TestClient, as_: Signs
) -> None:
    before = len(told(premices, PartnerJoined))
    change(
        browser, as_, "organisations", name="La Nef", commitments=["funder"], status="foreseen",
        terms__0__commitment="funder", terms__0__detail__fr="Une garantie d’un an",
        terms__0__since="2020-03-01", terms__0__until="2021-02-28",
    )  # fmt: skip
    public = "/candidatures/programmes/premices"
    assert len(told(premices, PartnerJoined)) == before, "nobody hears of who is only hoped for"
    assert "La Nef" not in text_of(browser.get(public))

    change(browser, as_, "organisations/la-nef", status="confirmed")
    assert told(premices, PartnerJoined)[-1].commitments == ("funder",)
    assert "(Une garantie d’un an)" in text_of(browser.get(public))

    change(browser, as_, "organisations/la-nef", status="ended", left_on="2021-02-28")
    last = told(premices, PartnerJoined)[-1]
    assert (last.commitments, last.joined_on.isoformat()) == ((), "2021-03-01")
    assert "La Nef" not in text_of(browser.get(public))
    refused = change(browser, as_, "organisations/la-nef", terms__0__commitment="mentor")
    assert "qui n’est pas coché plus haut" in text_of(refused)
