"""What a programme reads of the people in the directory."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from candidatures import commands
from candidatures.commands.programme import import_programme
from candidatures.programme_file import read_programme
from essaim.ids import new_id, stable_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient

from tests.candidatures.premices import PROGRAMME

As = Callable[..., dict[str, str]]


@pytest.fixture
def known(premices: Runtime) -> None:
    """Alix coordinates Prémices, where Zoé and Noé are; Zoé is in another programme too."""
    zoe = RoleHeld(Role.SPEAKER, "premices"), RoleHeld(Role.FUNDER, "autre")
    with premices.work() as work:
        work.share(Person(new_id(), "Zoé", "zoe@example.org", "06 01", roles=zoe))
        work.share(Person(new_id(), "Noé", "noe@example.org", "06 02", roles=zoe[:1]))
        work.share(Person(new_id(), "Ida", "ida@example.org", "06 03", roles=zoe[1:]))


def people(browser: TestClient, headers: dict[str, str]) -> dict[str, Any]:
    answer = browser.get("/candidatures/api/people?programme=premices", headers=headers)
    return {one["name"]: one for one in answer.json()["items"]}


def test_a_coordinator_reads_no_telephone_and_no_role_of_another_programme(
    browser: TestClient, known: None, as_: As
) -> None:
    seen = people(browser, as_("alix"))

    assert "Ida" not in seen
    assert (seen["Zoé"]["email"], seen["Zoé"]["phone"]) == ("zoe@example.org", None)
    assert [held["programme"] for held in seen["Zoé"]["roles"]] == ["premices"]
    assert seen["Noé"]["phone"] == "06 02"


def test_who_adopts_somebody_by_her_address_reads_neither(
    browser: TestClient, known: None, premices: Runtime, as_: As
) -> None:
    adopting = """\
format: essaim-programme/1
programme: {slug: tiers, name: Tiers, steward: elle}
organisations:
  - {code: elle, name: Elle, commitments: [steward]}
people:
  - {code: a, name: Alix (fictive), email: alix@example.org, roles: [{role: coordinator}]}
  - {code: n, name: Noé, email: noe@example.org, roles: [{role: speaker}]}
"""
    with premices.work() as work:
        import_programme(work, read_programme(adopting))
    answer = browser.get("/candidatures/api/people?programme=tiers", headers=as_("alix"))
    seen = {one["name"]: one for one in answer.json()["items"]}

    assert seen["Noé"]["phone"] is None
    assert [held["programme"] for held in seen["Noé"]["roles"]] == ["tiers"]
    assert people(browser, as_("alix"))["Noé"]["phone"] is None


def test_the_programme_whose_file_gave_a_telephone_goes_on_reading_it(
    browser: TestClient, premices: Runtime, as_: As
) -> None:
    given = PROGRAMME.replace("name: Basile (fictif)", 'name: Basile (fictif)\n    phone: "06 04"')
    with premices.work() as work:
        import_programme(work, read_programme(given))
        basile = commands.person.get(work, stable_id("premices", "person", "basile"))
        funder = RoleHeld(Role.FUNDER, "autre")
        work.share(replace(basile, roles=(*basile.roles, funder)))

    assert people(browser, as_("alix"))["Basile (fictif)"]["phone"] == "06 04"


def test_an_operator_reads_all(browser: TestClient, known: None, as_: As) -> None:
    seen = people(browser, as_("ops"))

    assert seen["Zoé"]["phone"] == "06 01"
    assert len(seen["Zoé"]["roles"]) == 2
