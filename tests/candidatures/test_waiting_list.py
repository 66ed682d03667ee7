"""The waiting list: a free place is offered with a deadline, and everybody gets an answer."""

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import signing
import sqlalchemy as sa
from candidatures import commands, store
from candidatures.store.application import application
from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationWithdrawn,
    Decision,
    DecisionReason,
    WithdrawalReason,
)
from essaim_contracts.selection import PlaceOffered
from fastapi.testclient import TestClient

from tests.candidatures.premices import AFTER, apply, prepare, set_clock, told

As = Callable[..., dict[str, str]]
API = "/candidatures/api"
LIST = "/candidatures/calls/premices-2020/waiting-list"
DAY = "2020-02-10"


@pytest.fixture
def listed(premices: Runtime, four: list[UUID]) -> list[UUID]:
    """Two were selected for the two places; two wait."""
    for nth, decision in enumerate((Decision.SELECTED, Decision.SELECTED)):
        prepare(premices, four[nth], decision)
    prepare(premices, four[2], Decision.WAITING_LIST, rank=1)
    prepare(premices, four[3], Decision.WAITING_LIST, rank=2)
    apply(premices)
    return four


def offer(browser: TestClient, headers: dict[str, str], **more: object) -> Any:
    asked = {"answer_by": DAY} | more
    return browser.post(f"{API}/calls/premices-2020/offers", json=asked, headers=headers)


def free_one(runtime: Runtime, application_id: UUID) -> None:
    with runtime.work() as work:
        commands.application.withdraw(work, application_id, WithdrawalReason.OTHER_SUPPORT)


def bearer_of(runtime: Runtime, application_id: UUID) -> dict[str, str]:
    with runtime.read() as db:
        bearer = store.application.get(db, application_id).bearer_id
    assert bearer is not None
    return signing.bearer("candidatures", bearer)


def text_of(answer: Any) -> str:
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def test_a_place_is_offered_once_it_is_free_and_to_the_first_on_the_list(
    browser: TestClient, premices: Runtime, listed: list[UUID], as_: As
) -> None:
    alix = as_("alix")
    assert offer(browser, alix).json()["code"] == "no_free_place"
    free_one(premices, listed[0])
    passed = offer(browser, alix, answer_by="2020-01-01")
    assert passed.status_code == 422
    assert "Le 1er janvier 2020 est passé" in text_of(passed)
    assert offer(browser, alix).json() == {"application_id": str(listed[2])}
    (offered,) = told(premices, PlaceOffered)
    assert (offered.application_id, offered.rank) == (listed[2], 1)
    assert offered.open_until == date.fromisoformat(DAY)
    assert offer(browser, alix).json()["code"] == "no_free_place", "it is offered to somebody"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_its_bearer_accepts_on_her_own_page_and_is_selected(
    browser: TestClient, premices: Runtime, listed: list[UUID], as_: As
) -> None:
    free_one(premices, listed[0])
    page = text_of(browser.get(LIST, headers=as_("alix")))
    assert "Places prises : 1 sur 2" in page
    assert browser.post(LIST, data={"answer_by": DAY}, headers=as_("alix")).status_code == 303
    assert "Réponse attendue" in text_of(browser.get(LIST, headers=as_("alix")))

    place, hers = f"/candidatures/applications/{listed[2]}", bearer_of(premices, listed[2])
    assert "avant la fin du 10 février 2020" in text_of(browser.get(place, headers=hers))
    assert "Accepter la place" not in browser.get(place, headers=as_("alix")).text
    stranger = bearer_of(premices, listed[3])
    taken = browser.post(f"{place}/offer", data={"answer": "accept"}, headers=stranger)
    assert taken.status_code == 404
    done = browser.post(f"{place}/offer", data={"answer": "accept"}, headers=hers)
    assert done.status_code == 303
    last = told(premices, ApplicationDecided)[-1]
    assert (last.application_id, last.decision) == (listed[2], Decision.SELECTED)
    again = browser.post(f"{place}/offer", data={"answer": "decline"}, headers=hers)
    assert again.status_code == 409
    assert "Places prises : 2 sur 2" in text_of(browser.get(LIST, headers=as_("alix")))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_declines_is_withdrawn_and_the_next_is_asked(
    browser: TestClient, premices: Runtime, listed: list[UUID], as_: As
) -> None:
    free_one(premices, listed[0])
    offer(browser, as_("alix"))
    body, hers = {"accepts": False}, bearer_of(premices, listed[2])
    answer = browser.post(f"{API}/applications/{listed[2]}/offer", json=body, headers=hers)
    assert answer.status_code == 204
    assert told(premices, ApplicationWithdrawn)[-1].application_id == listed[2]
    assert offer(browser, as_("alix")).json() == {"application_id": str(listed[3])}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_offer_without_an_answer_lapses_and_may_be_taken_late_while_the_place_is_free(
    browser: TestClient, premices: Runtime, listed: list[UUID], as_: As
) -> None:
    free_one(premices, listed[0])
    offer(browser, as_("alix"))
    set_clock(premices, AFTER + timedelta(days=10))
    states = browser.get(f"{API}/calls/premices-2020/waiting-list", headers=as_("alix")).json()
    assert [one["offer"] for one in states["items"]] == ["lapsed", None]
    assert offer(browser, as_("alix"), answer_by="2020-03-01").json() == {
        "application_id": str(listed[3])
    }
    hers, place = bearer_of(premices, listed[2]), f"{API}/applications/{listed[2]}/offer"
    late = browser.post(place, json={"accepts": True}, headers=hers)
    assert late.json()["code"] == "no_free_place"
    browser.post(
        f"{API}/applications/{listed[3]}/offer",
        json={"accepts": False},
        headers=bearer_of(premices, listed[3]),
    )
    assert browser.post(place, json={"accepts": True}, headers=hers).status_code == 204


def test_at_the_end_everybody_who_waits_gets_an_answer(
    browser: TestClient, premices: Runtime, listed: list[UUID], as_: As
) -> None:
    closing = f"{API}/calls/premices-2020/waiting-list/close"
    assert browser.post(closing, headers=as_("alix")).json() == {"answered": 2}
    last = told(premices, ApplicationDecided)[-2:]
    assert [(one.application_id, one.decision, one.reason) for one in last] == [
        (listed[2], Decision.REFUSED, DecisionReason.PLACES_FILLED),
        (listed[3], Decision.REFUSED, DecisionReason.PLACES_FILLED),
    ]
    assert browser.post(closing, headers=as_("alix")).json()["code"] == "nobody_waits"


def test_nothing_is_told_of_an_application_of_another_call(
    browser: TestClient, premices: Runtime, listed: list[UUID], as_: As
) -> None:
    on_no_list = offer(browser, as_("alix"), application_id=str(listed[0]))
    assert on_no_list.json()["code"] == "not_on_the_list"
    with premices.work() as work:
        elsewhere = sa.update(application).where(application.c.id == listed[3])
        work.db.execute(elsewhere.values(call_id=new_id()))
    assert offer(browser, as_("alix"), application_id=str(listed[3])).status_code == 404
