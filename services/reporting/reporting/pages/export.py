"""The figures of an edition as files to download."""

from functools import partial
from tempfile import TemporaryFile
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.reading import read_through
from essaim.text.languages import Tongue
from essaim.text.spreadsheet import csv_file
from essaim.web import SignedIn, gettext_of, runtime_of
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.background import BackgroundTask

from reporting.access import Asked, ask
from reporting.exports.figures_sheet import figures_sheet
from reporting.exports.list_sheets import lists_of_edition
from reporting.exports.workbook import write_xlsx
from reporting.figures import Figures, figures_of
from reporting.heading import as_known, edition_name
from reporting.pages.download import CSV, XLSX, download, saved_as
from reporting.schemas import figures_answer

router = APIRouter()
_PIECE = 64 * 1024


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
    with read_through(runtime_of(request).database) as db:
        asked = ask(request, db, edition_id, as_of)
        figures = figures_of(db, asked.scope)
        filename = _file_name(asked, kind)
        if kind == "xlsx":
            return _workbook(db, asked, figures, filename, tongue)
    if kind == "json":
        document = figures_answer(asked, figures, tongue).model_dump(mode="json", exclude={"total"})
        return JSONResponse(document, headers=saved_as(filename))
    sheet = figures_sheet(asked, figures, tongue)
    return download(csv_file(sheet.heads, sheet.rows, tongue.language), CSV, filename)


def _workbook(
    db: sa.Connection, asked: Asked, figures: Figures, filename: str, _: Tongue
) -> Response:
    """Made on the disk, in a file that goes when it was sent, or with this process."""
    sheets = [figures_sheet(asked, figures, _), *lists_of_edition(db, asked, figures, _)]
    known = as_known(asked.scope, figures.stream_seq, _)
    book = TemporaryFile()  # noqa: SIM115 – it is read after this
    write_xlsx(book, edition_name(asked, _), known, sheets)
    book.seek(0)
    return StreamingResponse(
        iter(partial(book.read, _PIECE), b""),
        media_type=XLSX,
        headers=saved_as(filename),
        background=BackgroundTask(book.close),
    )


def _file_name(asked: Asked, kind: str) -> str:
    """premices-2020-2020-06-30.xlsx; without the day when the figures are as known now."""
    day = f"-{asked.scope.day}" if asked.scope.day else ""
    return f"{asked.edition.programme}-{asked.edition.year}{day}.{kind}"
