"""A file on its way: handed in, read, corrected, accepted; and who is late is reminded."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import pytest
from candidatures import commands, store
from candidatures.deliverable_review import FileState, OwedFile
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import DeliverableKind
from essaim_contracts.cohort import DeliverableReminded, DeliverableReviewed, FileVerdict
from essaim_contracts.scheduling import ProjectStatus
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    PDF,
    a_person,
    decide_all,
    form_cohort,
    project_of,
    set_clock,
    told,
)
from tests.candidatures.test_deliverable import hand_in
from tests.candidatures.test_handlers import hear, progressed
from tests.candidatures.test_selecting import fields_of, press, text_of
from tests.candidatures.test_what_waits import bearer_of, waits

As = Callable[..., dict[str, str]]
KIND = DeliverableKind.FINAL_FILE
BEFORE, LATE = "2020-12-10T10:00:00+01:00", "2020-12-16T09:00:00+01:00"


@pytest.fixture
def cohort(premices: Runtime, four: list[UUID]) -> UUID:
    """Two projects of which each owes a final file by 15 December."""
    decide_all(premices, four)
    formed = form_cohort(premices).cohort_id
    set_clock(premices, datetime.fromisoformat(BEFORE))
    return formed


def review(
    runtime: Runtime,
    project_id: UUID,
    verdict: FileVerdict,
    comment: str = "",
    correct_by: date | None = None,
    version: int = 1,
    seen: str | None = None,
) -> DeliverableReviewed | None:
    with runtime.work() as work:
        given = commands.deliverable.a_review(work, version, verdict, (), comment, correct_by)
        return commands.deliverable.review(work, project_id, KIND, given, seen)


def file_of(runtime: Runtime, project_id: UUID) -> OwedFile:
    with runtime.work() as work:
        (found,) = store.owed.of_project(work.db, project_id, work.today)
    return found


def state_of(runtime: Runtime, project_id: UUID) -> FileState:
    return file_of(runtime, project_id).standing.state


def test_a_file_is_corrected_then_accepted_and_the_pen_goes_from_hand_to_hand(
    premices: Runtime, four: list[UUID], cohort: UUID
) -> None:
    project_id = project_of(premices, four[0])
    assert state_of(premices, project_id) == FileState.AWAITED
    hand_in(premices, project_id, PDF)
    assert state_of(premices, project_id) == FileState.TO_REVIEW

    by = date(2021, 1, 8)
    review(premices, project_id, FileVerdict.TO_CORRECT, "Le plan de financement.", by)
    standing = file_of(premices, project_id).standing
    assert (standing.state, standing.due_on, standing.is_hers) == (FileState.TO_CORRECT, by, True)
    hand_in(premices, project_id, PDF + b"% more")
    assert state_of(premices, project_id) == FileState.TO_REVIEW
    review(premices, project_id, FileVerdict.ACCEPTED, version=2)

    assert state_of(premices, project_id) == FileState.ACCEPTED
    with pytest.raises(Refusal, match="rouvrir ce dossier"):
        hand_in(premices, project_id, PDF + b"% again")
    reviewed = told(premices, DeliverableReviewed)
    assert [(one.version, one.verdict, one.correct_by) for one in reviewed] == [
        (1, FileVerdict.TO_CORRECT, by),
        (2, FileVerdict.ACCEPTED, None),
    ]
    assert "financement" not in "".join(one.model_dump_json() for one in reviewed)


def test_a_review_says_what_and_until_when_and_never_of_a_version_that_was_replaced(
    premices: Runtime, four: list[UUID], cohort: UUID
) -> None:
    project_id = project_of(premices, four[0])
    with pytest.raises(Refusal, match="encore rien rendu"):
        review(premices, project_id, FileVerdict.ACCEPTED)
    hand_in(premices, project_id, PDF)
    with pytest.raises(Refusal, match="ce qui est à corriger"):
        review(premices, project_id, FileVerdict.TO_CORRECT, "", date(2021, 1, 8))
    with pytest.raises(Refusal, match="aujourd’hui ou plus tard"):
        review(premices, project_id, FileVerdict.TO_CORRECT, "Le plan.", date(2020, 12, 9))
    review(premices, project_id, FileVerdict.ACCEPTED)
    assert review(premices, project_id, FileVerdict.ACCEPTED) is None

    with pytest.raises(Refusal) as stale:
        review(premices, project_id, FileVerdict.TO_CORRECT, "Le plan.", date(2021, 1, 8), seen="")
    assert stale.value.code == "reviewed_meanwhile"
    review(premices, project_id, FileVerdict.TO_CORRECT, "Le plan.", date(2021, 1, 8))
    hand_in(premices, project_id, PDF + b"% more")
    with pytest.raises(Refusal) as replaced:
        review(premices, project_id, FileVerdict.ACCEPTED)
    assert replaced.value.code == "newer_version"


def test_only_late_projects_are_reminded_once_for_each_day_they_missed(
    premices: Runtime, four: list[UUID], cohort: UUID
) -> None:
    late, on_time = project_of(premices, four[0]), project_of(premices, four[1])
    hand_in(premices, on_time, PDF)
    premices.run_timers()
    assert told(premices, DeliverableReminded) == []
    with pytest.raises(Refusal, match="aucun n’est en retard"), premices.work() as work:
        commands.deliverable.remind_late(work, cohort)

    premices.set_clock(datetime.fromisoformat(LATE))
    premices.run_timers()
    (reminded,) = told(premices, DeliverableReminded)
    assert (reminded.project_id, reminded.due_on) == (late, date(2020, 12, 15))
    premices.set_clock(datetime.fromisoformat("2020-12-18T09:00:00+01:00"))
    premices.run_timers()
    assert len(told(premices, DeliverableReminded)) == 1

    with premices.work() as work:
        assert commands.deliverable.remind_late(work, cohort) == 1
    with pytest.raises(Refusal, match="déjà été relancés"), premices.work() as work:
        commands.deliverable.remind_late(work, cohort)
    assert len(told(premices, DeliverableReminded)) == 2

    # A correction that does not come is another day missed; an old edition reminds nobody.
    review(premices, on_time, FileVerdict.TO_CORRECT, "Le plan.", date(2020, 12, 20))
    premices.set_clock(datetime.fromisoformat("2020-12-21T09:00:00+01:00"))
    premices.run_timers()
    last = told(premices, DeliverableReminded)[-1]
    assert (last.project_id, last.to_correct) == (on_time, True)
    assert len(told(premices, DeliverableReminded)) == 3


@pytest.mark.parametrize("status", [ProjectStatus.HALTED, ProjectStatus.ABANDONED])
def test_who_stopped_is_not_reminded_of_a_file(
    premices: Runtime, four: list[UUID], cohort: UUID, status: ProjectStatus
) -> None:
    stopped, late = project_of(premices, four[0]), project_of(premices, four[1])
    hear(premices, progressed(stopped, status, None))

    premices.set_clock(datetime.fromisoformat(LATE))
    premices.run_timers()

    assert [one.project_id for one in told(premices, DeliverableReminded)] == [late]


def test_what_waits_says_who_holds_the_pen(
    premices: Runtime, four: list[UUID], cohort: UUID
) -> None:
    project_id, alix = project_of(premices, four[0]), a_person(premices, "alix")
    hand_in(premices, project_id, PDF)
    assert [one.text for one in waits(premices, bearer_of(premices, four[0])).to_do] == []
    (to_read,) = (one for one in waits(premices, alix).to_do if "relire" in one.text)
    assert to_read.page == f"/cohorts/{cohort}/files?state=to_review"
    assert to_read.text == "1 dossier rendu à relire\N{NO-BREAK SPACE}: promotion 2020"

    review(premices, project_id, FileVerdict.TO_CORRECT, "Le plan.", date(2021, 1, 8))
    (to_do,) = waits(premices, bearer_of(premices, four[0])).to_do
    assert (to_do.button, to_do.page) == ("Corriger", f"/projects/{project_id}#rendus")
    assert not any("relire" in one.text for one in waits(premices, alix).to_do)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_goes_through_its_pages_with_a_receipt_a_review_and_the_list_of_its_cohort(
    premices: Runtime, browser: TestClient, four: list[UUID], cohort: UUID, as_: As
) -> None:
    alix = as_("alix")
    page = f"/candidatures/projects/{project_of(premices, four[0])}"
    action, files = f"{page}/deliverables/final_file", f"/candidatures/cohorts/{cohort}/files"
    hidden = fields_of(text_of(browser.get(page, headers=alix)), action)
    sent = {"file": ("dossier.pdf", PDF, "application/pdf")}
    receipt = browser.post(action, data=hidden, files=sent, headers=alix).headers["location"]
    assert "version" in text_of(browser.get(receipt, headers=alix)).lower()
    assert "10 décembre 2020 à 10 h 00" in text_of(browser.get(receipt, headers=alix))

    read = f"{action}/review"
    wrong = press(browser, read, read, alix, verdict="to_correct", comment="Le budget.")
    assert wrong.status_code == 422
    assert "Le budget." in text_of(wrong)
    done = press(
        browser, read, read, alix,
        verdict="to_correct", comment="Le budget.", correct_by="2021-01-08",
    )  # fmt: skip
    assert done.status_code == 303
    assert "à corriger avant la fin du 8 janvier" in text_of(browser.get(page, headers=alix))
    assert "Le budget." in text_of(browser.get(page, headers=alix))

    listed = text_of(browser.get(f"{files}?state=to_correct", headers=alix))
    assert "Projet fictif 1" in listed
    assert "Projet fictif 2" not in listed
    csv = text_of(browser.get(f"{files}?format=csv", headers=alix))
    assert "À corriger" in csv
    set_clock(premices, datetime.fromisoformat(LATE))
    reminders = f"/candidatures/cohorts/{cohort}/reminders"
    assert "Projet fictif 2" in text_of(browser.get(reminders, headers=alix))
    press(browser, reminders, reminders, alix)
    assert "relancé" in text_of(browser.get(files, headers=alix)).lower()
    # A funder follows without the file or what was said of it; a stranger sees nothing.
    assert "Le budget." not in text_of(browser.get(page, headers=as_("firmin")))
    assert browser.get(read, headers=as_("basile")).status_code == 403
