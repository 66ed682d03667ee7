"""The projects of a cohort, where they stand and the jobs they expect."""

from datetime import date

from reporting.indicators import cohort, employment

from tests.reporting.conftest import Ask
from tests.reporting.rows import parts, rows_of
from tests.reporting.series import (
    COHORT,
    Series,
    a_project,
    named,
)


def test_a_cohort_gives_one_row_per_project_and_a_change_gives_one_more() -> None:
    series = Series()

    formed = rows_of(series.form_cohort(a_project(1, jobs_min=2, jobs_max=5), a_project(2)))
    left = rows_of(series.change_cohort("left", a_project(2)))

    assert [row["project_id"] for row in formed["cohort_project"]] == [
        named("project", 1),
        named("project", 2),
    ]
    assert formed["cohort_project"][0]["joined"] is True
    assert formed["cohort_project"][0]["cohort_id"] == COHORT
    assert (formed["cohort_project"][0]["jobs_min"], formed["cohort_project"][0]["jobs_max"]) == (
        2,
        5,
    )
    assert len(formed["timeline_project"]) == 2
    assert [row["joined"] for row in left["cohort_project"]] == [False]


def test_a_project_that_left_the_cohort_is_no_longer_counted_and_its_replacement_is(
    figures: Ask,
) -> None:
    series = Series()
    series.form_cohort(a_project(1, sector="food"), a_project(2), a_project(3))
    series.change_cohort("left", a_project(2))
    series.change_cohort("joined", a_project(4))

    found = figures(series)

    assert found[cohort.PROJECTS].value == 3
    assert parts(found, cohort.PROJECTS) == {"": 2, "food": 1}


def test_a_project_stands_where_its_latest_report_says(figures: Ask) -> None:
    series = Series()
    series.form_cohort(a_project(1), a_project(2), a_project(3))
    series.progress(1, "abandoned", reported_on=date(2020, 12, 1))
    series.progress(1, "in_progress", reported_on=date(2020, 6, 1))
    series.progress(2, "halted")
    series.progress(2, "scop_or_scic_in_creation")

    assert parts(figures(series), cohort.BY_STATUS) == {
        "scop_or_scic_in_creation": 1,
        "abandoned": 1,
        "not_reported": 1,
    }


def test_expected_jobs_are_a_range_that_follows_what_each_project_last_said(
    figures: Ask,
) -> None:
    series = Series()
    series.form_cohort(
        a_project(1, jobs_min=2, jobs_max=4),
        a_project(2, jobs_min=3, jobs_max=6),
        a_project(3),
        a_project(4, jobs_min=50, jobs_max=90),
    )
    series.progress(1, "in_progress", jobs_min=5, jobs_max=8)
    series.progress(2, "in_progress")
    series.change_cohort("left", a_project(4))

    found = figures(series)

    assert (found[employment.EXPECTED_MIN].value, found[employment.EXPECTED_MAX].value) == (8, 14)
