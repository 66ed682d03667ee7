"""What passes between the coordination and who applied: completions asked, messages."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import signing
from candidatures import commands, store
from candidatures.answers import what_waits
from candidatures.files import sweep_once
from essaim.ids import stable_id
from essaim.people.directory import find_person
from essaim.running.runtime import Runtime
from essaim.text.languages import tongue_of
from essaim_contracts.correspondence import ApplicationCorrected, CorrectionAsked, NoteLeft
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    AFTER,
    CONTENT,
    PDF,
    decide_all,
    everything_told,
    set_clock,
    told,
)

As = Callable[..., dict[str, str]]
API = "/candidatures/api"
DAY = "2020-02-20"
ALIX = stable_id("premices", "person", "alix")
OTHER = b"%PDF-1.7\n% un autre\n%%EOF\n"


def bearer_id(runtime: Runtime, application_id: UUID) -> UUID:
    with runtime.read() as db:
        bearer = store.application.get(db, application_id).bearer_id
    assert bearer is not None
    return bearer


def bearer_of(runtime: Runtime, application_id: UUID) -> dict[str, str]:
    return signing.bearer("candidatures", bearer_id(runtime, application_id))


def text_of(answer: Any) -> str:
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")


def ask(browser: TestClient, headers: dict[str, str], of: UUID, **more: object) -> Any:
    asked = {"fields": ["answer-idea", "document-summary"], "open_until": DAY} | more
    return browser.post(f"{API}/applications/{of}/corrections", json=asked, headers=headers)


def waiting_for(runtime: Runtime, person_id: UUID) -> list[str]:
    with runtime.read() as db:
        person = find_person(db, person_id)
        assert person is not None
        waits = what_waits(db, person, runtime.clock.now(), tongue_of("candidatures", "fr"))
    return [one.text for one in waits.to_do]


def test_what_is_asked_and_sent_becomes_the_application_and_the_former_is_kept(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    asked = ask(browser, as_("alix"), four[0]).json()["id"]
    hers, place = bearer_of(premices, four[0]), f"{API}/applications/{four[0]}/corrections/{asked}"
    new = {"version": 0, "content": {"answer-idea": "Du pain bio.", "project_title": "Autre"}}
    assert browser.put(place, json=new, headers=hers).json() == {"version": 1}
    file = {"file": ("nouveau.pdf", OTHER, "application/pdf")}
    assert browser.put(f"{place}/documents/summary", files=file, headers=hers).status_code == 200
    with premices.read() as db:
        assert store.application.get(db, four[0]).content["answer-idea"] == CONTENT["answer-idea"]

    assert browser.post(f"{place}/send", headers=hers).status_code == 204

    with premices.read() as db:
        found = store.application.get(db, four[0])
        documents = store.document.of_application(db, found.id)
        (done,) = store.correction.of_application(db, found.id)
        former = store.correction.documents_of(db, done.id, former=True)
    assert found.content["answer-idea"] == "Du pain bio."
    assert found.content["project_title"] == "Projet fictif 1", "it was not asked"
    assert documents["summary"].filename == "nouveau.pdf"
    assert done.before["answer-idea"] == CONTENT["answer-idea"]
    (corrected,) = told(premices, ApplicationCorrected)
    assert corrected.number == found.number
    sweep_once(premices, strays=True)
    assert premices.documents.path_of(former["summary"].sha256).read_bytes() == PDF
    again = browser.post(f"{place}/send", headers=hers)
    assert again.json()["code"] == "correction_ended"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestCompletions:
    def test_her_page_opens_what_was_asked_and_nothing_else(
        self, browser: TestClient, premices: Runtime, four: list[UUID], as_: As
    ) -> None:
        own, hers = f"/candidatures/applications/{four[0]}", bearer_of(premices, four[0])
        form = {
            "fields": ["answer-idea", "document-summary"],
            "open_until": DAY,
            "words": "Dites combien vous êtes.",
        }
        asking = browser.post(f"{own}/corrections", data=form, headers=as_("alix"))
        assert asking.status_code == 303
        page = text_of(browser.get(own, headers=hers))
        assert "La main est à vous" in page
        assert "Dites combien vous êtes." in page
        assert "La main est à qui a candidaté" in text_of(browser.get(own, headers=as_("alix")))
        asked = text_of(browser.get(f"{own}/correction", headers=hers))
        assert 'name="answer-idea"' in asked
        assert 'name="document-summary"' in asked
        assert 'name="answer-stage"' not in asked
        assert browser.get(f"{own}/correction", headers=as_("alix")).status_code == 404
        assert any(
            "compléments" in one for one in waiting_for(premices, bearer_id(premices, four[0]))
        )

    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
        self, browser: TestClient, premices: Runtime, four: list[UUID], as_: As
    ) -> None:
        ask(browser, as_("alix"), four[0])
        own, hers = f"/candidatures/applications/{four[0]}", bearer_of(premices, four[0])
        long = {"version": "0", "answer-idea": "é" * 601, "action": "send"}
        file = {"document-summary": ("nouveau.pdf", OTHER, "application/pdf")}
        refused = browser.post(f"{own}/correction", data=long, files=file, headers=hers)
        assert refused.status_code == 422
        assert "601 caractères" in text_of(refused)
        assert "nouveau.pdf" in text_of(refused), "the file is kept"
        right = {"version": "1", "answer-idea": "Du pain bio.", "action": "send"}
        sent = browser.post(f"{own}/correction", data=right, headers=hers)
        assert sent.status_code == 303
        page = text_of(browser.get(own, headers=as_("basile")))
        assert "Du pain de village" in page, "the committee reads what changed"
        assert "Du pain bio." in page

    def test_another_page_that_saved_meanwhile_is_not_overwritten(
        self, browser: TestClient, premices: Runtime, four: list[UUID], as_: As
    ) -> None:
        ask(browser, as_("alix"), four[0])
        own, hers = f"/candidatures/applications/{four[0]}", bearer_of(premices, four[0])
        first = {"version": "0", "answer-idea": "Du pain bio.", "action": "save"}
        assert browser.post(f"{own}/correction", data=first, headers=hers).status_code == 303
        stale = first | {"answer-idea": "Du pain complet."}
        refused = browser.post(f"{own}/correction", data=stale, headers=hers)
        assert refused.status_code == 409
        assert "Du pain complet." in text_of(refused)
        with premices.read() as db:
            (kept,) = store.correction.of_application(db, four[0])
        assert kept.after["answer-idea"] == "Du pain bio."

    def test_past_the_last_day_her_text_may_still_go_as_a_message(
        self, browser: TestClient, premices: Runtime, four: list[UUID], as_: As
    ) -> None:
        asked = ask(browser, as_("alix"), four[0]).json()["id"]
        own, hers = f"/candidatures/applications/{four[0]}", bearer_of(premices, four[0])
        set_clock(premices, AFTER + timedelta(days=30))
        late = {"version": "0", "answer-idea": "Du pain bio.", "action": "send"}
        refused = browser.post(f"{own}/correction", data=late, headers=hers)
        assert refused.status_code == 409
        assert "Du pain bio." in text_of(refused)
        assert any("ne sont pas venus" in one for one in waiting_for(premices, ALIX))
        more = {"open_until": "2020-04-01"}
        place = f"{API}/applications/{four[0]}/corrections/{asked}/more-time"
        assert browser.post(place, json=more, headers=as_("alix")).status_code == 204
        sent = browser.post(f"{own}/correction", data=late, headers=hers)
        assert sent.status_code == 303

    def test_she_is_reminded_once_two_days_before(
        self, browser: TestClient, premices: Runtime, four: list[UUID], as_: As
    ) -> None:
        ask(browser, as_("alix"), four[0])
        premices.run_timers()
        assert [one.nth for one in told(premices, CorrectionAsked)] == [1]
        set_clock(premices, AFTER + timedelta(days=15))
        premices.run_timers()
        premices.run_timers()
        assert [one.nth for one in told(premices, CorrectionAsked)] == [1, 2]

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"fields": []}, "nothing_chosen"),
            ({"fields": ["answer-nowhere"]}, "not_asked_by_form"),
            ({"fields": ["bearer_email"]}, "not_asked_by_form"),
            ({"open_until": "2020-01-01"}, "correction_day_passed"),
        ],
    )
    def test_what_cannot_be_asked_is_refused(
        self,
        browser: TestClient,
        four: list[UUID],
        as_: As,
        more: dict[str, object],
        code: str,
    ) -> None:
        refused = ask(browser, as_("alix"), four[0], **more)
        assert (refused.status_code, refused.json()["code"]) == (422, code)

    def test_nothing_is_asked_twice_nor_once_it_is_decided(
        self, browser: TestClient, premices: Runtime, four: list[UUID], as_: As
    ) -> None:
        asked = ask(browser, as_("alix"), four[0]).json()["id"]
        assert ask(browser, as_("alix"), four[0]).json()["code"] == "correction_already_asked"
        place = f"{API}/applications/{four[0]}/corrections/{asked}"
        assert browser.delete(place, headers=as_("alix")).status_code == 204
        hers = bearer_of(premices, four[0])
        gone = browser.put(place, json={"version": 0, "content": {}}, headers=hers)
        assert gone.json()["code"] == "correction_ended"
        decide_all(premices, four)
        assert ask(browser, as_("alix"), four[0]).json()["code"] == "not_correctable"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestMessages:
    def test_one_thread_that_the_committee_does_not_see(
        self, browser: TestClient, premices: Runtime, four: list[UUID], as_: As
    ) -> None:
        own, hers = f"/candidatures/applications/{four[0]}", bearer_of(premices, four[0])
        said = {"text": "Quand le comité se réunit-il ?"}
        assert browser.post(f"{own}/notes", data=said, headers=hers).status_code == 303
        assert any("message" in one for one in waiting_for(premices, ALIX))
        assert "se réunit-il" in text_of(browser.get(own, headers=as_("alix")))
        for other in ("basile", "chloe"):
            assert "se réunit-il" not in text_of(browser.get(own, headers=as_(other)))
            assert browser.post(f"{own}/notes", data=said, headers=as_(other)).status_code == 403
            thread = f"{API}/applications/{four[0]}/notes"
            assert browser.get(thread, headers=as_(other)).status_code == 403
        stranger = bearer_of(premices, four[1])
        assert browser.post(f"{own}/notes", data=said, headers=stranger).status_code in (403, 404)

        answer = {"text": "Le 6 février."}
        assert browser.post(f"{own}/notes", data=answer, headers=as_("alix")).status_code == 303
        assert not any("message" in one for one in waiting_for(premices, ALIX))
        mine = bearer_id(premices, four[0])
        assert any("message" in one for one in waiting_for(premices, mine))
        assert browser.post(f"{own}/notes/read", headers=hers).status_code == 303
        assert not any("message" in one for one in waiting_for(premices, mine))
        assert [one.by_bearer for one in told(premices, NoteLeft)] == [True, False]
        assert "6 février" not in everything_told(premices)

    def test_what_is_too_long_or_empty_is_given_back(
        self, browser: TestClient, premices: Runtime, four: list[UUID]
    ) -> None:
        own, hers = f"/candidatures/applications/{four[0]}", bearer_of(premices, four[0])
        empty = browser.post(f"{own}/notes", data={"text": "  "}, headers=hers)
        assert (empty.status_code, "Écrivez d’abord" in text_of(empty)) == (422, True)
        long = browser.post(f"{own}/notes", data={"text": "à" * 4001}, headers=hers)
        assert long.status_code == 422
        assert "à" * 4001 in text_of(long)

    def test_who_is_forgotten_takes_all_of_it_along(
        self, browser: TestClient, premices: Runtime, four: list[UUID], as_: As
    ) -> None:
        ask(browser, as_("alix"), four[0], words="Une phrase à oublier.")
        said = {"text": "Une autre à oublier."}
        hers, thread = bearer_of(premices, four[0]), f"{API}/applications/{four[0]}/notes"
        browser.post(thread, json=said, headers=hers)
        mine = bearer_id(premices, four[0])
        with premices.work() as work:
            commands.erasure.erase(work, mine, [])
        with premices.read() as db:
            assert store.correction.of_application(db, four[0]) == []
            assert store.note.of_application(db, four[0]) == []
