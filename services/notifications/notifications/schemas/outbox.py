"""The bodies of held letters in the JSON API."""

from uuid import UUID

from essaim.text.written import Line, Paragraphs
from essaim.web.written import Body
from pydantic import BaseModel, Field

from notifications.outbox import MOST_AT_ONCE


class HeldGroup(BaseModel):
    """The held letters of one occasion: a template, and which answer of the committee it is."""

    programme: str
    occasion: str
    letters: int
    edited: int
    unwritten: int


class OutboxAnswer(BaseModel):
    items: list[HeldGroup]
    total: int


class HeldBody(Body):
    """Held letters, by their ids or all of one occasion of a programme."""

    messages: list[UUID] = Field(default=[], max_length=MOST_AT_ONCE)
    programme: Line | None = None
    occasion: Line | None = None


class ReleasedAnswer(BaseModel):
    """How many letters leave, and how many said the same as one of them."""

    leaving: int
    identical: int


class CountAnswer(BaseModel):
    letters: int


class TextBody(Body):
    """The text of one held letter; `was` is the `revision` that was read."""

    subject: Line
    body: Paragraphs
    was: Line


class RevisionAnswer(BaseModel):
    id: UUID
    revision: str


class HoldBody(Body):
    held: bool


class HeldTemplate(BaseModel):
    """Whether the letters of a template are held; `always_at_once`: nobody may hold them."""

    template: str
    held: bool
    always_at_once: bool


class HeldTemplates(BaseModel):
    items: list[HeldTemplate]
    total: int
