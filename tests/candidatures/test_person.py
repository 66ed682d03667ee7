"""Who somebody is: written by herself or an operator; another address once it is confirmed."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from candidatures import commands
from essaim.ids import new_id, stable_id
from essaim.people import directory
from essaim.person import Person
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.questions import Question, SendAddressLink
from fastapi.testclient import TestClient

from tests.candidatures.premices import a_person, the_call


def test_an_address_belongs_to_one_person(premices: Runtime) -> None:
    double = Person(stable_id("premices", "person", "double"), "Double", email="ALIX@example.org")
    alix = a_person(premices, "alix")

    with pytest.raises(Refusal) as refused, premices.work() as work:
        commands.person.enter(work, double, alix)

    assert refused.value.code == "email_taken"
    assert the_call(premices).received == 0


As = Callable[..., dict[str, str]]
Asked = list[Question[Any]]

FIELDS = re.compile(r'<input type="hidden" name="(\w+)"[^>]*value="([^"]*)"')
BASILE = stable_id("premices", "person", "basile")
HIS = f"/candidatures/api/people/{BASILE}"
NEW = {"email": "Basile@CAFÉ.example"}


def link(asked: Asked) -> str:
    """The page to which the link leads that was sent last."""
    question = asked[-1]
    assert isinstance(question, SendAddressLink)
    assert question.person_id == BASILE
    return f"/candidatures/my-data/address/{question.token}"


def press(browser: TestClient, address: str) -> Any:
    fields = dict(FIELDS.findall(browser.get(address).text))
    return browser.post(address, data=fields)


def test_an_address_becomes_hers_once_it_is_confirmed(
    browser: TestClient, premices: Runtime, as_: As, asked: Asked
) -> None:
    assert browser.put(f"{HIS}/email", json=NEW, headers=as_("basile")).status_code == 204
    assert a_person(premices, "basile").email == "basile@example.org"

    assert press(browser, link(asked)).status_code == 303

    basile = a_person(premices, "basile")
    assert (basile.email, basile.email_proved) == ("Basile@café.example", True)
    assert press(browser, link(asked)).status_code == 410


def test_an_operator_asks_it_too_and_nobody_else(
    browser: TestClient, premices: Runtime, as_: As, asked: Asked
) -> None:
    for code in ("alix", "chloe", "firmin"):
        assert browser.put(f"{HIS}/email", json=NEW, headers=as_(code)).status_code == 403
        assert browser.patch(HIS, json={"name": "X"}, headers=as_(code)).status_code == 403
    assert asked == []
    assert browser.put(f"{HIS}/email", json=NEW, headers=as_("ops")).status_code == 204
    assert press(browser, link(asked)).status_code == 303
    assert a_person(premices, "basile").email == "Basile@café.example"


def test_an_address_of_somebody_else_is_refused_to_whoever_reads_it(
    browser: TestClient, premices: Runtime, as_: As, asked: Asked
) -> None:
    chloe = {"email": "CHLOE@example.org"}
    assert browser.put(f"{HIS}/email", json=chloe, headers=as_("basile")).status_code == 204
    assert "autre personne" in press(browser, link(asked)).text
    assert a_person(premices, "basile").email == "basile@example.org"


def test_what_was_asked_is_taken_back_or_too_old(
    browser: TestClient, premices: Runtime, as_: As, asked: Asked
) -> None:
    browser.put(f"{HIS}/email", json=NEW, headers=as_("basile"))
    assert browser.delete(f"{HIS}/email", headers=as_("basile")).status_code == 204
    assert press(browser, link(asked)).status_code == 410
    browser.put(f"{HIS}/email", json=NEW, headers=as_("basile"))
    premices.set_clock(premices.clock.now() + timedelta(days=1))
    assert press(browser, link(asked)).status_code == 410
    assert a_person(premices, "basile").email == "basile@example.org"


def test_only_so_many_are_asked(
    browser: TestClient, premices: Runtime, as_: As, asked: Asked
) -> None:
    answers = [
        browser.put(f"{HIS}/email", json={"email": f"b{n}@example.org"}, headers=as_("basile"))
        for n in range(6)
    ]
    assert [answer.status_code for answer in answers] == [204] * 5 + [429]


def test_a_name_a_telephone_and_a_language_are_hers_to_write(
    browser: TestClient, premices: Runtime, as_: As
) -> None:
    body = {"name": "Basile B.", "phone": "06 05", "language": "en"}
    assert browser.patch(HIS, json=body, headers=as_("basile")).status_code == 204
    basile = a_person(premices, "basile")
    assert (basile.name, basile.phone, basile.language) == ("Basile B.", "06 05", "en")

    assert browser.patch(HIS, json={"phone": None}, headers=as_("ops")).status_code == 204
    assert a_person(premices, "basile").phone is None
    wrong = {"email": "evil@example.org"}
    assert browser.patch(HIS, json=wrong, headers=as_("basile")).status_code == 422


def test_the_page_asks_and_says_what_is_wrong(
    browser: TestClient, premices: Runtime, as_: As, asked: Asked
) -> None:
    page = "/candidatures/my-data"
    fields = dict(FIELDS.findall(browser.get(page, headers=as_("basile")).text))

    wrong = browser.post(f"{page}/address", data=fields | {"email": "x"}, headers=as_("basile"))
    right = browser.post(f"{page}/address", data=fields | NEW, headers=as_("basile"))

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "caf" in browser.get(page, headers=as_("basile")).text
    assert len(asked) == 1


def test_who_only_typed_an_address_keeps_it_from_nobody(premices: Runtime) -> None:
    alix = a_person(premices, "alix")
    with premices.work() as work:
        work.share(Person(new_id(), "Autre", "zoe@example.org", email_proved=False))
        zoe = Person(new_id(), "Zoé", email="zoe@example.org")
        commands.person.enter(work, zoe, alix)
        assert directory.find_person_by_email(work.db, "zoe@example.org") == zoe
