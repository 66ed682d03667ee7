"""A ceremony: trophies prepared in order and in silence, announced together, prizes handed over."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import pytest
from candidatures import commands, store
from candidatures.ceremony import PrizeState, moved, worth_of
from essaim.ids import new_id, stable_id
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import TrophyAwarded
from essaim_contracts.cohort import PrizeDelivered
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    a_person,
    decide_all,
    form_cohort,
    project_of,
    set_clock,
    told,
)
from tests.candidatures.test_selecting import fields_of, press, text_of
from tests.candidatures.test_trophy import elan
from tests.candidatures.test_what_waits import waits

As = Callable[..., dict[str, str]]
AFTERWARDS = "2021-02-01T10:00:00+01:00"


@pytest.fixture
def cohort(premices: Runtime, four: list[UUID]) -> UUID:
    decide_all(premices, four)
    formed = form_cohort(premices).cohort_id
    set_clock(premices, datetime.fromisoformat(AFTERWARDS))
    return formed


def prepare(runtime: Runtime, cohort: UUID, project_id: UUID, *prizes: str) -> UUID:
    with runtime.work() as work:
        return commands.trophy.prepare(work, elan(project_id, *prizes), cohort).trophy_id


def states(runtime: Runtime) -> dict[str, PrizeState]:
    with runtime.read() as db:
        prizes = store.trophy.standing_of(db, stable_id("premices", "edition", "1"))
    return {one.title: one.state for one in prizes}


def test_a_trophy_comes_earlier_or_later_and_stays_within_the_ceremony() -> None:
    first, second, third = new_id(), new_id(), new_id()

    assert moved([first, second, third], third, -1) == [first, third, second]
    assert moved([first, second, third], first, -1) == [first, second, third]
    assert moved([first, second, third], third, 1) == [first, second, third]


def test_nobody_is_told_of_a_trophy_before_it_is_announced_and_it_can_be_taken_back(
    premices: Runtime, four: list[UUID], cohort: UUID
) -> None:
    first, second = project_of(premices, four[0]), project_of(premices, four[1])
    mistaken = prepare(premices, cohort, first, "video", "money")
    with pytest.raises(Refusal, match="déjà donnée"):
        prepare(premices, cohort, second, "money")
    with premices.work() as work:
        commands.trophy.take_back(work, mistaken)
    kept = prepare(premices, cohort, second, "money")
    later = prepare(premices, cohort, first)
    with premices.work() as work:
        commands.trophy.move(work, later, -1)
    assert told(premices, TrophyAwarded) == []
    with premices.read() as db:
        assert store.at_a_glance.of(db, [first, second], premices.clock.now()).trophies == {}

    with premices.work() as work:
        assert commands.trophy.announce(work, cohort) == 2
    awarded = told(premices, TrophyAwarded)
    assert [one.trophy_id for one in awarded] == [later, kept]
    assert [prize.value_eur for prize in awarded[1].prizes] == [2000]
    with pytest.raises(Refusal, match="ne se reprend plus"), premices.work() as work:
        commands.trophy.take_back(work, kept)
    with pytest.raises(Refusal, match="n’attend d’être annoncé"), premices.work() as work:
        commands.trophy.announce(work, cohort)


def test_a_prize_is_handed_over_once_announced_and_said_again_only_to_correct(
    premices: Runtime, four: list[UUID], cohort: UUID
) -> None:
    money = stable_id("premices", "prize", "1/money")
    prepare(premices, cohort, project_of(premices, four[0]), "money")
    day = date(2021, 1, 25)
    with pytest.raises(Refusal, match="encore annoncée"), premices.work() as work:
        commands.trophy.deliver(work, money, day)
    with premices.work() as work:
        commands.trophy.announce(work, cohort)
    assert any(
        "à remettre" in one.text for one in waits(premices, a_person(premices, "alix")).to_do
    )
    for wrong in (date(2021, 1, 18), date(2021, 2, 2)):
        with pytest.raises(Refusal, match="entre le jour"), premices.work() as work:
            commands.trophy.deliver(work, money, wrong)

    for by in (None, None, "grap"):
        with premices.work() as work:
            commands.trophy.deliver(work, money, day, by)

    ids = [stable_id("premices", "organisation", code) for code in ("miimosa", "grap")]
    assert [one.delivered_by_id for one in told(premices, PrizeDelivered)] == ids
    assert states(premices)["Une dotation"] == PrizeState.DELIVERED
    with premices.read() as db:
        edition = stable_id("premices", "edition", "1")
        worth = worth_of(store.trophy.standing_of(db, edition))
    assert (worth.pledged, worth.awarded, worth.delivered) == (5000, 2000, 2000)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_ceremony_is_prepared_read_and_announced_in_its_pages(
    premices: Runtime, browser: TestClient, four: list[UUID], cohort: UUID, as_: As
) -> None:
    alix, project_id = as_("alix"), str(project_of(premices, four[0]))
    page = f"/candidatures/cohorts/{cohort}/trophies"
    wrong = press(browser, page, page, alix, title="Élan", project_id=project_id, awarded_on="")
    assert wrong.status_code == 422
    assert 'value="Élan"' in wrong.text
    answers = {"title": "Élan", "project_id": project_id, "awarded_on": "2021-01-19"}
    assert press(browser, page, page, alix, **answers, prizes="video").status_code == 303
    shown = text_of(browser.get(page, headers=alix))
    assert "5 000 €" in shown.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "Préparé" in shown

    running = text_of(browser.get(page.replace("trophies", "ceremony"), headers=as_("basile")))
    assert "Projet fictif 1" in running
    assert "MIIMOSA" in running
    assert browser.get(page, headers=as_("firmin")).status_code == 403
    announce = page.replace("trophies", "ceremony/announce")
    assert "1 porteur de projet reçoit un courriel" in text_of(browser.get(announce, headers=alix))
    press(browser, announce, announce, alix)
    delivery = f"/candidatures/prizes/{stable_id('premices', 'prize', '1/video')}/delivery"
    fields = fields_of(text_of(browser.get(page, headers=alix)), delivery)
    browser.post(delivery, data=fields | {"delivered_on": "2021-01-20"}, headers=alix)
    assert states(premices)["Une vidéo"] == PrizeState.DELIVERED
    assert "MIIMOSA" in text_of(browser.get(f"{page}?state=delivered&format=csv", headers=alix))
