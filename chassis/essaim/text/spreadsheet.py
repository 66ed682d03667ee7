"""Rows as a file that spreadsheets open as it is, without running anything of it."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import Any

from essaim.clock import PARIS
from essaim.text import formats

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a formula begins; some spreadsheets read the wide signs of East Asia alike."""


_ROWS = 200


def csv_file(heads: Sequence[str], rows: Iterable[Sequence[Any]], language: str) -> str:
    """UTF-8 with its mark and semicolons: what French spreadsheets open as it is."""
    return "".join(csv_pieces(heads, rows, language))


def csv_pieces(heads: Sequence[str], rows: Iterable[Sequence[Any]], language: str) -> Iterator[str]:
    """The same, some hundred rows at a time."""
    left, mark = iter(rows), "\ufeff"
    some: Iterable[Sequence[Any]] = [heads, *islice(left, _ROWS)]
    while some:
        text = StringIO()
        writer = csv.writer(text, delimiter=";")
        writer.writerows([_cell(value, language) for value in row] for row in some)
        yield mark + text.getvalue()
        some, mark = list(islice(left, _ROWS)), ""


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
