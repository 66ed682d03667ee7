"""The figures and lists of an edition as files: CSV, XLSX and JSON, with the day they are of."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
from essaim.clock import PARIS
from essaim.text import formats
from essaim.text.languages import Tongue

from reporting.asking import Asked
from reporting.catalogue import Figures
from reporting.indicator import Scope
from reporting.sheets import Cell, Sheet
from reporting.writing import WrittenFigure, WrittenSection, readable, write_figures

# A spreadsheet would run a text that begins like a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def edition_name(asked: Asked, _: Tongue) -> str:
    """Prémices.coop, édition 1 (2020)."""
    edition = asked.edition
    return _(
        "{programme}, édition {number} ({year})",
        programme=edition.programme_name or readable(edition.programme),
        number=edition.number,
        year=edition.year,
    )


def as_known(scope: Scope, stream_seq: int, _: Tongue) -> str:
    """The sentence that says of which day and of which place in the stream the figures are."""
    if scope.as_of is None:
        return _("Chiffres connus à ce jour ; dernier fait : n° {seq}.", seq=stream_seq)
    return _(
        "Chiffres connus à la fin du {day} ; dernier fait : n° {seq}.",
        day=scope.as_of,
        seq=stream_seq,
    )


def figures_document(asked: Asked, figures: Figures, _: Tongue) -> dict[str, Any]:
    """Every figure with its words, formula and parts, as JSON data."""
    return {
        "edition": {
            "id": str(asked.edition.id),
            "programme": asked.edition.programme,
            "number": asked.edition.number,
            "year": asked.edition.year,
            "name": edition_name(asked, _),
        },
        "as_of": asked.scope.as_of.isoformat() if asked.scope.as_of else None,
        "stream_seq": figures.stream_seq,
        "items": [
            _figure_document(section, figure)
            for section in write_figures(figures, _, asked.names)
            for figure in section.figures
        ],
    }


def _figure_document(section: WrittenSection, figure: WrittenFigure) -> dict[str, Any]:
    return {
        "section": section.code,
        "indicator": figure.code,
        "label": figure.label,
        "formula": figure.formula,
        "unit": figure.unit.value,
        "value": figure.value,
        "facts": figure.rows,
        "parts": [
            {"part": part.code, "label": part.label, "value": part.value, "facts": part.rows}
            for part in figure.parts
        ],
    }


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


def xlsx_file(title: str, known: str, sheets: list[Sheet]) -> bytes:
    """A workbook: the first sheet says which edition and of which day it is."""
    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": title, "comments": known})
        bold = book.add_format({"bold": True})
        for place, sheet in enumerate(sheets):
            above = [title, known] if place == 0 else []
            _write_sheet(book, sheet, above, bold)
    return content.getvalue()


def _write_sheet(book: Any, sheet: Sheet, above: list[str], bold: Any) -> None:
    page = book.add_worksheet(sheet.title)
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for place, line in enumerate(above):
        page.write_string(place, 0, line, bold)
    first = len(above) + 1 if above else 0
    page.write_row(first, 0, sheet.heads, bold)
    for number, row in enumerate(sheet.rows, start=first + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                local = cell.astimezone(PARIS).replace(tzinfo=None)
                page.write_datetime(number, column, local, moment)
            else:
                page.write(number, column, cell)
    page.freeze_panes(first + 1, 0)
    page.autofilter(first, 0, max(first + len(sheet.rows), first + 1), len(sheet.heads) - 1)
    page.autofit(400)
