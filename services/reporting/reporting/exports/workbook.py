"""Tables as an XLSX workbook."""

from datetime import datetime
from typing import IO, Any

from essaim.clock import PARIS

from reporting.exports.sheet import Cell, Sheet

_WIDEST = 57
"""Signs a column shows at most."""


def write_xlsx(content: IO[bytes], title: str, known: str, sheets: list[Sheet]) -> None:
    """A workbook: the first sheet says which edition and of which day it is.

    Rows go to the disk as they come: memory is the same for any number of them.
    """
    # Here, because it weighs as much as all of this service, and few ask for a workbook.
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": title, "comments": known})
        bold = book.add_format({"bold": True})
        for place, sheet in enumerate(sheets):
            above = [title, known] if place == 0 else []
            _write_sheet(book, sheet, above, bold)


def _write_sheet(book: Any, sheet: Sheet, above: list[str], bold: Any) -> None:
    page = book.add_worksheet(sheet.title)
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for place, line in enumerate(above):
        page.write_string(place, 0, line, bold)
    first = number = len(above) + 1 if above else 0
    page.write_row(first, 0, sheet.heads, bold)
    widths = [len(head) + 3 for head in sheet.heads]
    for number, row in enumerate(sheet.rows, start=first + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                local = cell.astimezone(PARIS).replace(tzinfo=None)
                page.write_datetime(number, column, local, moment)
            else:
                page.write(number, column, cell)
            widths[column] = max(widths[column], _width(cell))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width, _WIDEST))
    page.freeze_panes(first + 1, 0)
    page.autofilter(first, 0, max(number, first + 1), len(sheet.heads) - 1)


def _width(cell: Cell) -> int:
    return 17 if isinstance(cell, datetime) else len(str(cell)) + 1
