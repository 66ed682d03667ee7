"""What passes between a coordination and somebody who applied: completions, messages."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from essaim.text.bounded import Count, DayIn
from essaim.text.written import ONE_LINE, PARAGRAPHS
from pydantic import BaseModel, Field, StringConstraints

from candidatures.correction import Correction, CorrectionState
from candidatures.note import Note
from candidatures.schemas.body import Body

Words = Annotated[str, StringConstraints(max_length=2000), PARAGRAPHS]
FieldName = Annotated[str, StringConstraints(max_length=80), ONE_LINE]
Typed = Annotated[str, StringConstraints(max_length=25_000), PARAGRAPHS]


class CorrectionBody(Body):
    fields: Annotated[list[FieldName], Field(max_length=200)] = Field(default=[])
    """What may be changed: `project_title`, `answer-<question>`, `document-<code>`, …"""
    open_until: DayIn
    """The last day to do it."""
    words: Words = ""
    """What the coordination says about it."""


class LaterBody(Body):
    open_until: DayIn


class CorrectedBody(Body):
    version: Annotated[Count, Field(ge=0, le=2**31 - 1)]
    content: dict[FieldName, Typed] = Field(default={})
    """What she writes in the fields that were asked, as she types it."""


class NoteBody(Body):
    text: Annotated[str, StringConstraints(max_length=8000), PARAGRAPHS] = ""


class CorrectionAnswer(BaseModel):
    id: UUID
    fields: list[str]
    words: str | None
    state: CorrectionState
    open_until: date
    version: int
    before: dict[str, str]
    after: dict[str, str]


class CorrectionsAnswer(BaseModel):
    items: list[CorrectionAnswer]


class AskedAnswer(BaseModel):
    id: UUID


class VersionAnswer(BaseModel):
    version: int


class NoteAnswer(BaseModel):
    id: UUID
    by_bearer: bool
    text: str
    left_at: datetime
    read_at: datetime | None


class NotesAnswer(BaseModel):
    items: list[NoteAnswer]


def correction_answer(one: Correction, today: date, *, is_hers: bool) -> CorrectionAnswer:
    """What she writes is hers alone until she sends it."""
    shows = is_hers or one.done_at is not None
    return CorrectionAnswer(
        id=one.id,
        fields=list(one.fields),
        words=one.words,
        state=one.state(today),
        open_until=one.open_until,
        version=one.version,
        before=dict(one.before),
        after=dict(one.after) if shows else {},
    )


def note_answer(one: Note) -> NoteAnswer:
    return NoteAnswer.model_validate(one, from_attributes=True)
