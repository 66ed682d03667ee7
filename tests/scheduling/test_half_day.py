from datetime import UTC, date, datetime, timedelta

import pytest
from essaim.clock import PARIS
from hypothesis import given
from hypothesis import strategies as st
from scheduling.half_day import HalfDay, Part, half_days_of

instants = st.builds(
    lambda instant, zone: instant.astimezone(zone),
    st.datetimes(datetime(2019, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC)),
    st.sampled_from([UTC, PARIS]),
)
lengths = st.integers(1, 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_a_day_from_nine_to_five_is_two_half_days() -> None:
    half_days = half_days_of(paris("2020-09-11T09:00"), paris("2020-09-11T17:00"))

    day = date(2020, 9, 11)
    assert half_days == (HalfDay(day, Part.MORNING), HalfDay(day, Part.AFTERNOON))


def test_an_appointment_over_lunch_is_one_half_day() -> None:
    half_days = half_days_of(paris("2020-09-11T12:00"), paris("2020-09-11T14:00"))

    assert half_days == (HalfDay(date(2020, 9, 11), Part.MORNING),)


def test_an_evening_ceremony_is_one_afternoon() -> None:
    half_days = half_days_of(paris("2021-01-19T17:30"), paris("2021-01-19T21:00"))

    assert half_days == (HalfDay(date(2021, 1, 19), Part.AFTERNOON),)


def test_a_half_day_is_read_in_paris_whatever_the_zone_it_is_written_in() -> None:
    # 11:00 to 15:30 UTC in summer is 13:00 to 17:30 in Paris.
    half_days = half_days_of(
        datetime(2020, 7, 1, 11, 0, tzinfo=UTC), datetime(2020, 7, 1, 15, 30, tzinfo=UTC)
    )

    assert half_days == (HalfDay(date(2020, 7, 1), Part.AFTERNOON),)


def test_the_night_when_clocks_go_forward_has_an_hour_less() -> None:
    # From 01:30 to 03:15 on 29 March 2020 only 45 minutes pass.
    half_days = half_days_of(paris("2020-03-28T22:45"), paris("2020-03-29T03:15"))

    assert half_days == (
        HalfDay(date(2020, 3, 28), Part.AFTERNOON),
        HalfDay(date(2020, 3, 29), Part.MORNING),
    )
    assert half_days_of(paris("2020-03-29T01:30"), paris("2020-03-29T03:15")) == (
        HalfDay(date(2020, 3, 29), Part.MORNING),
    )


def test_a_session_that_ends_when_it_starts_has_no_half_day() -> None:
    with pytest.raises(ValueError, match="ends at"):
        half_days_of(paris("2020-09-11T09:00"), paris("2020-09-11T09:00"))


@given(instants, lengths)
def test_half_days_are_at_least_one_in_order_and_at_most_two_a_day(
    starts_at: datetime, length: timedelta
) -> None:
    half_days = half_days_of(starts_at, starts_at.astimezone(UTC) + length)

    order = [(one.day, one.part == Part.AFTERNOON) for one in half_days]
    assert 1 <= len(half_days) <= 16
    assert order == sorted(set(order))


@given(instants, lengths, lengths)
def test_a_longer_session_never_counts_fewer_half_days(
    starts_at: datetime, length: timedelta, more: timedelta
) -> None:
    ends_at = starts_at.astimezone(UTC) + length
    shorter = half_days_of(starts_at, ends_at)

    assert len(shorter) <= len(half_days_of(starts_at, ends_at + more))
