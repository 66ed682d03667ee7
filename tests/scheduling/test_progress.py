from datetime import date
from typing import Any

import pytest
from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim_contracts.scheduling import ProjectProgressed, ProjectStatus
from hypothesis import given
from hypothesis import strategies as st
from scheduling.cohort import Project
from scheduling.progress import Progress, report_progress

TODAY = date(2020, 12, 15)
PROJECT = Project(new_id(), new_id(), "Le Fournil", None, None, (), date(2020, 2, 27))
EDITION = new_id()

jobs = st.none() | st.integers(0, 200)


def a_report(status: ProjectStatus = ProjectStatus.HALTED, **values: Any) -> Progress:
    given: dict[str, Any] = {"status": status, "reported_on": TODAY}
    return Progress(**given | values)


def test_a_scop_to_come_is_said_with_when_it_is_expected() -> None:
    report = a_report(
        ProjectStatus.SCOP_OR_SCIC_IN_CREATION,
        legal_form="scop",
        expected_on=date(2021, 1, 1),
        jobs_min=4,
        jobs_max=6,
    )

    assert report_progress(PROJECT, EDITION, report, TODAY) == ProjectProgressed(
        project_id=PROJECT.id,
        edition_id=EDITION,
        cohort_id=PROJECT.cohort_id,
        status=ProjectStatus.SCOP_OR_SCIC_IN_CREATION,
        legal_form="scop",
        expected_on=date(2021, 1, 1),
        jobs_min=4,
        jobs_max=6,
        reported_on=TODAY,
    )


def test_a_halted_project_is_not_an_abandoned_one() -> None:
    halted = report_progress(PROJECT, EDITION, a_report(ProjectStatus.HALTED), TODAY)
    abandoned = report_progress(PROJECT, EDITION, a_report(ProjectStatus.ABANDONED), TODAY)

    assert halted != abandoned


def test_a_report_dated_tomorrow_is_refused() -> None:
    with pytest.raises(Refusal, match="2020-12-15"):
        report_progress(PROJECT, EDITION, a_report(reported_on=date(2020, 12, 16)), TODAY)


@given(jobs, jobs)
def test_jobs_are_a_whole_range_or_nothing(jobs_min: int | None, jobs_max: int | None) -> None:
    report = a_report(jobs_min=jobs_min, jobs_max=jobs_max)
    neither = jobs_min is None and jobs_max is None
    ordered = jobs_min is not None and jobs_max is not None and jobs_min <= jobs_max

    if neither or ordered:
        fact = report_progress(PROJECT, EDITION, report, TODAY)
        assert (fact.jobs_min, fact.jobs_max) == (jobs_min, jobs_max)
    else:
        with pytest.raises(Refusal) as refusal:
            report_progress(PROJECT, EDITION, report, TODAY)
        assert refusal.value.field == "jobs_max"
