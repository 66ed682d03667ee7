"""Files handed in, on time or late."""

from datetime import date

from reporting.indicators import deliverable

from tests.reporting.conftest import Ask
from tests.reporting.rows import rows_of
from tests.reporting.series import (
    Series,
)


def test_a_file_handed_in_on_the_last_day_in_paris_is_not_late() -> None:
    series = Series().on(date(2020, 12, 18))

    (on_time,) = rows_of(series.hand_in(1, due_on=date(2020, 12, 18)))["deliverable_handed_in"]
    (late,) = rows_of(series.hand_in(2, due_on=date(2020, 12, 17)))["deliverable_handed_in"]

    assert (on_time["late"], late["late"]) == (False, True)


def test_late_files_are_told_apart_and_a_second_version_replaces_the_first(
    figures: Ask,
) -> None:
    due = date(2020, 12, 18)
    series = Series().on(date(2020, 12, 17))
    series.hand_in(1, due)
    series.hand_in(2, due)
    series.on(date(2020, 12, 20)).hand_in(2, due, version=2)

    found = figures(series)

    assert found[deliverable.HANDED_IN].value == 2
    assert found[deliverable.LATE].value == 1
