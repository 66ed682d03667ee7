"""Told once: of the next call, when it opens; of a draft that is not sent, before it closes."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from candidatures import commands, store
from candidatures.commands.letters import send_due
from candidatures.store.call_watch import call_watch
from essaim.broker.asking import AskFailed
from essaim.running.runtime import Runtime
from essaim_contracts.questions import (
    Question,
    SendCallOpened,
    SendDraftReminder,
    SendWatchLink,
)
from fastapi.testclient import TestClient

from tests.candidatures.premices import AFTER, CLOSING, OPEN, a_draft, set_clock

BEFORE = OPEN - timedelta(days=25)
ASK = "/candidatures/programmes/premices/next-call"


def links(asked: list[Question[Any]]) -> list[SendWatchLink]:
    return [one for one in asked if isinstance(one, SendWatchLink)]


def press(browser: TestClient, place: str, **said: str) -> Any:
    """A button of a page: its token goes with it."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(place).text)
    key = {"csrf_token": found[1]} if found else {}
    return browser.post(place, data={**key, **said})


def kept(runtime: Runtime) -> int:
    with runtime.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(call_watch)) or 0


def test_an_address_is_proved_told_once_when_the_call_opens_and_forgotten(
    browser: TestClient, premices: Runtime, asked: list[Question[Any]]
) -> None:
    set_clock(premices, BEFORE)
    press(browser, ASK, email="bo@exemple.fr")
    said = press(browser, ASK, email="ada@exemple.fr")
    assert "Un lien part" in unescape(said.text)
    link = links(asked)[-1]
    assert (link.email, link.programme_name) == ("ada@exemple.fr", "Prémices.coop")
    place = f"/candidatures/next-call/{link.token}"
    assert press(browser, place, action="confirm").status_code == 303
    send_due(premices)
    assert len(asked) == 2, "nothing is open"

    set_clock(premices, OPEN)
    premices.run_timers()
    send_due(premices)
    send_due(premices)

    (told,) = [one for one in asked if isinstance(one, SendCallOpened)]
    assert (told.email, told.slug) == ("ada@exemple.fr", "premices-2020")
    assert kept(premices) == 0
    assert browser.get(place).status_code == 410


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestWatch:
    def test_one_who_stops_is_forgotten(
        self, browser: TestClient, premices: Runtime, asked: list[Question[Any]]
    ) -> None:
        set_clock(premices, BEFORE)
        api = "/candidatures/api/programmes/premices/next-call"
        assert browser.post(api, json={"email": "ada@exemple.fr"}).status_code == 204
        token = links(asked)[0].token
        assert browser.post(f"/candidatures/api/next-call/{token}").status_code == 204
        stopped = press(browser, f"/candidatures/next-call/{token}", action="stop")
        assert "oubliée" in unescape(stopped.text)
        assert kept(premices) == 0

    def test_what_is_no_address_is_refused_and_enough_is_enough(
        self, browser: TestClient, premices: Runtime, asked: list[Question[Any]]
    ) -> None:
        set_clock(premices, BEFORE)
        assert press(browser, ASK, email="rien").status_code == 422
        answers = [press(browser, ASK, email="ada@exemple.fr").status_code for _ in range(6)]
        assert answers == [200] * 5 + [429]
        assert len(links(asked)) == 5

    def test_an_address_nobody_proved_is_forgotten_after_a_day(
        self, browser: TestClient, premices: Runtime, asked: list[Question[Any]]
    ) -> None:
        set_clock(premices, BEFORE)
        press(browser, ASK, email="ada@exemple.fr")
        set_clock(premices, BEFORE + timedelta(hours=25))
        send_due(premices)
        assert kept(premices) == 0

    def test_a_letter_that_cannot_leave_is_tried_again(
        self, browser: TestClient, premices: Runtime, asked: list[Question[Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        set_clock(premices, BEFORE)
        press(browser, ASK, email="ada@exemple.fr")
        token = links(asked)[0].token
        press(browser, f"/candidatures/next-call/{token}", action="confirm")
        set_clock(premices, OPEN)
        premices.run_timers()

        def away(question: Question[Any]) -> Any:
            raise AskFailed(question.subject, "nobody is there")

        with monkeypatch.context() as patch:
            patch.setattr(premices, "ask_blocking", away)
            send_due(premices)
        assert kept(premices) == 1
        send_due(premices)
        assert [type(one) for one in asked][-1] is SendCallOpened

    def test_a_closed_call_names_what_is_open_or_offers_to_be_told(
        self, browser: TestClient, premices: Runtime
    ) -> None:
        set_clock(premices, AFTER)
        page = unescape(browser.get("/candidatures/calls/premices-2020").text)
        assert "Prévenez-moi du prochain appel" in page

    def test_who_is_forgotten_is_told_of_no_call(
        self, browser: TestClient, premices: Runtime, asked: list[Question[Any]]
    ) -> None:
        set_clock(premices, BEFORE)
        press(browser, ASK, email="alix@example.org")
        with premices.work() as work:
            store.call_watch.forget_address(work.db, "Alix@example.org")
        assert kept(premices) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestDraftReminder:
    def test_a_draft_that_is_not_sent_is_reminded_of_once_where_its_address_is_proved(
        self, premices: Runtime, asked: list[Question[Any]]
    ) -> None:
        set_clock(premices, OPEN)
        a_draft(premices, token="a" * 30, bearer_email="jamais@exemple.fr")
        proved = a_draft(premices, token="b" * 30, bearer_email="dora@exemple.fr")
        with premices.work() as work:
            store.application.mark_proved(work.db, proved, "dora@exemple.fr")
            commands.draft.remove_document(work, proved, "summary")
        send_due(premices)
        assert asked == [], "it is early"
        set_clock(premices, CLOSING - timedelta(days=2))
        send_due(premices)
        send_due(premices)
        (reminder,) = asked
        assert isinstance(reminder, SendDraftReminder)
        assert (reminder.email, reminder.closes_at) == ("dora@exemple.fr", CLOSING)
        assert reminder.missing == ("Résumé",)
        with premices.work() as work:
            commands.draft.open_link(work, reminder.token, "c" * 43)

    def test_what_was_sent_is_not_reminded_of(
        self, premices: Runtime, asked: list[Question[Any]]
    ) -> None:
        set_clock(premices, OPEN)
        sent = a_draft(premices)
        with premices.work() as work:
            store.application.mark_proved(work.db, sent, "dora@example.org")
            commands.application.submit(work, sent, work.now)
        set_clock(premices, CLOSING - timedelta(days=2))
        send_due(premices)
        assert asked == []
