"""What people write is cleaned where it comes in, before anything of ours reads it.

A form by `submitted`, the body of an API request by its `Body`, a query by `CleanQuery`, a file by
`yaml_source`: a new field has nothing to remember. A body says besides which of its texts are one
`Line` and which have `Paragraphs`; a test finds the one that does not.
"""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pydantic import BaseModel, ConfigDict, model_validator
from starlette.datastructures import FormData
from starlette.types import ASGIApp, Receive, Scope, Send

from essaim.text.written import all_cleaned, cleaned, one_line


class Body(BaseModel):
    """What a request says: its texts cleaned, unknown fields refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _cleaned(cls, data: Any) -> Any:
        return all_cleaned(data)


def cleaned_form(form: FormData) -> FormData:
    """The same answers and files, each text cleaned."""
    return FormData(
        [
            (name, cleaned(value) if isinstance(value, str) else value)
            for name, value in form.multi_items()
        ]
    )


_SURELY_CLEAN = re.compile(rb"[\w.~*&=;,:/@!$'()-]*")


class CleanQuery:
    """Puts every value of a query on one clean line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope.get("query_string", b"")
        if not _SURELY_CLEAN.fullmatch(query):
            scope = {**scope, "query_string": _clean_query(query)}
        await self._app(scope, receive, send)


def _clean_query(query: bytes) -> bytes:
    asked = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode([(one_line(name), one_line(value)) for name, value in asked]).encode()
