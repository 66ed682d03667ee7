from datetime import datetime

import pytest
from essaim.clock import NoSuchTime, in_paris
from hypothesis import given
from hypothesis import strategies as st


def test_hours_are_those_of_paris_in_winter_and_in_summer() -> None:
    assert in_paris(datetime(2020, 1, 15, 18)).isoformat() == "2020-01-15T18:00:00+01:00"
    assert in_paris(datetime(2020, 7, 15, 18)).isoformat() == "2020-07-15T18:00:00+02:00"


@pytest.mark.parametrize(
    ("local", "twice"),
    [(datetime(2020, 3, 29, 2, 30), False), (datetime(2020, 10, 25, 2, 30), True)],
)
def test_a_time_of_the_night_of_a_clock_change_is_refused(local: datetime, twice: bool) -> None:
    with pytest.raises(NoSuchTime) as refused:
        in_paris(local)

    assert refused.value.twice is twice


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_a_local_time_that_exists_once_is_shown_again_by_clocks_in_paris(local: datetime) -> None:
    try:
        instant = in_paris(local)
    except NoSuchTime:
        assert local.month in (3, 10)
        assert local.day >= 25
        return

    assert instant.replace(tzinfo=None) == local
