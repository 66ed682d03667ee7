"""Minutes of the committee, as the coordination says and reads them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from essaim.text.bounded import DayIn, Flag
from essaim.text.written import ONE_LINE
from pydantic import BaseModel, Field, StringConstraints

from candidatures.minutes import Minutes
from candidatures.schemas.application import DecisionAnswer
from candidatures.schemas.body import Body

Place = Annotated[str, StringConstraints(max_length=300), ONE_LINE]


class MeetingBody(Body):
    held_on: DayIn
    place: Place | None = None
    present: Annotated[list[UUID], Field(max_length=500)]
    """The members of the committee who were there."""
    without_quorum: Flag = False
    """Go on though too few were there; kept under the name of whoever asks."""


class MeetingForm(Body):
    """The same from a page."""

    held_on: DayIn
    place: Place | None = None
    present: list[UUID] = Field(default=[])
    without_quorum: Literal["true"] | None = None


class DecidedAnswer(DecisionAnswer):
    application_id: UUID
    mean: float | None
    """Null too where its reader does not see marks."""


class MinutesAnswer(BaseModel):
    """`decided` without what its reader must not see yet, counted in `hidden`."""

    id: UUID
    held_on: date
    place: str | None
    present: list[UUID]
    members: int
    quorum: int | None
    has_quorum: bool
    decided: list[DecidedAnswer]
    hidden: int
    undecided: int
    made_at: datetime


class MinutesList(BaseModel):
    items: list[MinutesAnswer]


class MadeAnswer(BaseModel):
    id: UUID


def minutes_answer(made: Minutes, shown: Mapping[UUID, bool]) -> MinutesAnswer:
    decided = [
        DecidedAnswer(
            application_id=one.application_id,
            decision=one.verdict.decision.value,
            reason=one.verdict.reason.value,
            rank=one.verdict.rank,
            track_code=one.verdict.track_code,
            mean=one.mean if shown[one.application_id] else None,
        )
        for one in made.decided
        if one.application_id in shown
    ]
    return MinutesAnswer(
        id=made.id,
        held_on=made.held_on,
        place=made.place,
        present=list(made.present),
        members=made.members,
        quorum=made.quorum,
        has_quorum=made.has_quorum,
        decided=decided,
        hidden=len(made.decided) - len(decided),
        undecided=made.undecided,
        made_at=made.made_at,
    )
