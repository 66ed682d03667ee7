"""An erasure is asked, then confirmed: by herself or an operator where anybody else knows her."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
import signing
from candidatures import commands, store
from candidatures.commands.programme import import_programme
from candidatures.erasure import WAIT
from candidatures.programme_file import read_programme
from essaim.ids import new_id, stable_id
from essaim.people import directory
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.erasure import ErasureAsker, ErasureChange, ErasureChanged
from fastapi.testclient import TestClient

from tests.candidatures.premices import OPEN, a_draft, a_person, received, set_clock, told

As = Callable[..., dict[str, str]]

BASILE = stable_id("premices", "person", "basile")
CHLOE = stable_id("premices", "person", "chloe")
OPS = stable_id("premices", "person", "ops")

TYPED = "porteuse-1@example.org"

OTHER = """\
format: essaim-programme/1
programme: {slug: autre, name: Autre, steward: elle}
organisations:
  - {code: elle, name: Elle, commitments: [steward]}
people:
  - {code: b, name: Bérénice (fictive), email: b@example.org, roles: [{role: coordinator}]}
  - {code: c, name: Chloé (fictive), email: chloe@example.org, roles: [{role: speaker}]}
"""


@pytest.fixture
def api(browser: TestClient, premices: Runtime) -> TestClient:
    """Chloé has a role in another programme too, which Bérénice coordinates."""
    with premices.work() as work:
        import_programme(work, read_programme(OTHER))
    return browser


@pytest.fixture
def berenice() -> dict[str, str]:
    return signing.bearer("candidatures", stable_id("autre", "person", "b"))


def erase(id: UUID) -> str:
    return f"/candidatures/api/people/{id}/erase"


def confirm(id: UUID) -> str:
    return f"{erase(id)}/confirm"


def is_known(runtime: Runtime, id: UUID) -> bool:
    with runtime.read() as db:
        return directory.find_person(db, id) is not None


def test_nothing_is_erased_before_it_is_confirmed(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    assert api.post(confirm(BASILE), headers=as_("ops")).json()["code"] == "erasure_not_asked"

    asked = api.post(erase(BASILE), headers=as_("ops"))

    assert asked.status_code == 202
    assert asked.json()["asked_by"] == str(OPS)
    assert is_known(premices, BASILE)
    assert api.post(confirm(BASILE), headers=as_("ops")).status_code == 204
    assert not is_known(premices, BASILE)
    assert [fact.person_id for fact in told(premices, PersonErased)] == [BASILE]


def test_she_asks_and_confirms_by_herself(api: TestClient, premices: Runtime, as_: As) -> None:
    assert api.post(erase(CHLOE), headers=as_("chloe")).status_code == 202
    assert api.post(confirm(CHLOE), headers=as_("chloe")).status_code == 204
    assert not is_known(premices, CHLOE)


def test_a_coordinator_asks_and_confirms_three_days_later_where_nobody_else_knows_her(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    alix = as_("alix")
    api.post(erase(BASILE), headers=alix)
    early = api.post(confirm(BASILE), headers=alix)
    premices.set_clock(premices.clock.now() + WAIT - timedelta(seconds=1))
    still_early = api.post(confirm(BASILE), headers=alix)
    premices.set_clock(premices.clock.now() + timedelta(seconds=1))

    assert (early.json()["code"], still_early.status_code) == ("asked_lately", 409)
    assert api.post(confirm(BASILE), headers=alix).status_code == 204


def test_whom_another_programme_knows_no_coordinator_erases(
    api: TestClient, premices: Runtime, as_: As, berenice: dict[str, str]
) -> None:
    assert api.post(erase(CHLOE), headers=berenice).status_code == 202
    premices.set_clock(premices.clock.now() + timedelta(days=30))

    for headers in (berenice, as_("alix")):
        refused = api.post(confirm(CHLOE), headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "decided_by_herself")
    assert api.post(confirm(CHLOE), headers=as_("chloe")).status_code == 204


def test_a_role_that_ended_or_was_taken_away_still_counts(
    api: TestClient, premices: Runtime, as_: As, berenice: dict[str, str]
) -> None:
    with premices.work() as work:
        import_programme(work, read_programme(OTHER.replace("[{role: speaker}]", "[]")))
    api.post(erase(CHLOE), headers=as_("alix"))
    premices.set_clock(premices.clock.now() + timedelta(days=30))

    assert api.post(confirm(CHLOE), headers=as_("alix")).status_code == 403


@pytest.mark.parametrize("given", ["sent", "begun"])
def test_a_coordinator_erases_nothing_of_another_programme_by_entering_its_address(
    api: TestClient, premices: Runtime, berenice: dict[str, str], given: str
) -> None:
    """Whom she enters under the address of somebody who only typed it elsewhere is not her."""
    set_clock(premices, OPEN)
    application = received(premices) if given == "sent" else a_draft(premices, bearer_email=TYPED)
    body = {"name": "X", "email": TYPED, "roles": [{"role": "speaker", "programme": "autre"}]}
    entered = UUID(api.post("/candidatures/api/people", json=body, headers=berenice).json()["id"])
    assert api.post(erase(entered), headers=berenice).status_code == 202
    set_clock(premices, premices.clock.now() + WAIT)

    refused = api.post(confirm(entered), headers=berenice)

    assert (refused.status_code, refused.json()["code"]) == (403, "decided_by_herself")
    with premices.read() as db:
        assert store.application.get(db, application).content


def test_nobody_but_an_operator_touches_an_operator(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    for code in ("alix", "basile", "firmin"):
        assert api.post(erase(OPS), headers=as_(code)).status_code == 403
        assert api.delete(erase(OPS), headers=as_(code)).status_code == 403
        assert api.post(confirm(OPS), headers=as_(code)).status_code == 403


def test_the_last_operator_who_can_sign_in_stays(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    mute = Person(new_id(), "Opérateur", roles=(RoleHeld(Role.OPERATOR, "network"),))
    second = Person(new_id(), "Zoé", "z@example.org", roles=(RoleHeld(Role.OPERATOR, "network"),))
    with premices.work() as work:
        work.share(mute)
    assert api.post(erase(OPS), headers=as_("ops")).json()["code"] == "last_operator"
    with pytest.raises(Refusal, match="dernière"), premices.work() as work:
        commands.erasure.erase(work, OPS, ())

    with premices.work() as work:
        work.share(second)
    assert api.post(erase(OPS), headers=as_("ops")).status_code == 202
    assert api.post(confirm(OPS), headers=as_("ops")).status_code == 204


def test_whoever_has_nothing_to_do_with_her_asks_nothing(
    api: TestClient, as_: As, berenice: dict[str, str]
) -> None:
    for headers in (berenice, as_("chloe"), as_("firmin")):
        assert api.post(erase(BASILE), headers=headers).status_code == 403
    assert api.post(erase(BASILE)).status_code == 401


def test_what_was_asked_is_seen_and_taken_back(
    api: TestClient, premices: Runtime, as_: As, berenice: dict[str, str]
) -> None:
    api.post(erase(BASILE), headers=as_("alix"))
    waiting = "/candidatures/api/erasures/asked"
    (seen,) = api.get(waiting, headers=as_("alix")).json()["items"]

    assert (seen["person_id"], seen["asked_by"]) == (
        str(BASILE), str(stable_id("premices", "person", "alix")),
    )  # fmt: skip
    assert api.get(waiting, headers=as_("basile")).json()["total"] == 1
    assert api.get(waiting, headers=berenice).json()["total"] == 0
    assert api.delete(erase(BASILE), headers=berenice).status_code == 403
    assert api.delete(erase(BASILE), headers=as_("basile")).status_code == 204
    assert api.get(waiting, headers=as_("alix")).json()["total"] == 0
    assert api.delete(erase(BASILE), headers=as_("alix")).json()["code"] == "erasure_not_asked"


def test_who_is_only_said_to_have_her_address_is_forgotten_with_her(premices: Runtime) -> None:
    basile = a_person(premices, "basile")
    said = Person(new_id(), "Autre", "BASILE@example.org", email_proved=False)
    with premices.work() as work:
        work.share(said)
        commands.erasure.erase(work, basile.id, ())

    assert {fact.person_id for fact in told(premices, PersonErased)} == {basile.id, said.id}


def test_forgetting_who_typed_an_address_takes_nothing_from_its_owner(premices: Runtime) -> None:
    said = Person(new_id(), "Autre", "basile@example.org", email_proved=False)
    with premices.work() as work:
        work.share(said)
        commands.erasure.erase(work, said.id, ())

    assert is_known(premices, BASILE)
    with premices.read() as db:
        assert store.programme.filed(db, [BASILE]) == {BASILE: {"premices"}}


def press(page: TestClient, address: str, headers: dict[str, str]) -> str:
    """Open a page that asks a question, press its button, and read where that leads."""
    question = page.get(address, headers=headers)
    assert question.status_code == 200, question.text
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)"[^>]*value="([^"]*)"', question.text)
    )
    action = re.findall(r'<form method="post" action="([^"]*)"', question.text)[-1]
    done = page.post(unescape(action), data=fields, headers=headers)
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


def test_the_pages_ask_twice(browser: TestClient, premices: Runtime, as_: As) -> None:
    address = f"/candidatures/people/{BASILE}/erase"
    hers = as_("basile")

    assert press(browser, address, hers).endswith("/my-data")
    assert is_known(premices, BASILE)
    assert "Basile" in unescape(browser.get("/candidatures/erasures", headers=as_("alix")).text)
    assert "est demandé depuis" in unescape(browser.get("/candidatures/my-data", headers=hers).text)
    assert press(browser, address, hers).endswith("/candidatures/")
    assert not is_known(premices, BASILE)


def test_the_pages_show_nobody_to_whom_may_not_ask(browser: TestClient, as_: As) -> None:
    for address in (f"/candidatures/people/{BASILE}/erase", f"/candidatures/people/{OPS}/erase"):
        assert browser.get(address, headers=as_("chloe")).status_code == 403


@pytest.mark.parametrize(
    ("asker", "by", "by_herself"),
    [
        ("ops", ErasureAsker.OPERATOR, False),
        ("alix", ErasureAsker.COORDINATOR, False),
        ("basile", ErasureAsker.PERSON, True),
    ],
)
def test_as_whom_it_was_asked_is_told_and_nothing_else_of_who_did(
    api: TestClient, premices: Runtime, as_: As, asker: str, by: ErasureAsker, by_herself: bool
) -> None:
    api.post(erase(BASILE), headers=as_(asker))
    api.post(erase(BASILE), headers=as_("ops"))
    at = premices.clock.now()
    api.delete(erase(BASILE), headers=as_(asker))
    api.post(erase(BASILE), headers=as_(asker))
    api.post(confirm(BASILE), headers=as_("ops"))

    asked = ErasureChanged(
        person_id=BASILE,
        change=ErasureChange.ASKED,
        by=by,
        changed_at=at,
        decided_from=at + WAIT,
    )
    back = ErasureChanged(person_id=BASILE, change=ErasureChange.TAKEN_BACK, by=by, changed_at=at)
    assert told(premices, ErasureChanged) == [asked, back, asked]
    assert told(premices, PersonErased) == [
        PersonErased(person_id=BASILE, erased_at=at, asked_by_herself=by_herself)
    ]
