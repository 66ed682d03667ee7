"""How numbers, days and yes or no are written in a file: one way each, wherever one is expected.

They are for the models of files read by `yaml_source`, whose scalars are texts. A value that is of
its type already passes: the same models read back numbers from JSON.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError, PydanticKnownError

from essaim.clock import NoSuchTime, in_paris

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?")
FIRST_YEAR, LAST_YEAR = 2000, 2200
_YEARS = {"first": str(FIRST_YEAR), "last": str(LAST_YEAR)}
_DIGITS = 30
"""No number of ours has more, and thousands of them take long to read."""


def _whole(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not _WHOLE.fullmatch(value):
        raise PydanticKnownError("int_parsing")
    if len(value) > _DIGITS:
        raise PydanticKnownError("int_parsing_size")
    return int(value)


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not _NUMBER.fullmatch(value):
        raise PydanticKnownError("float_parsing")
    if len(value) > _DIGITS:
        raise PydanticKnownError("int_parsing_size")
    return float(value)


def _exact(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    _number(value)
    return Decimal(value)


def _yes_no(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value not in ("true", "false"):
        raise PydanticKnownError("bool_parsing")
    return value == "true"


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not _DAY.fullmatch(value):
        raise PydanticKnownError("date_type")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PydanticKnownError("date_type") from error


def _paris_time(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not _TIME.fullmatch(value):
        raise PydanticCustomError("bad_local_time", "not a day and an hour")
    try:
        local = datetime.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("bad_local_time", "no such day or hour") from error
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise PydanticCustomError("far_time", "out of range", _YEARS)
    return in_paris_or_refused(local)


def in_paris_or_refused(local: datetime) -> datetime:
    """
    Raises:
        PydanticCustomError: `time_twice` or `time_skipped`, that time is none in Paris.
    """
    try:
        return in_paris(local)
    except NoSuchTime as error:
        raise PydanticCustomError(
            "time_twice" if error.twice else "time_skipped", "no such time in Paris"
        ) from error


def _year(value: int) -> int:
    if not FIRST_YEAR <= value <= LAST_YEAR:
        raise PydanticCustomError("far_time", "out of range", _YEARS)
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
Year = Annotated[Whole, AfterValidator(_year)]
"""7, -3: not 07, which some read as 7 and YAML as octal; nor 1_000, 7.0 or 1:30."""

Number = Annotated[float, BeforeValidator(_number)]
"""7 or 1.5."""

Exact = Annotated[Decimal, BeforeValidator(_exact)]
"""The same, kept as it is written."""

YesNo = Annotated[bool, BeforeValidator(_yes_no)]
"""true or false: not yes, on or 1."""

Day = Annotated[date, BeforeValidator(_day)]
"""2020-01-15."""

ParisTime = Annotated[datetime, BeforeValidator(_paris_time)]
"""2020-01-15 18:00 in Paris, with seconds if need be."""
