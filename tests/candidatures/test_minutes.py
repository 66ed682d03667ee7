"""Minutes of the committee with their quorum, and the pack of files for its meeting."""

from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from candidatures import commands
from candidatures.programme_file import read_programme
from essaim.ids import stable_id
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import ApplicationDecided, Decision
from fastapi.testclient import TestClient

from tests.candidatures.premices import AFTER, OPEN, PROGRAMME, apply, prepare, received, set_clock
from tests.candidatures.premices import told as told_by

As = Callable[..., dict[str, str]]
API = "/candidatures/api/calls/premices-2020/minutes"
CALL = "/candidatures/calls/premices-2020"
BASILE, CHLOE = (str(stable_id("premices", "person", code)) for code in ("basile", "chloe"))

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def four(premices: Runtime) -> list[UUID]:
    """Four applications received for a call whose committee has a quorum of two."""
    asked = PROGRAMME.replace("        criteria:", "        quorum: 2\n        criteria:")
    with premices.work() as work:
        commands.programme.import_programme(work, read_programme(asked))
    set_clock(premices, OPEN)
    ids = [received(premices, nth) for nth in range(1, 5)]
    set_clock(premices, AFTER)
    premices.run_timers()
    return ids


def text_of(answer: Any) -> str:
    return unescape(answer.text).replace("\N{NO-BREAK SPACE}", " ")


def draw_up(browser: TestClient, headers: dict[str, str], *present: str, **more: object) -> Any:
    body = {"held_on": "2020-02-04", "present": list(present)} | more
    return browser.post(API, json=body, headers=headers)


def test_nothing_is_applied_before_minutes_say_that_enough_members_were_there(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    alix = as_("alix")
    prepare(premices, four[0], Decision.SELECTED)
    applying = f"{CALL.replace('/calls', '/api/calls')}/decisions/apply"
    refused = browser.post(applying, json={"partial": True}, headers=alix)
    assert refused.json()["code"] == "minutes_missing"
    assert draw_up(browser, alix, BASILE).json()["code"] == "quorum_missing"
    stranger = str(stable_id("premices", "person", "firmin"))
    assert draw_up(browser, alix, BASILE, stranger).json()["code"] == "not_a_member"

    assert draw_up(browser, alix, BASILE, CHLOE).status_code == 200
    apply(premices, partial=True)
    assert len(told_by(premices, ApplicationDecided)) == 1


def test_minutes_stay_as_they_were_made(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    alix = as_("alix")
    browser.put(
        f"/candidatures/api/applications/{four[1]}/conflict",
        json={"declared": True},
        headers=as_("basile"),
    )
    prepare(premices, four[0], Decision.SELECTED)
    prepare(premices, four[1], Decision.WAITING_LIST, rank=1)
    made = draw_up(browser, alix, BASILE, CHLOE, place="Lyon").json()["id"]
    prepare(premices, four[0], Decision.REFUSED)

    page = text_of(browser.get(f"/candidatures/minutes/{made}", headers=alix))
    for said in ("Basile", "Chloé", "Lyon", "2 sur 2 membres", "Projet fictif 1", "rang 1"):
        assert said in page
    assert "Refusée" not in page
    assert "2 candidatures restaient sans décision." in page
    assert "Basile (fictif) : PREM-2020-0002." in page
    listed = browser.get(API, headers=alix).json()["items"]
    assert [one["decision"] for one in listed[0]["decided"]] == ["selected", "waiting_list"]


def test_who_goes_on_without_a_quorum_is_named(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    alix = as_("alix")
    fields = {"held_on": "2020-02-04", "present": BASILE}
    refused = browser.post(f"{CALL}/minutes", data=fields, headers=alix)
    assert refused.status_code == 409
    assert "Le quorum est de 2 membres et 1 sont présents" in text_of(refused)
    done = browser.post(f"{CALL}/minutes", data=fields | {"without_quorum": "true"}, headers=alix)
    assert done.status_code == 303
    page = text_of(browser.get(done.headers["location"], headers=alix))
    assert "Passé outre par Alix (fictive)." in page
    assert "sans quorum" in text_of(browser.get(f"{CALL}/minutes", headers=alix))


def test_the_pack_has_a_sheet_a_file_in_the_order_of_the_ranking(
    browser: TestClient, four: list[UUID], as_: As
) -> None:
    for nth, id in enumerate(four):
        browser.put(
            f"/candidatures/api/applications/{id}/scores",
            json={"points": {"ess": nth, "maturity": 3, "autonomy": 3}},
            headers=as_("basile"),
        )
    page = text_of(browser.get(f"{CALL}/pack", headers=as_("alix")))
    places = [page.index(f'id="sheet-{id}"') for id in four]
    assert places == sorted(places, reverse=True)
    assert "Basile" in page
    assert "Du pain de village" in page
    blind = text_of(browser.get(f"{CALL}/pack", headers=as_("chloe")))
    assert "Basile" not in blind
    browser.put(
        f"/candidatures/api/applications/{four[0]}/conflict",
        json={"declared": True},
        headers=as_("chloe"),
    )
    blind = text_of(browser.get(f"{CALL}/pack", headers=as_("chloe")))
    assert "Porteuse 1" not in blind
    assert "Porteuse 2" in blind
