"""An application ends in one state, and is counted by day, sector, department and source."""

from datetime import UTC, date, datetime

import pytest
from reporting.indicators import application

from tests.reporting.conftest import Ask
from tests.reporting.rows import parts, rows_of
from tests.reporting.series import Series, named


def test_an_application_is_counted_on_the_day_it_was_received_in_paris() -> None:
    late_evening = datetime(2020, 1, 14, 23, 30, tzinfo=UTC)

    rows = rows_of(Series().receive(7, received_at=late_evening, sector="food", department="38"))

    (received,) = rows["application_received"]
    assert received["received_on"] == date(2020, 1, 15)
    assert (received["sector"], received["department"]) == ("food", "38")
    assert rows["project_title"] == [
        {"project_id": named("project", 7), "seq": 1, "title": "Projet 7"}
    ]
    assert rows["project_bearer"] == [
        {"project_id": named("project", 7), "person_id": named("bearer", 7)}
    ]


def test_a_withdrawal_and_a_decision_are_both_answers_to_an_application() -> None:
    series = Series()

    (withdrawn,) = rows_of(series.withdraw(1))["application_answered"]
    (decided,) = rows_of(series.decide(1, "waiting_list"))["application_answered"]

    assert (withdrawn["state"], withdrawn["reason"]) == ("withdrawn", "bearer_choice")
    assert (decided["state"], decided["reason"]) == ("waiting_list", "places_filled")


def test_every_application_ends_in_one_state_and_the_states_add_up(figures: Ask) -> None:
    series = Series()
    for number in range(1, 8):
        series.receive(number)
    series.withdraw(1)
    series.decide(2, "selected")
    series.decide(3, "waiting_list")
    series.decide(4, "refused")
    series.decide(5, "reoriented")
    series.decide(6, "waiting_list")
    series.decide(6, "selected")

    found = figures(series)

    assert found[application.RECEIVED].value == 7
    assert parts(found, application.STATES) == {
        "selected": 2,
        "waiting_list": 1,
        "reoriented": 1,
        "refused": 1,
        "withdrawn": 1,
        "pending": 1,
    }
    assert found.value(application.SELECTION_RATE) == pytest.approx(2 / 7)


def test_an_application_withdrawn_after_its_selection_is_withdrawn(figures: Ask) -> None:
    series = Series()
    series.receive(1)
    series.decide(1, "selected")
    series.withdraw(1)

    assert parts(figures(series), application.STATES) == {"withdrawn": 1}


def test_an_application_received_again_after_a_withdrawal_waits_for_an_answer(
    figures: Ask,
) -> None:
    series = Series()
    series.receive(1)
    series.withdraw(1)
    series.receive(1)

    found = figures(series)

    assert found[application.RECEIVED].value == 1
    assert parts(found, application.STATES) == {"pending": 1}


def test_an_application_that_was_corrected_counts_once_and_as_it_is_now(figures: Ask) -> None:
    series = Series()
    series.receive(1, sector="food")
    series.receive(2, sector="food")
    series.correct(1, sector="care")

    found = figures(series)

    assert found[application.RECEIVED].value == 2
    assert parts(found, application.BY_SECTOR) == {"food": 1, "care": 1}


def test_applications_are_told_apart_by_day_sector_department_and_source(
    figures: Ask,
) -> None:
    series = Series()
    series.receive(1, sector="food", department="38", heard_from="newsletter")
    series.on(date(2020, 1, 15))
    series.receive(2, sector="food", department="69")
    series.receive(3)

    found = figures(series)

    assert parts(found, application.BY_DAY) == {"2020-01-10": 1, "2020-01-15": 2}
    assert parts(found, application.BY_SECTOR) == {"food": 2, "": 1}
    assert parts(found, application.BY_DEPARTMENT) == {"": 1, "38": 1, "69": 1}
    assert parts(found, application.BY_SOURCE) == {"": 2, "newsletter": 1}
