"""A table as CSV."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO

from essaim.clock import PARIS
from essaim.text import formats
from fastapi import Response

from reporting.exports.sheet import Cell

# A spreadsheet would run a text that begins like a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(heads: Sequence[str], rows: Iterable[Sequence[Cell]], language: str) -> str:
    """UTF-8 with its mark and semicolons: what French spreadsheets open as it is."""
    text = StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(heads)
    writer.writerows([_csv_cell(cell, language) for cell in row] for row in rows)
    return text.getvalue()


def _csv_cell(cell: Cell, language: str) -> Cell:
    if isinstance(cell, datetime):
        return cell.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, float):
        return formats.plain(cell, language)
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def csv_answer(text: str, filename: str) -> Response:
    disposition = f'attachment; filename="{filename}"'
    return Response(
        text, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )
