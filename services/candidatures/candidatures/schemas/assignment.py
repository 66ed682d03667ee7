"""Who reads which applications, as the coordination says it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from essaim.text.bounded import Count, DayIn, Flag
from pydantic import BaseModel, Field

from candidatures.schemas.body import Body

Readers = Annotated[Count, Field(ge=1, le=100)]


class ShareOutBody(Body):
    """Give applications until each has as many readers."""

    each: Readers
    due_on: DayIn | None = None
    """The last day to score, for all that is given in this call."""


class GivenBody(Body):
    application_id: UUID
    reader_id: UUID


class AssignmentBody(Body):
    give: Annotated[list[GivenBody], Field(max_length=10_000)] = Field(default=[])
    take_back: Annotated[list[GivenBody], Field(max_length=10_000)] = Field(default=[])
    due_on: DayIn | None = None


class ShareOutForm(Body):
    """The same from a page."""

    each: Annotated[int, Field(ge=1, le=100)]
    due_on: DayIn | None = None


class DayForm(Body):
    due_on: DayIn | None = None


class AssignedAnswer(BaseModel):
    """`skipped`: kept from its reader by a conflict, or short of members without one."""

    given: int
    taken_back: int
    skipped: int


class ReaderAnswer(BaseModel):
    reader_id: UUID
    name: str
    applications: list[UUID]
    scored: int
    """How many of these she has scored."""


class AssignmentAnswer(BaseModel):
    due_on: date | None
    items: list[ReaderAnswer]


class PinBody(Body):
    stands: Flag | None
    """Whether the coordination says that a conflict stands; null: it says nothing."""


class RoundBody(Body):
    round: Annotated[Count, Field(ge=2, le=9)]
    """The one to begin: the next."""


class RoundAnswer(BaseModel):
    round: int
    """The one that goes on now, from 1."""
    kept: int
    """How many applications it takes."""
