"""Rows as a file that spreadsheets open as it is, without running anything of it."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from essaim.clock import PARIS
from essaim.text import formats

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a formula begins; some spreadsheets read the wide signs of East Asia alike."""


def csv_file(heads: Sequence[str], rows: Iterable[Sequence[Any]], language: str) -> str:
    """UTF-8 with its mark and semicolons: what French spreadsheets open as it is."""
    text = StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(heads)
    writer.writerows([_cell(value, language) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any, language: str) -> Any:
    if isinstance(value, datetime):
        # Spreadsheets take this for a time, and one with an offset for a text.
        return value.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float | Decimal):
        return formats.plain(value, language)
    # A spreadsheet would run a text that begins like a formula.
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
