"""How days, instants, money and durations are written, in French and in English."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import dates, numbers

from essaim.clock import PARIS
from essaim.text.typography import NBSP

NOTHING = "–"
_WEEKDAY = "EEEE d MMMM y"
_DAY = "d MMMM y"
_TIME = {"fr": f"H{NBSP}'h'{NBSP}mm", "en": "HH:mm"}
_AT = {"fr": "à", "en": "at"}
_SAME_DAY = {"fr": "{day}, de {start} à {end}", "en": "{day}, from {start} to {end}"}
_DAYS = {"fr": "du {start} au {end}", "en": "from {start} to {end}"}

Day = date | datetime
"""A day; an instant counts as its day in Paris."""


# Babel reads its patterns at every call, and a list writes the same days and numbers many times.
_remembered = lru_cache(maxsize=4096)


def day(value: Day | None, language: str) -> str:
    """15 janvier 2020."""
    return NOTHING if value is None else _dated(_in_paris(value), _DAY, language)


def full_day(value: Day | None, language: str) -> str:
    """Mercredi 15 janvier 2020, without a capital in French."""
    return NOTHING if value is None else _dated(_in_paris(value), _WEEKDAY, language)


@_remembered
def time(value: datetime | None, language: str) -> str:
    """18 h 00, in Paris."""
    if value is None:
        return NOTHING
    return dates.format_datetime(value.astimezone(PARIS), _TIME[language], locale=language)


def instant(value: datetime | None, language: str) -> str:
    """Mercredi 15 janvier 2020 à 18 h 00, in Paris."""
    if value is None:
        return NOTHING
    return f"{full_day(value, language)} {_AT[language]} {time(value, language)}"


def period(start: datetime, end: datetime, language: str) -> str:
    """Jeudi 8 octobre 2020, de 9 h 00 à 17 h 00; with both days when it goes on over midnight."""
    if _in_paris(start) == _in_paris(end):
        words = {"day": full_day(start, language)}
        words |= {"start": time(start, language), "end": time(end, language)}
        return _SAME_DAY[language].format(**words)
    return _DAYS[language].format(start=instant(start, language), end=instant(end, language))


def euros(value: int | Decimal | None, language: str) -> str:
    """36 000 €: cents are written only when there are some."""
    if value is None:
        return NOTHING
    whole = value == int(value)
    pattern = {"fr": f"#,##0{{cents}}{NBSP}¤", "en": "¤#,##0{cents}"}[language]
    pattern = pattern.format(cents="" if whole else ".00")
    return numbers.format_currency(
        value, "EUR", format=pattern, locale=language, currency_digits=False
    )


def hours(minutes: int | None, language: str) -> str:
    """Minutes as 2 h 30, 2 h or 45 min."""
    if minutes is None:
        return NOTHING
    sign = "\u2212" if minutes < 0 else ""
    whole, rest = divmod(abs(minutes), 60)
    if not whole:
        return f"{sign}{rest}{NBSP}min"
    if not rest:
        return f"{sign}{number(whole, language)}{NBSP}h"
    minute = f"{rest:02d}" if language == "fr" else f"{rest:02d}{NBSP}min"
    return f"{sign}{number(whole, language)}{NBSP}h{NBSP}{minute}"


@_remembered
def number(value: int | float | Decimal | None, language: str) -> str:
    """1 234,5: three decimals at most, all of them when the value is exact."""
    if value is None:
        return NOTHING
    return numbers.format_decimal(value, locale=language, decimal_quantization=not _is_exact(value))


def plain(value: float | Decimal, language: str) -> str:
    """A number for spreadsheets: 1234,5, without marks between thousands."""
    return numbers.format_decimal(
        value, locale=language, group_separator=False, decimal_quantization=not _is_exact(value)
    )


def _is_exact(value: float | Decimal) -> bool:
    return isinstance(value, Decimal)


def percent(value: float | None, language: str) -> str:
    """A share of 1 as 25 %."""
    return NOTHING if value is None else numbers.format_percent(value, locale=language)


def local_input(value: datetime | None, language: str) -> str:
    """What `<input type="datetime-local">` holds: the time in Paris."""
    return "" if value is None else value.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")


def _in_paris(value: Day) -> date:
    return value.astimezone(PARIS).date() if isinstance(value, datetime) else value


@_remembered
def _dated(value: date, pattern: str, language: str) -> str:
    text = dates.format_date(value, pattern, locale=language)
    # In French the first of a month is an ordinal: le 1er mars.
    return re.sub(r"(?<!\d)1 (?=[a-zéû])", "1er ", text) if language == "fr" else text


FILTERS: dict[str, Any] = {
    "day": day,
    "full_day": full_day,
    "instant": instant,
    "time": time,
    "euros": euros,
    "hours": hours,
    "number": number,
    "percent": percent,
    "local_input": local_input,
}
