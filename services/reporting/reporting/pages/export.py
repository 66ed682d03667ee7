"""The figures of an edition as files to download."""

from typing import Literal
from uuid import UUID

from essaim.person import Person
from essaim.web import allowed, gettext_of, runtime_of
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from reporting.access import Asked, ask
from reporting.cache import current_figures
from reporting.exports.csv_file import csv_file
from reporting.exports.document import figures_document
from reporting.exports.figures_sheet import figures_sheet
from reporting.exports.list_sheets import lists_of_edition
from reporting.exports.workbook import xlsx_file
from reporting.heading import as_known, edition_name

router = APIRouter()

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/editions/{edition_id}/export.{kind}", name="export")
def export(
    request: Request,
    edition_id: UUID,
    kind: Literal["csv", "xlsx", "json"],
    as_of: str = "",
    _: Person = Depends(allowed()),
) -> Response:
    """The figures of the page as a file; the workbook also holds the lists behind them."""
    tongue = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = current_figures(db, asked.scope)
        lists = lists_of_edition(db, asked, figures, tongue) if kind == "xlsx" else []
    response: Response
    if kind == "json":
        response = JSONResponse(figures_document(asked, figures, tongue))
    elif kind == "csv":
        sheet = figures_sheet(asked, figures, tongue)
        text = csv_file(sheet.heads, sheet.rows, tongue.language)
        response = Response(text, media_type="text/csv; charset=utf-8")
    else:
        sheets = [figures_sheet(asked, figures, tongue), *lists]
        known = as_known(asked.scope, figures.stream_seq, tongue)
        response = Response(xlsx_file(edition_name(asked, tongue), known, sheets), media_type=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(asked, kind)}"'
    return response


def _file_name(asked: Asked, kind: str) -> str:
    """premices-2020-2020-06-30.xlsx; without the day when the figures are as known now."""
    day = f"-{asked.scope.day}" if asked.scope.day else ""
    return f"{asked.edition.programme}-{asked.edition.year}{day}.{kind}"
