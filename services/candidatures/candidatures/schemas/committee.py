"""What the committee and the coordination send of applications, and get back."""

from datetime import datetime
from typing import Annotated, Literal

from essaim.text.bounded import Count, DayIn, Flag
from essaim.text.written import ONE_LINE, PARAGRAPHS
from essaim_contracts.candidatures import Decision, DecisionReason
from essaim_contracts.fact import Slug
from pydantic import BaseModel, Field, StringConstraints

from candidatures.schemas.body import Body


class ScoresBody(Body):
    points: dict[Slug, Annotated[Count, Field(ge=0, le=100)] | None]
    """Criterion code -> points, or null when it cannot be judged."""


class CommentBody(Body):
    criterion: Annotated[str, StringConstraints(max_length=60), ONE_LINE] = ""
    """Empty: on the whole application."""
    text: Annotated[str, StringConstraints(max_length=20_000), PARAGRAPHS]
    private: Flag = False
    """Whether nobody else reads it; else the committee does, once its own points are in."""


class CommentsBody(Body):
    version: Annotated[Count, Field(ge=0, le=2**31 - 1)] = 0
    """The version of one's own comments this is written over, from the application."""
    comments: Annotated[list[CommentBody], Field(max_length=200)]


class VersionAnswer(BaseModel):
    version: int


class ConflictBody(Body):
    declared: Flag


class DecisionBody(Body):
    decision: Decision
    reason: DecisionReason | None = None
    """By default the usual reason of this decision."""
    rank: Annotated[Count, Field(ge=1, le=100_000)] | None = None
    track_code: Slug | None = None
    note: Annotated[str, StringConstraints(max_length=5000), PARAGRAPHS] | None = None
    """For the coordination alone: it never leaves this service."""
    feedback: Annotated[str, StringConstraints(max_length=5000), PARAGRAPHS] | None = None
    """What its bearer may be told: she reads it on her page once the decision is applied."""


class PreparedForm(Body):
    """A decision as a page says it: `refused:not_mature`; `shown` is what stood there before."""

    decision: Annotated[str, StringConstraints(max_length=200), ONE_LINE]
    shown: Annotated[str, StringConstraints(max_length=200), ONE_LINE] = ""
    rank: Annotated[int, Field(ge=1, le=100_000)] | None = None
    note: Annotated[str, StringConstraints(max_length=5000), PARAGRAPHS] | None = None
    feedback: Annotated[str, StringConstraints(max_length=5000), PARAGRAPHS] | None = None


WEEK = 7 * 24 * 60
"""Minutes: the longest grace."""


class ApplyBody(Body):
    decided_on: DayIn | None = None
    partial: Flag = False
    """Leave applications without a decision for later."""
    over_places: Flag = False
    """Select more than there are places; kept under the name of whoever asks."""
    grace_minutes: Annotated[Count, Field(ge=0, le=WEEK)] = 0
    """How long nobody is told, and it can be undone."""


class ApplyForm(Body):
    """The same from a page, where a box that is ticked says "true"."""

    decided_on: DayIn | None = None
    partial: Literal["true"] | None = None
    over_places: Literal["true"] | None = None
    grace_minutes: Annotated[int, Field(ge=0, le=WEEK)] = 10


class ApplicationList(BaseModel):
    items: list[dict[str, object]]
    total: int


class MeanAnswer(BaseModel):
    """`mean` is null until the reader's own points are in for every criterion."""

    mean: float | None


class AppliedAnswer(BaseModel):
    changed: int
    decided: dict[str, int]
    undecided: int
    due_at: datetime
    """When their bearers are told."""


class UndoneAnswer(BaseModel):
    undone: int
