"""The sheet of a session."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from essaim.text.bounded import Count, DayIn
from essaim_contracts.scheduling import AttendeeRole
from pydantic import Field, model_validator

from scheduling.attendance_sheet import AttendanceStatus, Mark
from scheduling.half_day import Part
from scheduling.schemas.body import Answer, Body

A_WEEK = 7 * 24 * 60  # minutes


class RosterMark(Body):
    """What is known of a person: for one half-day (`day` and `part`), or for all of the session.

    `role`, `project_id` and `organisation_id` are found from what is known of her when absent.
    """

    person_id: UUID
    status: AttendanceStatus
    day: DayIn | None = None
    part: Part | None = None
    role: AttendeeRole | None = None
    project_id: UUID | None = None
    organisation_id: UUID | None = None

    @model_validator(mode="after")
    def _day_with_part(self) -> Self:
        if (self.day is None) != (self.part is None):
            raise ValueError("day and part go together")
        return self


class FillRoster(Body):
    """Marks to write; those written before and not named here stay."""

    marks: Annotated[list[RosterMark], Field(max_length=1000)]


class CloseSession(Body):
    """The end of a session's sheet; `marks` are written first."""

    minutes: Annotated[Count, Field(ge=1, le=A_WEEK)] | None = None
    """Time spent; as booked when absent."""
    headcount: Annotated[Count, Field(ge=0, le=10_000)] | None = None
    """Persons there, with guests whose names are unknown; those marked present when absent."""
    override_by: UUID | None = None
    """Who asks, to allow time beyond the package in her own name: she coordinates."""
    marks: Annotated[list[RosterMark], Field(max_length=1000)] = Field(default_factory=list)


class MarkAnswer(Answer):
    """What is known of one person on one half-day."""

    person_id: UUID
    status: AttendanceStatus
    role: AttendeeRole
    project_id: UUID | None
    organisation_id: UUID | None
    day: date
    part: Part


def mark_answer(mark: Mark) -> MarkAnswer:
    return MarkAnswer.model_validate(vars(mark) | vars(mark.half_day))
