"""Days, instants and numbers as programs and forms give them, near enough to be reckoned with.

Bounded before anything is made of them: in another zone, or a day later, the ends of the calendar
are beyond it.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError, PydanticKnownError

from essaim.text.file_values import FIRST_YEAR, LAST_YEAR

FIRST_YEAR_OF_A_DAY = 1900  # an organisation may have joined before there were computers
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _instant_as_text(value: Any) -> Any:
    # Pydantic would read a number as seconds since 1970.
    if not isinstance(value, str | datetime):
        raise PydanticKnownError("datetime_type")
    return value


def _day_as_text(value: Any) -> Any:
    if not isinstance(value, date) and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise PydanticKnownError("date_type")
    return value


def near(instant: datetime) -> datetime:
    """
    Raises:
        PydanticCustomError: `far_time`, its year is none of those we reckon with.
    """
    _check_year(instant.year, FIRST_YEAR)
    return instant


def _near_day(day: date) -> date:
    _check_year(day.year, FIRST_YEAR_OF_A_DAY)
    return day


def _check_year(year: int, first: int) -> None:
    if not first <= year <= LAST_YEAR:
        raise PydanticCustomError(
            "far_time", "out of range", {"first": str(first), "last": str(LAST_YEAR)}
        )


def _years(first: int) -> dict[str, Any]:
    return {"x-years": [first, LAST_YEAR]}


InstantIn = Annotated[
    AwareDatetime,
    BeforeValidator(_instant_as_text),
    AfterValidator(near),
    Field(json_schema_extra=_years(FIRST_YEAR)),
]
"""2020-01-15T18:00+01:00, from 2000 to 2200."""

DayIn = Annotated[
    date,
    BeforeValidator(_day_as_text),
    AfterValidator(_near_day),
    Field(json_schema_extra=_years(FIRST_YEAR_OF_A_DAY)),
]
"""2020-01-15, from 1900 to 2200."""

Count = Annotated[int, Strict()]
"""A whole number: neither true nor "7", which a program did not mean. A body says how large."""

Flag = Annotated[bool, Strict()]
"""true or false: neither 1 nor "yes"."""
