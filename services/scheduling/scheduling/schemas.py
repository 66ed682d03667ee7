"""The bodies of the JSON API: what a request may say, and what it is answered.

Unknown fields are refused; instants are RFC 3339 with their offset.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from essaim.person import Role
from essaim.text.languages import Tongue
from essaim_contracts.fact import Slug
from essaim_contracts.scheduling import (
    AttendeeRole,
    ChangeReason,
    HourKind,
    PairingEndReason,
    PairingKind,
    ProjectStatus,
    SessionKind,
    SessionMode,
)
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from scheduling.attendance_sheet import AttendanceStatus, Mark
from scheduling.cohort import Cohort, Project
from scheduling.feed import Feed
from scheduling.half_day import Part
from scheduling.hour_package import HourPackage, HourUse
from scheduling.labels import reason_in_words
from scheduling.pairing import Pairing
from scheduling.progress import Progress
from scheduling.proposed_session import Proposal
from scheduling.session import Session
from scheduling.track import Line, Minutes, Track

Topics = Annotated[list[Line], Field(max_length=30)]
Ids = Annotated[list[UUID], Field(max_length=500)]
Department = Annotated[str, Field(pattern=r"^(\d{2,3}|2A|2B)$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class PlanSession(_Request):
    """A session to put on the calendar, for a cohort, some of its projects, or an edition."""

    proposed_id: UUID | None = None
    """A proposed session: its cohort, project, kind, title, mode and hours are taken from it."""
    cohort_id: UUID | None = None
    edition_id: UUID | None = None
    """In the place of `cohort_id`, for a session of several cohorts of an edition."""
    kind: SessionKind | None = None
    title: Line | None = None
    topics: Topics = []
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    mode: SessionMode | None = None
    place: Line | None = None
    """Null for a session online, or whose place is announced later."""
    host_id: UUID | None = None
    provider_id: UUID | None = None
    """The organisation whose hours an appointment uses."""
    speaker_ids: Ids = []
    """The organisations that speak."""
    project_ids: Ids | None = None
    """Null: the project of the proposed session, else all of the cohort, those to come too."""
    participant_ids: Ids = []
    """Persons convened beside the bearers of the projects."""
    invited_roles: list[Role] = []
    """Everybody who holds one of these roles in the programme that day is convened too."""
    hour_kind: HourKind | None = None
    """The package it uses once held; `mentoring` for a mentoring session when absent."""
    override_by: UUID | None = None
    """The coordinator who allows an overlap with another session."""


class PlanSessions(_Request):
    """Several sessions, all planned or none."""

    sessions: Annotated[list[PlanSession], Field(min_length=1, max_length=200)]


class MoveSession(_Request):
    """What changes; what is absent stays. `place: null` means that it is announced later."""

    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    mode: SessionMode | None = None
    place: Line | None = None
    reason: ChangeReason
    override_by: UUID | None = None


class CancelSession(_Request):
    reason: ChangeReason


class GivePlace(_Request):
    place: Line


class RosterMark(_Request):
    """What is known of a person: for one half-day (`day` and `part`), or for all of the session.

    `role`, `project_id` and `organisation_id` are found from what is known of her when absent.
    """

    person_id: UUID
    status: AttendanceStatus
    day: date | None = None
    part: Part | None = None
    role: AttendeeRole | None = None
    project_id: UUID | None = None
    organisation_id: UUID | None = None

    @model_validator(mode="after")
    def _day_with_part(self) -> Self:
        if (self.day is None) != (self.part is None):
            raise ValueError("day and part go together")
        return self


class FillRoster(_Request):
    """Marks to write; those written before and not named here stay."""

    marks: Annotated[list[RosterMark], Field(max_length=1000)]


class CloseSession(_Request):
    """The end of a session's sheet; `marks` are written first."""

    minutes: Minutes | None = None
    """Time spent; as booked when absent."""
    headcount: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Persons there, with guests whose names are unknown; those marked present when absent."""
    override_by: UUID | None = None
    """The coordinator who allows time beyond the hour package."""
    marks: Annotated[list[RosterMark], Field(max_length=1000)] = []


class GrantHours(_Request):
    kind: HourKind
    minutes: Annotated[int, Field(ge=1, le=60_000)]


class MakePairing(_Request):
    project_id: UUID
    kind: PairingKind
    organisation_id: UUID
    person_id: UUID | None = None
    """Who acts for the organisation; found in the directory when one person alone does."""
    replaces: UUID | None = None
    """An active pairing of this project that ends as this one begins."""


class ProposePairings(_Request):
    cohort_id: UUID
    kind: PairingKind


class ConfirmPairings(_Request):
    """Proposals to confirm, all or none."""

    pairing_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class EndPairing(_Request):
    reason: PairingEndReason


class OneOffer(_Request):
    organisation_id: UUID
    sector: Slug | None = None
    department: Department | None = None
    topics: Topics = []
    capacity: Annotated[int, Field(ge=0, le=100)] = 1
    """How many projects it can accompany at once."""


class SetOffers(_Request):
    """What organisations offer as godparents, mentors or referents; replaces what they offered."""

    programme: Slug
    kind: PairingKind
    offers: Annotated[list[OneOffer], Field(max_length=500)]


class OneWish(_Request):
    project_id: UUID
    topics: Topics


class SetWishes(_Request):
    """The topics projects want help with; replaces what they wished."""

    wishes: Annotated[list[OneWish], Field(max_length=500)]


class ReportProgress(_Request):
    status: ProjectStatus
    reported_on: date | None = None
    """Today when absent."""
    legal_form: Slug | None = None
    expected_on: date | None = None
    """The first day of the period in which the next step is expected."""
    jobs_min: Annotated[int, Field(ge=0, le=100_000)] | None = None
    jobs_max: Annotated[int, Field(ge=0, le=100_000)] | None = None


class NewFeed(_Request):
    """A calendar feed of one's own sessions, or of what a cohort has in common."""

    cohort_id: UUID | None = None


