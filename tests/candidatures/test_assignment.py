"""Who of the committee reads what: given, told, and kept from who is in conflict."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from candidatures.assignment import Given, Reader, spread
from essaim.ids import stable_id
from essaim.running.runtime import Runtime
from essaim_contracts.selection import ReviewsAssigned
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.candidatures.premices import told

As = Callable[..., dict[str, str]]
API = "/candidatures/api"
CALL = "/candidatures/calls/premices-2020"
ALL = {"ess": 4, "maturity": 3, "autonomy": None}
BASILE, CHLOE = (stable_id("premices", "person", code) for code in ("basile", "chloe"))

here = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.data())
def test_readers_get_as_many_as_each_other_and_never_what_a_conflict_keeps_from_them(
    files: int, members: int, each: int, data: st.DataObject
) -> None:
    ids = [uuid4() for _ in range(files)]
    barred = data.draw(
        st.lists(st.frozensets(st.sampled_from(ids)), min_size=members, max_size=members)
    )
    readers = [Reader(uuid4(), frozenset(), one) for one in barred]

    made = spread(ids, readers, each)

    kept = {one.person_id: one.barred for one in readers}
    assert not [one for one in made.given if one.application_id in kept[one.reader_id]]
    assert len(set(made.given)) == len(made.given)
    free = {id: sum(id not in one.barred for one in readers) for id in ids}
    has = {id: sum(one.application_id == id for one in made.given) for id in ids}
    assert has == {id: min(each, free[id]) for id in ids}
    assert set(made.short) == {id for id in ids if free[id] < each}
    if not any(barred):
        loads = [sum(one.reader_id == reader.person_id for one in made.given) for reader in readers]
        assert max(loads) - min(loads) <= 1


def test_what_is_read_already_counts() -> None:
    one, two = uuid4(), uuid4()
    busy, free = (
        Reader(uuid4(), frozenset({one}), frozenset()),
        Reader(uuid4(), frozenset(), frozenset()),
    )
    assert spread([one, two], [busy, free], 1).given == [Given(two, free.person_id)]


def text_of(answer: Any) -> str:
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def share_out(browser: TestClient, headers: dict[str, str], **asked: object) -> Any:
    return browser.post(f"{API}/calls/premices-2020/assignment/even", json=asked, headers=headers)


def test_shared_out_evenly_each_member_is_told_what_is_hers_and_by_when(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    answer = share_out(browser, as_("alix"), each=1, due_on="2020-02-10")
    assert answer.json() == {"given": 4, "taken_back": 0, "skipped": 0}
    facts = told(premices, ReviewsAssigned)
    assert {one.reviewer_id: (one.applications, one.to_review, one.due_on) for one in facts} == {
        BASILE: (2, 2, date(2020, 2, 10)),
        CHLOE: (2, 2, date(2020, 2, 10)),
    }
    again = share_out(browser, as_("alix"), each=1, due_on="2020-02-10")
    assert again.json() == {"given": 0, "taken_back": 0, "skipped": 0}
    assert len(told(premices, ReviewsAssigned)) == 2


@here
def test_her_files_come_first_and_are_counted_by_themselves(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    share_out(browser, as_("alix"), each=1, due_on="2020-02-10")
    shown = text_of(browser.get(f"{CALL}/applications", headers=as_("basile")))
    mine = shown.partition('id="mine-title"')[2].partition("</section>")[0]
    hers = [UUID(id) for id in re.findall(r"/applications/([0-9a-f-]{36})", mine)]
    assert len(hers) == 2
    assert "À noter avant la fin du 10 février 2020." in shown
    assert "Notés : 0 sur 2" in shown

    browser.put(f"{API}/applications/{hers[0]}/scores", json={"points": ALL}, headers=as_("basile"))
    led = browser.get(f"{CALL}/scoring", headers=as_("basile")).headers["location"]
    assert led.endswith(str(hers[1]))
    assert "Notés : 1 sur 2" in text_of(browser.get(f"{CALL}/applications", headers=as_("basile")))


@here
def test_the_file_with_the_fewest_scores_comes_next(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    for id in four[:2]:
        browser.put(f"{API}/applications/{id}/scores", json={"points": ALL}, headers=as_("chloe"))
    led = browser.get(f"{CALL}/scoring", headers=as_("basile")).headers["location"]
    assert led.endswith(str(four[2]))
    led = browser.get(f"{CALL}/scoring?after={four[3]}", headers=as_("basile")).headers["location"]
    assert led.endswith(str(four[2]))


def fields_of(html: str, action: str) -> dict[str, str]:
    form = html.partition(f'action="{action}')[2].rpartition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)"[^>]*value="([^"]*)"', form))


@here
def test_the_coordination_ticks_who_reads_what_and_unticks_it(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    page = text_of(browser.get(f"{CALL}/assignment", headers=as_("alix")))
    assert "Basile" in page
    fields = fields_of(page.partition("À la main")[2], f"{CALL}/assignment")
    ticked = {f"reads-{four[0]}": [str(BASILE), str(CHLOE)], f"reads-{four[1]}": [str(BASILE)]}
    answer = browser.post(f"{CALL}/assignment", data=fields | ticked, headers=as_("alix"))
    assert answer.status_code == 303
    told_now = {one.reviewer_id: one.applications for one in told(premices, ReviewsAssigned)}
    assert told_now == {BASILE: 2, CHLOE: 1}

    # The first page again: it takes nothing back that somebody gave since.
    share_out(browser, as_("alix"), each=1)
    browser.post(
        f"{CALL}/assignment", data=fields | {"command_key": "again"} | ticked, headers=as_("alix")
    )
    listed = browser.get(f"{API}/calls/premices-2020/assignment", headers=as_("alix")).json()
    assert sum(len(one["applications"]) for one in listed["items"]) == 5

    page = text_of(browser.get(f"{CALL}/assignment", headers=as_("alix")))
    fields = fields_of(page.partition("À la main")[2], f"{CALL}/assignment")
    browser.post(f"{CALL}/assignment", data=fields, headers=as_("alix"))
    listed = browser.get(f"{API}/calls/premices-2020/assignment", headers=as_("alix")).json()
    assert [one["applications"] for one in listed["items"]] == [[], []]


@here
def test_nobody_outside_the_committee_is_given_anything_and_nothing_of_another_call(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    alix = stable_id("premices", "person", "alix")
    for asked, status in (
        ({"application_id": str(four[0]), "reader_id": str(alix)}, 422),
        ({"application_id": str(uuid4()), "reader_id": str(BASILE)}, 404),
    ):
        answer = browser.put(
            f"{API}/calls/premices-2020/assignment", json={"give": [asked]}, headers=as_("alix")
        )
        assert answer.status_code == status


@here
def test_the_page_shares_out_evenly_too(browser: TestClient, four: list[UUID], as_: As) -> None:
    chosen = {"action": "even", "each": "2", "due_on": "2020-02-10"}
    answer = browser.post(f"{CALL}/assignment", data=chosen, headers=as_("alix"))
    assert answer.status_code == 303
    assert "Confiés : 8" in text_of(browser.get(f"{CALL}/assignment", headers=as_("alix")))
    wrong = browser.post(f"{CALL}/assignment", data=chosen | {"each": "0"}, headers=as_("alix"))
    assert wrong.status_code == 422


# --- conflicts


def pin(browser: TestClient, id: UUID, stands: bool | None, headers: dict[str, str]) -> None:
    answer = browser.put(
        f"{API}/applications/{id}/conflicts/{BASILE}", json={"stands": stands}, headers=headers
    )
    assert answer.status_code == 204, answer.text


def test_a_pinned_conflict_closes_the_file_takes_it_back_and_cannot_be_lifted_by_the_member(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    share_out(browser, as_("alix"), each=2)
    pin(browser, four[0], True, as_("alix"))
    assert told(premices, ReviewsAssigned)[-1].applications == 3
    basile, place = as_("basile"), f"{API}/applications/{four[0]}"

    read = browser.get(place, headers=basile).json()
    assert (read["conflict"], read["content"], read["documents"]) == ("pinned", {}, [])
    assert read["bearer_id"] is None
    assert browser.get(f"{place}/documents/summary", headers=basile).status_code == 403
    page = browser.get(f"/candidatures/applications/{four[0]}", headers=basile)
    assert page.status_code == 200
    assert "Porteuse 1" not in page.text
    assert "Du pain" not in page.text
    lifted = browser.put(f"{place}/conflict", json={"declared": False}, headers=basile)
    assert lifted.json()["code"] == "conflict_stands"
    assert share_out(browser, as_("alix"), each=2).json()["skipped"] == 1

    pin(browser, four[0], None, as_("alix"))
    assert browser.get(place, headers=basile).json()["conflict"] is None


@here
def test_the_coordination_may_know_that_a_guess_is_wrong(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    from candidatures.store.application import application

    with premices.work() as work:
        bearer = sa.update(application).where(application.c.id == four[0])
        work.db.execute(bearer.values(bearer_id=BASILE))
    place = f"{API}/applications/{four[0]}"
    pin(browser, four[0], False, as_("alix"))
    assert browser.get(place, headers=as_("basile")).json()["conflict"] == "own"

    declared = browser.put(
        f"{API}/applications/{four[1]}/conflict", json={"declared": True}, headers=as_("basile")
    )
    assert declared.status_code == 200
    pin(browser, four[1], False, as_("alix"))
    other = browser.get(f"{API}/applications/{four[1]}", headers=as_("basile")).json()
    assert other["conflict"] == "declared"


@here
def test_conflicts_are_pinned_on_the_page_of_an_application(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    place = f"/candidatures/applications/{four[0]}"
    page = text_of(browser.get(place, headers=as_("alix")))
    fields = fields_of(page, f"{place}/conflicts") | {f"pin-{BASILE}": "yes"}
    assert browser.post(f"{place}/conflicts", data=fields, headers=as_("alix")).status_code == 303
    again = text_of(browser.get(place, headers=as_("alix")))
    assert '<option value="yes" selected>' in again
    read = browser.get(f"{API}/applications/{four[0]}", headers=as_("basile")).json()
    assert read["conflict"] == "pinned"
