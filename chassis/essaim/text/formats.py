"""How days, instants, money and durations are written, in French and in English."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import dates, numbers

from essaim.clock import PARIS

NOTHING = "–"
_NBSP = "\u00a0"  # keeps a number and its unit on one line

_INSTANT = {"fr": f"EEEE d MMMM y 'à' H{_NBSP}'h'{_NBSP}mm", "en": "EEEE d MMMM y 'at' HH:mm"}
_TIME = {"fr": f"H{_NBSP}'h'{_NBSP}mm", "en": "HH:mm"}


# Babel reads its patterns at every call, and a list writes the same days and numbers many times.
_remembered = lru_cache(maxsize=4096)


@_remembered
def day(value: date | datetime | None, language: str) -> str:
    """15 janvier 2020. An instant counts as its day in Paris."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(PARIS).date()
    return _first(dates.format_date(value, "d MMMM y", locale=language), language)


@_remembered
def instant(value: datetime | None, language: str) -> str:
    """Mercredi 15 janvier 2020 à 18 h 00, in Paris."""
    if value is None:
        return NOTHING
    text = dates.format_datetime(value.astimezone(PARIS), _INSTANT[language], locale=language)
    return _first(text, language)


@_remembered
def time(value: datetime | None, language: str) -> str:
    """18 h 00, in Paris."""
    if value is None:
        return NOTHING
    return dates.format_datetime(value.astimezone(PARIS), _TIME[language], locale=language)


def euros(value: int | Decimal | None, language: str) -> str:
    """36 000 €: cents are written only when there are some."""
    if value is None:
        return NOTHING
    whole = value == int(value)
    pattern = {"fr": "#,##0{cents}\u00a0¤", "en": "¤#,##0{cents}"}[language]
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
        return f"{sign}{rest}{_NBSP}min"
    if not rest:
        return f"{sign}{number(whole, language)}{_NBSP}h"
    minute = f"{rest:02d}" if language == "fr" else f"{rest:02d}{_NBSP}min"
    return f"{sign}{number(whole, language)}{_NBSP}h{_NBSP}{minute}"


@_remembered
def number(value: int | float | Decimal | None, language: str) -> str:
    return NOTHING if value is None else numbers.format_decimal(value, locale=language)


def plain(value: float | Decimal, language: str) -> str:
    """A number for spreadsheets: 1234,5, without marks between thousands."""
    return numbers.format_decimal(value, locale=language, group_separator=False)


def percent(value: float | None, language: str) -> str:
    """A share of 1 as 25 %."""
    return NOTHING if value is None else numbers.format_percent(value, locale=language)


def local_input(value: datetime | None, language: str) -> str:
    """What `<input type="datetime-local">` holds: the time in Paris."""
    return "" if value is None else value.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")


def _first(text: str, language: str) -> str:
    """In French the first of a month is an ordinal: le 1er mars."""
    return re.sub(r"(?<!\d)1 (?=[a-zéû])", "1er ", text) if language == "fr" else text


FILTERS: dict[str, Any] = {
    "day": day,
    "instant": instant,
    "time": time,
    "euros": euros,
    "hours": hours,
    "number": number,
    "percent": percent,
    "local_input": local_input,
}
