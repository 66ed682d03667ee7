from datetime import UTC, date, datetime
from typing import Any

import pytest
from essaim.text.bounded import DayIn, InstantIn
from pydantic import TypeAdapter, ValidationError

INSTANT: TypeAdapter[datetime] = TypeAdapter(InstantIn)
DAY: TypeAdapter[date] = TypeAdapter(DayIn)


def test_an_instant_within_the_years_we_reckon_with_is_taken() -> None:
    assert INSTANT.validate_python("2020-01-15T18:00+01:00") == datetime(
        2020, 1, 15, 17, tzinfo=UTC
    )
    assert DAY.validate_python("1998-04-30") == date(1998, 4, 30)


@pytest.mark.parametrize(
    "value",
    [
        "9999-12-31T20:00-12:00",
        "9999-12-31T23:59:59.999999+14:00",
        "0001-01-01T00:00+14:00",
        "0001-01-01T00:00Z",
        "1999-12-31T23:59Z",
        "2201-01-01T00:00Z",
        "2020-01-15T18:00",
        "99999999999999999999",
        "1" * 5000,
        1_600_000_000,
        1e300,
        float("nan"),
        True,
        None,
        [],
        "",
    ],
)
def test_an_instant_beyond_is_refused_before_it_is_reckoned_with(value: Any) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(value)


@pytest.mark.parametrize(
    "value",
    ["9999-12-31", "0001-01-01", "2020-02-30", "2020-1-5", "20200105", "2020-01-05T00:00Z", 0, 1e9],
)
def test_a_day_beyond_or_in_another_form_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(value)
