"""The bodies of the texts of letters in the JSON API."""

from datetime import datetime
from typing import Annotated

from essaim.text.bounded import Count
from essaim.text.written import Paragraphs
from essaim.web.written import Body
from pydantic import BaseModel, Field

Version = Annotated[Count, Field(ge=0, le=2**31 - 1)]


class WordingAnswer(BaseModel):
    """How a programme words a letter. `texts` are what holds, `shipped` what it had at first."""

    programme: str
    sheet: str
    version: int
    is_own: bool
    texts: dict[str, str]
    shipped: dict[str, str]
    variables: list[str]


class WordingBody(Body):
    """A text in French and in English; `version` is the one that was read."""

    fr: Paragraphs
    en: Paragraphs
    version: Version


class VersionBody(Body):
    """Which version is to hold again, 0 the shipped text; `version` is the one that was read."""

    restore: Version
    version: Version


class VersionAnswer(BaseModel):
    version: int


class SheetAnswer(BaseModel):
    """A text that a programme may word. Version 0: it never did."""

    sheet: str
    is_own: bool


class SheetList(BaseModel):
    items: list[SheetAnswer]
    total: int


class VersionSummary(BaseModel):
    version: int
    made_at: datetime
    is_own: bool


class VersionList(BaseModel):
    items: list[VersionSummary]
    total: int
