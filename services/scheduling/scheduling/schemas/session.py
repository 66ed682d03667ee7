"""Sessions."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from essaim.person import Person, Role
from essaim.text.bounded import InstantIn
from essaim.text.written import PublicLabel
from essaim_contracts.scheduling import ChangeReason, HourKind, SessionKind, SessionMode
from pydantic import Field

from scheduling.half_day import HalfDay
from scheduling.reach import Reach
from scheduling.schemas.attendance_sheet import MarkAnswer
from scheduling.schemas.body import Answer, Body, Ids, Topics
from scheduling.session import Session, SessionState


class PlanSession(Body):
    """A session to put on the calendar, for a cohort, some of its projects, or an edition."""

    proposed_id: UUID | None = None
    """A proposed session: its cohort, project, kind, title, mode and hours are taken from it."""
    cohort_id: UUID | None = None
    edition_id: UUID | None = None
    """In the place of `cohort_id`, for a session of several cohorts of an edition."""
    kind: SessionKind | None = None
    title: PublicLabel | None = None
    topics: Topics = Field(default_factory=list)
    starts_at: InstantIn
    ends_at: InstantIn
    mode: SessionMode | None = None
    place: PublicLabel | None = None
    """Null for a session online, or whose place is announced later."""
    host_id: UUID | None = None
    provider_id: UUID | None = None
    """The organisation whose hours an appointment uses."""
    speaker_ids: Ids = Field(default_factory=list)
    """The organisations that speak."""
    project_ids: Ids | None = None
    """Null: the project of the proposed session, else all of the cohort, those to come too."""
    participant_ids: Ids = Field(default_factory=list)
    """Persons convened beside the bearers of the projects."""
    invited_roles: list[Role] = Field(default_factory=list)
    """Everybody who holds one of these roles in the programme that day is convened too."""
    hour_kind: HourKind | None = None
    """The package it uses once held; `mentoring` for a mentoring session when absent."""
    override_by: UUID | None = None
    """Who asks, to allow an overlap with another session in her own name: she coordinates."""


class PlanSessions(Body):
    """Several sessions, all planned or none."""

    sessions: Annotated[list[PlanSession], Field(min_length=1, max_length=200)]


class MoveSession(Body):
    """What changes; what is absent stays. `place: null` means that it is announced later."""

    starts_at: InstantIn | None = None
    ends_at: InstantIn | None = None
    mode: SessionMode | None = None
    place: PublicLabel | None = None
    reason: ChangeReason
    override_by: UUID | None = None


class CancelSession(Body):
    reason: ChangeReason


class GivePlace(Body):
    place: PublicLabel


class SessionAnswer(Answer):
    """A session; `minutes` is its length as booked, `minutes_held` the time spent once held."""

    session_id: Annotated[UUID, Field(validation_alias="id")]
    programme: str
    edition_id: UUID
    kind: SessionKind
    title: str
    starts_at: datetime
    ends_at: datetime
    mode: SessionMode
    changed_at: datetime
    cohort_id: UUID | None
    proposed_id: UUID | None
    topics: tuple[str, ...]
    place: str | None
    host_id: UUID | None
    provider_id: UUID | None
    hour_kind: HourKind | None
    speaker_ids: tuple[UUID, ...]
    project_ids: tuple[UUID, ...]
    participant_ids: tuple[UUID, ...]
    for_cohort: bool
    state: SessionState
    sequence: int
    minutes_held: int | None
    participants: int | None
    half_days: tuple[HalfDay, ...]
    minutes: int


class SessionDetail(SessionAnswer):
    """A session with its sheet; the field `marks` is absent for who does not hold it."""

    marks: list[MarkAnswer] | None = None


def unnamed(session: Session) -> Session:
    """The same without its participants, for who sees no person."""
    return replace(session, participant_ids=())


def session_answer(session: Session, person: Person, reach: Reach) -> SessionAnswer:
    """A session in a list of those she reads."""
    is_convened = person.id in session.participant_ids
    hidden = reach.reads_unnamed(session.programme) and not is_convened
    return SessionAnswer.model_validate(unnamed(session) if hidden else session)
