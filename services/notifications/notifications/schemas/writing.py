"""The bodies of letters to many in the JSON API."""

from uuid import UUID

from essaim.text.written import Line, Paragraphs
from essaim.web.written import Body
from pydantic import BaseModel


class AudienceAnswer(BaseModel):
    """Whom one may write to together; `people` are those who applied, take part or hold a role."""

    audience: str
    title: str
    people: int


class AudienceList(BaseModel):
    items: list[AudienceAnswer]
    total: int


class SaidBody(Body):
    subject: Line
    body: Paragraphs


class LetterBody(Body):
    """A letter to an audience; French goes to everybody while there is no English."""

    audience: Line
    fr: SaidBody
    en: SaidBody | None = None


class LetterAnswer(BaseModel):
    """The letter, how many are held, and how many of the audience are not written to."""

    id: UUID
    occasion: str
    held: int
    left_out: int


class ReplyBody(Body):
    address: Line
