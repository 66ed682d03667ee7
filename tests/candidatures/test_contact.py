"""Somebody takes over: roles end and begin dated, what is open moves on the day, acts stay."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from candidatures import commands, store
from candidatures.contact import Takeover, with_roles_passed_on
from essaim import Refusal
from essaim.ids import stable_id
from essaim.people import directory
from essaim.person import Role
from essaim.running.runtime import Runtime
from essaim_contracts.contact import ContactReplaced
from essaim_contracts.selection import ReviewsAssigned
from fastapi.testclient import TestClient

from tests.candidatures.premices import AFTER, a_person, set_clock, told
from tests.candidatures.test_assignment import ALL, API, share_out
from tests.candidatures.test_pages import hidden
from tests.candidatures.test_set_up_pages import SETUP, text_of

TODAY = AFTER.date()
Signs = Callable[..., dict[str, str]]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def roles_of(runtime: Runtime, code: str) -> list[tuple[Role, date | None, date | None]]:
    with runtime.read() as db:
        found = directory.find_person(db, stable_id("premices", "person", code))
    assert found is not None
    return [(held.role, held.since, held.until) for held in found.roles]


def replace(runtime: Runtime, from_on: date, by: str = "firmin", person: str = "basile") -> None:
    alix = a_person(runtime, "alix")
    with runtime.work(actor=alix.id) as work:
        asked = Takeover(person, by, None, from_on)
        commands.contact.replace(work, "premices", asked, alix)


@pytest.mark.parametrize(
    ("since", "left", "taken"),
    [
        ("2020-01-01", ["2020-01-01..2020-02-29"], "2020-03-01.."),
        ("2020-05-01", [], "2020-05-01.."),
    ],
)
def test_a_role_ends_the_day_before_the_other_begins(
    since: str, left: list[str], taken: str
) -> None:
    people = [
        {"code": "a", "roles": [{"role": "mentor", "organisation": "grap", "since": since}]},
        {"code": "b"},
    ]

    after = with_roles_passed_on({"people": people}, Takeover("a", "b", "grap", date(2020, 3, 1)))

    shown = [
        [f"{held.get('since')}..{held.get('until', '')}" for held in one.get("roles", [])]
        for one in after["people"]
    ]
    assert shown == [left, [taken]]


@pytest.mark.parametrize(("by", "why"), [("a", "one_person"), ("b", "nothing_to_take_over")])
def test_there_is_somebody_else_and_something_to_take_over(by: str, why: str) -> None:
    people = [{"code": "a", "roles": [{"role": "bearer"}]}, {"code": "b"}]

    with pytest.raises(Refusal) as refused:
        with_roles_passed_on({"people": people}, Takeover("a", by, None, date(2020, 3, 1)))

    assert refused.value.code == why


def test_what_was_to_score_moves_and_what_was_scored_stays(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: Signs
) -> None:
    share_out(browser, as_("alix"), each=2)
    done = f"{API}/applications/{four[0]}/scores"
    browser.put(done, json={"points": ALL}, headers=as_("basile"))

    replace(premices, TODAY)

    fact = told(premices, ContactReplaced)[-1]
    basile, firmin = (stable_id("premices", "person", code) for code in ("basile", "firmin"))
    assert (fact.person_id, fact.replaced_by_id, fact.from_on) == (basile, firmin, TODAY)
    last = {one.reviewer_id: one.to_review for one in told(premices, ReviewsAssigned)}
    assert (last[basile], last[firmin]) == (0, 3)
    with premices.read() as db:
        scored = store.committee.scores_of(db, four[0])
    assert {one.evaluator_id for one in scored} == {basile}
    assert (Role.COMMITTEE_MEMBER, None, TODAY - timedelta(days=1)) in roles_of(premices, "basile")
    assert (Role.COMMITTEE_MEMBER, TODAY, None) in roles_of(premices, "firmin")


def test_a_takeover_to_come_is_told_on_its_day(premices: Runtime) -> None:
    set_clock(premices, AFTER)
    replace(premices, TODAY + timedelta(days=2))
    premices.run_timers()
    assert told(premices, ContactReplaced) == []

    set_clock(premices, AFTER + timedelta(days=2))
    for _ in range(2):
        premices.run_timers()
    assert len(told(premices, ContactReplaced)) == 1


@on_sqlite
def test_the_page_shows_what_moves_before_it_moves(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: Signs
) -> None:
    share_out(browser, as_("alix"), each=2)
    page = f"{SETUP}/contacts"
    form = text_of(browser.get(page, headers=as_("alix")))
    answers: dict[str, Any] = {
        "person": "basile", "replaced_by": "firmin", "from_on": TODAY.isoformat(),
    }  # fmt: skip
    headers = as_("alix")
    shown = text_of(browser.post(page, data=hidden(form) | answers, headers=headers))
    assert "4 dossiers à noter : Appel Prémices 2020" in shown
    assert told(premices, ContactReplaced) == []

    sent = answers | hidden(shown) | {"confirmed": "yes"}
    browser.post(page, data=sent, headers=headers)
    assert len(told(premices, ContactReplaced)) == 1
    assert "Firmin (fictif) reprend ce que faisait Basile (fictif)" in text_of(
        browser.get(page, headers=as_("alix"))
    )
    browser.post(page, data=sent, headers=headers)
    assert len(told(premices, ContactReplaced)) == 1, "sent twice, it moves nothing twice"


@on_sqlite
def test_a_program_checks_and_replaces(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: Signs
) -> None:
    share_out(browser, as_("alix"), each=2)
    asked = {"person": "basile", "replaced_by": "firmin", "from_on": TODAY.isoformat()}
    address = f"{API}/programmes/premices/contacts"
    checked = browser.post(f"{address}?check=true", json=asked, headers=as_("alix")).json()
    assert [one["text"][:9] for one in checked["moves"]["candidatures"]] == ["4 dossier"]
    assert browser.post(address, json=asked, headers=as_("alix")).json()["told"] is True
