from datetime import date

from scheduling.track import Duration
from scheduling.track_file import read_track

SMALL = """\
format: essaim-track/1
code: petit
version: 1
name: Petit parcours
"""


def test_what_the_source_does_not_say_is_said_to_be_unknown() -> None:
    track = read_track(
        SMALL + "duration: null\nsessions:\n  - {kind: pitch, title: P, mode: null}\n"
    )

    assert track.unknown == ["duration", "sessions.0.mode"]


def test_six_weeks_end_on_the_day_before_the_seventh() -> None:
    assert Duration(weeks=6).after(date(2023, 1, 9)) == date(2023, 2, 19)


def test_a_month_that_has_no_such_day_ends_with_the_month() -> None:
    assert Duration(months=1).after(date(2023, 1, 31)) == date(2023, 2, 27)
    assert Duration(years=3).after(date(2020, 2, 29)) == date(2023, 2, 27)


def test_a_track_that_may_overrun_has_no_last_day() -> None:
    closed = read_track(SMALL + "duration: {months: 12}\n")
    open_ended = read_track(SMALL + "duration: {months: 12}\nmay_overrun: true\n")

    assert closed.last_day(date(2023, 1, 9)) == date(2024, 1, 8)
    assert open_ended.last_day(date(2023, 1, 9)) is None
