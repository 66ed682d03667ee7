from datetime import date
from uuid import UUID

import pytest
import signing
import sqlalchemy as sa
from candidatures import commands, store
from candidatures.cohort import Asked, LeaveReason
from candidatures.commands.programme import import_programme
from candidatures.programme_file import read_programme
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import (
    CohortChange,
    CohortChanged,
    CohortFormed,
    Decision,
    WithdrawalReason,
)
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    PROGRAMME,
    START,
    apply,
    decide_all,
    form_cohort,
    prepare,
    project_of,
    told,
)


def test_a_cohort_is_formed_once_from_the_selected_applications(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    formed = form_cohort(premices)

    assert told(premices, CohortFormed) == [formed]
    assert [one.application_id for one in formed.projects] == four[:2]
    assert [one.title for one in formed.projects] == ["Projet fictif 1", "Projet fictif 2"]
    assert [(one.jobs_min, one.jobs_max) for one in formed.projects] == [(2, 4), (2, 4)]
    with pytest.raises(Refusal, match="promotion 2020"):
        form_cohort(premices)


def test_the_selected_of_one_call_form_two_cohorts_and_none_takes_more_than_its_places(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    first, second = (project_of(premices, one) for one in four[:2])

    def form(label: str, *projects: UUID, places: int | None = None) -> CohortFormed:
        with premices.work() as work:
            asked = Asked(label, START, places, projects)
            return commands.cohort.form(work, "premices-2020", asked)

    with pytest.raises(Refusal, match="2 projets pour 1 places"):
        form("trop", places=1)
    one = form("printemps", first, places=1)
    with pytest.raises(Refusal, match="fait déjà partie"):
        form("automne", first, second)
    other = form("automne")

    assert [(each.number, each.places) for each in (one, other)] == [(1, 1), (2, None)]
    assert [each.projects[0].project_id for each in (one, other)] == [first, second]
    with premices.work() as work:
        leaving, day = CohortChange.LEFT, date(2020, 3, 10)
        reason = LeaveReason.OTHER_SUPPORT
        commands.cohort.change(work, other.cohort_id, second, leaving, day, reason)
    with premices.read() as db:
        (left,) = store.project.left(db, other.cohort_id)
    assert (left.project_id, left.reason) == (second, reason)
    with pytest.raises(Refusal, match="est complète"), premices.work() as work:
        commands.cohort.change(work, one.cohort_id, second, CohortChange.JOINED, date(2020, 3, 12))


def test_no_cohort_comes_of_a_call_that_selected_nobody(
    premices: Runtime, four: list[UUID]
) -> None:
    with pytest.raises(Refusal) as refused:
        form_cohort(premices)

    assert refused.value.code == "nobody_selected"


def test_a_project_leaves_and_one_of_the_waiting_list_joins(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    formed = form_cohort(premices)
    leaver, joiner = project_of(premices, four[0]), project_of(premices, four[2])
    day = date(2020, 3, 20)

    def change(project_id: UUID, change: CohortChange) -> None:
        with premices.work() as work:
            commands.cohort.change(work, formed.cohort_id, project_id, change, day)

    change(leaver, CohortChange.LEFT)
    with pytest.raises(Refusal, match="n’est pas retenu"):
        change(joiner, CohortChange.JOINED)
    prepare(premices, four[2], Decision.SELECTED)
    apply(premices, over_places=True)
    change(joiner, CohortChange.JOINED)
    with pytest.raises(Refusal, match="déjà partie"):
        change(joiner, CohortChange.JOINED)
    with pytest.raises(Refusal, match="ne fait pas partie"):
        change(leaver, CohortChange.LEFT)

    changes = [(fact.change, fact.project.project_id) for fact in told(premices, CohortChanged)]
    assert changes == [(CohortChange.LEFT, leaver), (CohortChange.JOINED, joiner)]


def test_a_coordinator_takes_no_project_of_another_programme_into_her_cohort(
    browser: TestClient, premices: Runtime, four: list[UUID]
) -> None:
    """It would be hers to read and to steer, and lost to the programme that selected it."""
    decide_all(premices, four)
    theirs, wanted = a_cohort_elsewhere(premices), project_of(premices, four[0])
    berenice = Person(new_id(), "Bérénice", roles=(RoleHeld(Role.COORDINATOR, "autre"),))
    with premices.work() as work:
        work.share(berenice)
    body = {"project_id": str(wanted), "change": "joined", "effective_on": "2020-03-20"}

    refused = browser.post(
        f"/candidatures/api/cohorts/{theirs}/changes",
        json=body,
        headers=signing.bearer("candidatures", berenice.id),
    )

    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_project")
    assert told(premices, CohortChanged) == []
    assert len(form_cohort(premices).projects) == 2


def a_cohort_elsewhere(premices: Runtime) -> UUID:
    """The cohort of a call of another programme."""
    file = PROGRAMME.replace("slug: premices\n", "slug: autre\n")
    file = file.replace("premices-2020", "autre-2020").replace("PREM-2020", "AUTR-2020")
    cohort_id = new_id()
    with premices.work() as work:
        import_programme(work, read_programme(file))
        call = store.call.get(work.db, "autre-2020")
        row = {
            "id": cohort_id,
            "call_id": call.id,
            "edition_id": call.edition_id,
            "label": "autre promotion",
            "track_code": "premices",
            "starts_on": date(2020, 2, 27),
        }
        work.db.execute(sa.insert(store.cohort.cohort), row)
    return cohort_id


def test_a_project_in_a_cohort_does_not_withdraw_its_application(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form_cohort(premices)

    with pytest.raises(Refusal, match="promotion 2020"), premices.work() as work:
        commands.application.withdraw(work, four[0], WithdrawalReason.BEARER_CHOICE)
