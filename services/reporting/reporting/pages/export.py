"""The figures of an edition as files to download."""

from typing import Literal
from uuid import UUID

from essaim.text.spreadsheet import csv_file
from essaim.web import SignedIn, gettext_of, runtime_of
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from reporting.access import Asked, ask
from reporting.exports.figures_sheet import figures_sheet
from reporting.exports.list_sheets import lists_of_edition
from reporting.exports.workbook import xlsx_file
from reporting.figures import figures_of
from reporting.heading import as_known, edition_name
from reporting.pages.download import CSV, XLSX, download, saved_as
from reporting.schemas import figures_answer

router = APIRouter()


@router.get("/editions/{edition_id}/export.{kind}", name="export")
def export(
    request: Request,
    _: SignedIn,
    edition_id: UUID,
    kind: Literal["csv", "xlsx", "json"],
    as_of: str = "",
) -> Response:
    """The figures of the page as a file; the workbook also holds the lists behind them."""
    tongue = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = figures_of(db, asked.scope)
        lists = lists_of_edition(db, asked, figures, tongue) if kind == "xlsx" else []
    filename = _file_name(asked, kind)
    if kind == "json":
        document = figures_answer(asked, figures, tongue).model_dump(mode="json", exclude={"total"})
        return JSONResponse(document, headers=saved_as(filename))
    sheet = figures_sheet(asked, figures, tongue)
    if kind == "csv":
        return download(csv_file(sheet.heads, sheet.rows, tongue.language), CSV, filename)
    known = as_known(asked.scope, figures.stream_seq, tongue)
    book = xlsx_file(edition_name(asked, tongue), known, [sheet, *lists])
    return download(book, XLSX, filename)


def _file_name(asked: Asked, kind: str) -> str:
    """premices-2020-2020-06-30.xlsx; without the day when the figures are as known now."""
    day = f"-{asked.scope.day}" if asked.scope.day else ""
    return f"{asked.edition.programme}-{asked.edition.year}{day}.{kind}"
