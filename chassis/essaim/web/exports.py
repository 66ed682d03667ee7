"""Files made of what a database has, sent as they are made: memory does not grow with them.

What goes wrong before the first rows is an answer like any other. Afterwards the connection is
broken off: a browser says that the file is not whole, and keeps none that looks so.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import chain
from typing import Any

import sqlalchemy as sa
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from essaim.keeping.database import Database
from essaim.keeping.reading import read_through
from essaim.text.spreadsheet import csv_pieces
from essaim.web.listing import Listing
from essaim.web.site import gettext_of, runtime_of

Pieces = Callable[[sa.Connection], Iterator[str]]
CSV = "text/csv; charset=utf-8"


def send_file(request: Request, filename: str, media_type: str, pieces: Pieces) -> Response:
    """A file that browsers save, in pieces, all of them as the database is at one instant."""
    made = _made(runtime_of(request).database, pieces)
    first = next(made, "")
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingResponse(chain([first], made), media_type=media_type, headers=headers)


def _made(database: Database, pieces: Pieces) -> Iterator[str]:
    with read_through(database) as db:
        yield from pieces(db)


def export_csv(
    request: Request,
    listing: Listing,
    query: sa.Select[Any],
    filename: str,
    write: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Response:
    """The whole filtered list as CSV (UTF-8, semicolons: what French spreadsheets open).

    It has the columns of the page, in the reader's language. What a filter offers is written with
    the words of the filter; `write` says how to write the values of other columns.
    """
    _ = gettext_of(request)
    words = {one.name: {value: _(text) for value, text in one.choices} for one in listing.filters}
    written = {name: _choice_in(known) for name, known in words.items() if known}
    written |= write or {}
    heads = [_(column.title) for column in listing.columns]

    def pieces(db: sa.Connection) -> Iterator[str]:
        with closing(listing.rows(request, db, query)) as found:
            rows = (
                [
                    written.get(column.name, _as_it_is)(row._mapping[column.name])
                    for column in listing.columns
                ]
                for row in found
            )
            yield from csv_pieces(heads, rows, _.language)

    return send_file(request, filename, CSV, pieces)


def _as_it_is(value: Any) -> Any:
    return value


def _choice_in(known: dict[str, str]) -> Callable[[Any], Any]:
    return lambda value: known.get(value, value)