# --- what is answered: our values in the words of the glossary

Json = dict[str, Any]


def listed(items: Iterable[Json], total: int | None = None) -> Json:
    """What every list answers; `total` when the items are one page of more."""
    found = list(items)
    return {"items": found, "total": len(found) if total is None else total}


def track_view(track: Track) -> Json:
    """A track as its file says it, and the names of what its source does not say."""
    view: Json = track.model_dump(mode="json", exclude={"format"})
    return view | {"unknown": track.unknown}


def cohort_view(cohort: Cohort) -> Json:
    """A cohort with the number of its projects."""
    return _view(cohort, "cohort_id") | {"projects": len(cohort.active)}


def whole_cohort_view(cohort: Cohort) -> Json:
    """A cohort with its projects, those that left too."""
    projects = [_view(project, "project_id") for project in cohort.projects]
    return _view(cohort, "cohort_id") | {"projects": projects}


def proposal_view(proposal: Proposal) -> Json:
    return {"proposed_id": proposal.id} | asdict(proposal.proposed)


def session_view(session: Session) -> Json:
    """A session; `minutes` is its length as booked, `minutes_held` once held."""
    half_days = [asdict(half_day) for half_day in session.half_days]
    return _view(session, "session_id") | {"half_days": half_days, "minutes": session.minutes}


def mark_view(mark: Mark) -> Json:
    view = asdict(mark)
    half_day: Json = view.pop("half_day")
    return view | half_day


def hours_view(
    package: HourPackage, planned: Mapping[HourKind, int], uses: Iterable[HourUse] = ()
) -> Json:
    """A package; `minutes_planned` are of sessions to come of its kind, not yet used."""
    return _view(package, "package_id") | {
        "minutes_left": package.minutes_left,
        "minutes_planned": planned.get(package.kind, 0),
        "uses": [use_view(use) for use in uses if use.package_id == package.id],
    }


def use_view(use: HourUse) -> Json:
    view = asdict(use)
    del view["package_id"]
    return view


def pairing_view(pairing: Pairing, _: Tongue) -> Json:
    """A pairing, with the reasons of its proposal in the reader's language."""
    reasons = [asdict(reason) | {"text": reason_in_words(reason, _)} for reason in pairing.reasons]
    return _view(pairing, "pairing_id") | {"reasons": reasons}


def progress_view(project_id: UUID, progress: Progress) -> Json:
    return {"project_id": project_id} | asdict(progress)


def feed_view(feed: Feed, address: str) -> Json:
    return {
        "feed_id": feed.id,
        "cohort_id": feed.cohort_id,
        "created_at": feed.created_at,
        "address": address,
    }


def _view(value: Cohort | Project | Session | HourPackage | Pairing, id_name: str) -> Json:
    """The fields of a value; its id is named as elsewhere."""
    view = asdict(value)
    view[id_name] = view.pop("id")
    return view
