"""What waits here for each who comes in: sheets, proposals, pairs that fell silent; what comes."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from essaim.clock import SimulatedClock
from essaim.ids import stable_id
from essaim.person import Person, Role
from essaim.running.runtime import Runtime
from essaim.text.languages import tongue_of
from essaim_contracts.candidatures import CohortFormed, Commitment
from essaim_contracts.questions import Waits
from scheduling.answers import what_waits
from scheduling.pairing import Pair

from tests.scheduling.promotion_2020 import COHORT, Api, Backbone, Somebody, a_partner


def waits(runtime: Runtime, person: Person, language: str = "fr") -> Waits:
    tongue = tongue_of("scheduling", language)
    with runtime.read() as db:
        return what_waits(db, person, runtime.clock.now(), tongue)


def lines(found: Waits) -> list[str]:
    return [one.text.replace("\N{NO-BREAK SPACE}", " ") for one in found.to_do]


def plan(api: Api, alix: Person, day: int) -> None:
    values = {
        "cohort_id": str(COHORT),
        "kind": "collective_day",
        "title": f"Journée {day}",
        "mode": "on_site",
        "place": "Lyon",
        "starts_at": f"2020-03-{day:02}T09:00:00+01:00",
        "ends_at": f"2020-03-{day:02}T17:00:00+01:00",
    }
    answer = api(alix).post("/api/sessions", json=values)
    assert answer.status_code == 201, answer.text


def test_sheets_wait_for_who_holds_them_and_sessions_come_next(
    runtime: Runtime, api: Api, somebody: Somebody, cohort: CohortFormed, clock: SimulatedClock
) -> None:
    alix = somebody(Role.COORDINATOR, "UR Scop")
    for day in range(2, 7):
        plan(api, alix, day)
    coming = waits(runtime, alix)
    assert coming.to_do == ()
    assert coming.next[0].text.startswith("Journée 2, ")
    assert coming.next[0].text.endswith("Lyon")
    assert waits(runtime, somebody(Role.COMMITTEE_MEMBER)) == Waits()

    clock.set(clock.now() + timedelta(days=30))

    found = waits(runtime, alix)
    assert found.next == ()
    assert lines(found)[0] == "Feuille à clore : Journée 2, 2 mars 2020"
    assert lines(found)[3] == "et 2 autres feuilles à clore"
    assert len(found.to_do) == 4
    for one in found.to_do:
        assert api(alix).get(one.page).status_code == 200


def test_a_silent_pair_is_shown_to_who_is_in_it_and_counted_for_the_coordination(
    runtime: Runtime,
    api: Api,
    backbone: Backbone,
    somebody: Somebody,
    cohort: CohortFormed,
    clock: SimulatedClock,
) -> None:
    backbone.hear(a_partner("Les Amanins", Commitment.GODPARENT))
    alix, ada = somebody(Role.COORDINATOR), somebody(Role.GODPARENT, "Les Amanins")
    project_id = cohort.projects[0].project_id
    paired(api, alix, project_id)
    assert waits(runtime, ada).to_do == ()
    clock.set(clock.now() + timedelta(days=60))

    (hers,) = waits(runtime, ada).to_do
    assert hers.text.startswith("Ni échange ni rendez-vous avec")
    assert hers.page == f"/projects/{project_id}#echanges"
    assert lines(waits(runtime, alix)) == [
        "1 accompagnement sans échange ni séance depuis deux mois"
    ]

    noted = {"happened_on": "2020-04-18", "note": "Tout va bien."}
    said = api(ada).post(f"/api/projects/{project_id}/exchanges", json=noted)
    assert said.status_code == 201, said.text
    assert waits(runtime, ada).to_do == ()


def paired(api: Api, alix: Person, project_id: UUID) -> None:
    values = {
        "project_id": str(project_id),
        "kind": "godparent",
        "organisation_id": str(stable_id("premices", "organisation", "Les Amanins")),
    }
    answer = api(alix).post("/api/pairings", json=values)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(("days", "silent"), [(59, False), (60, True)])
def test_a_pair_that_began_lately_owes_no_news_yet(days: int, silent: bool) -> None:
    pair = Pair(COHORT, "Le Fournil", date(2020, 1, 1), None, True)
    assert pair.is_silent(date(2020, 1, 1) + timedelta(days=days)) is silent
