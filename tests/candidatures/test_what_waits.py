"""What waits here for each who comes in, and where its button leads."""

from datetime import timedelta
from uuid import UUID

import pytest
import signing
from candidatures import store
from candidatures.answers import what_waits
from candidatures.assignment import Given
from candidatures.commands import assignment
from essaim import Role, RoleHeld
from essaim.people import directory
from essaim.person import Person
from essaim.running.runtime import Runtime
from essaim.text.languages import tongue_of
from essaim_contracts.candidatures import Decision
from essaim_contracts.questions import Waits
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    OPEN,
    a_person,
    apply,
    decide_all,
    form_cohort,
    prepare,
    received,
    set_clock,
)


def waits(runtime: Runtime, person: Person, language: str = "fr") -> Waits:
    tongue = tongue_of("candidatures", language)
    with runtime.read() as db:
        return what_waits(db, person, runtime.clock.now(), tongue)


def said(runtime: Runtime, person: Person) -> list[tuple[str, str, str]]:
    found = waits(runtime, person).to_do
    return [(one.text.replace("\N{NO-BREAK SPACE}", " "), one.button, one.page) for one in found]


def bearer_of(runtime: Runtime, application_id: UUID) -> Person:
    with runtime.read() as db:
        bearer_id = store.application.get(db, application_id).bearer_id
        assert bearer_id is not None
        found = directory.find_person(db, bearer_id)
    assert found is not None
    return found


def test_the_committee_scores_and_the_coordination_decides_once_the_call_is_closed(
    premices: Runtime, four: list[UUID]
) -> None:
    basile, alix = a_person(premices, "basile"), a_person(premices, "alix")
    assert said(premices, basile) == [
        ("4 dossiers à noter : Appel Prémices 2020", "Noter", "/calls/premices-2020/scoring")
    ]
    undecided = "4 candidatures sans décision préparée : Appel Prémices 2020"
    ranking = "/calls/premices-2020/ranking"
    assert said(premices, alix) == [(undecided, "Voir le classement", ranking)]

    prepare(premices, four[0], Decision.SELECTED)
    assert said(premices, alix)[1] == (
        "1 décision préparée, pas encore appliquée : Appel Prémices 2020",
        "Relire",
        "/calls/premices-2020/decisions",
    )
    apply(premices, partial=True)
    assert len(said(premices, alix)) == 1
    assert said(premices, basile)[0][0].startswith("3 dossiers à noter")


def test_who_has_no_role_in_the_programme_is_told_nothing_of_it(
    premices: Runtime, four: list[UUID]
) -> None:
    elsewhere = RoleHeld(Role.COORDINATOR, "another")
    ended = RoleHeld(Role.COMMITTEE_MEMBER, "premices", until=OPEN.date() - timedelta(days=400))
    stranger = Person(four[0], "Somebody else", roles=(elsewhere, ended))

    assert waits(premices, stranger) == Waits()


def test_whoever_applied_reads_where_it_stands_and_what_her_project_owes(
    premices: Runtime, four: list[UUID]
) -> None:
    bearer = bearer_of(premices, four[0])
    (before,) = waits(premices, bearer).next
    assert "est devant le comité" in before.text
    assert before.page == f"/applications/{four[0]}"

    decide_all(premices, four)
    form_cohort(premices)

    (after,) = waits(premices, bearer).next
    assert after.text.endswith("Retenue")
    owed = [one for one in waits(premices, bearer).to_do if "à rendre" in one.text]
    assert [one.button for one in owed] == ["Déposer"] * len(owed)
    assert all(one.by is not None and one.page.endswith("#rendus") for one in owed)
    assert waits(premices, bearer_of(premices, four[3])).to_do == ()


def test_while_the_call_is_open_those_who_work_on_it_see_when_it_closes(
    premices: Runtime,
) -> None:
    set_clock(premices, OPEN)
    premices.run_timers()
    received(premices)

    (coming,) = waits(premices, a_person(premices, "alix"), "en").next

    assert "closes on" in coming.text
    assert coming.at is not None


def test_who_was_given_files_to_score_is_told_before_the_call_closes(premices: Runtime) -> None:
    set_clock(premices, OPEN)
    premices.run_timers()
    first = received(premices)
    basile = a_person(premices, "basile")
    assert said(premices, basile) == []

    with premices.work() as work:
        given = [Given(first, basile.id)]
        assignment.change(work, "premices-2020", given, [], OPEN.date() + timedelta(days=9))

    (waiting,) = said(premices, basile)
    assert waiting[0] == "1 dossier à noter : Appel Prémices 2020"


@pytest.mark.parametrize("who", ["alix", "basile"])
def test_every_button_leads_to_a_page_she_may_open(
    premices: Runtime, browser: TestClient, four: list[UUID], who: str
) -> None:
    prepare(premices, four[0], Decision.SELECTED)
    person = a_person(premices, who)
    headers = signing.bearer("candidatures", person.id)
    found = waits(premices, person)

    assert found.to_do
    for page in [one.page for one in found.to_do] + [one.page for one in found.next]:
        answer = browser.get(f"/candidatures{page}", headers=headers, follow_redirects=True)
        assert answer.status_code == 200
