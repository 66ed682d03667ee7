"""Where the facts behind a figure are found, for the day that was asked about."""

from collections.abc import Callable
from urllib.parse import urlencode

from essaim.web import path_for
from fastapi import Request

from reporting.access import Asked


def evidence_addresses(request: Request, asked: Asked) -> Callable[..., str]:
    """A function `(indicator, part=None)` that gives the address of the evidence."""
    day = {"as_of": asked.scope.day} if asked.scope.day else {}

    def address(indicator: str, part: str | None = None) -> str:
        chosen = day | ({"part": part} if part is not None else {})
        query = f"?{urlencode(chosen)}" if chosen else ""
        path = path_for(request, "evidence", edition_id=asked.edition.id, indicator=indicator)
        return f"{path}{query}"

    return address
