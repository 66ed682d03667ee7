"""What the committee and the coordination send of applications, and get back."""

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


class PreparedForm(Body):
    """A decision as a page says it: `refused:not_mature`; `shown` is what stood there before."""

    decision: Annotated[str, StringConstraints(max_length=200), ONE_LINE]
    shown: Annotated[str, StringConstraints(max_length=200), ONE_LINE] = ""
    rank: Annotated[Count, Field(ge=1, le=100_000)] | None = None
    note: Annotated[str, StringConstraints(max_length=5000), PARAGRAPHS] | None = None


class ApplyBody(Body):
    decided_on: DayIn | None = None
    partial: Flag = False
    """Leave applications without a decision for later."""
    over_places: Flag = False
    """Select more than there are places; kept under the name of whoever asks."""


class ApplyForm(Body):
    """The same from a page, where a box that is ticked says "true"."""

    decided_on: DayIn | None = None
    partial: Literal["true"] | None = None
    over_places: Literal["true"] | None = None


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
