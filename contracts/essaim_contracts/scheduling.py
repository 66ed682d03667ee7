"""The facts *scheduling* publishes: sessions of every kind, pairings, hour packages, progress."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from essaim_contracts.fact import (
    CohortId,
    EditionId,
    Fact,
    HalfDays,
    Jobs,
    Label,
    Minutes,
    OrganisationId,
    PackageId,
    PairingId,
    Percent,
    PersonForgotten,
    PersonId,
    ProjectId,
    SessionId,
    Slug,
    Value,
)


class SessionKind(StrEnum):
    """Group days and one-to-one appointments are both sessions; the kind tells them apart."""

    LAUNCH_DAY = "launch_day"
    COLLECTIVE_DAY = "collective_day"
    WORKSHOP = "workshop"
    TRAINING = "training"
    WEBINAR = "webinar"
    APPOINTMENT = "appointment"
    MENTORING = "mentoring"
    PITCH = "pitch"
    CEREMONY = "ceremony"
    MEETING = "meeting"


class SessionMode(StrEnum):
    """Where the participants are: in one place, online, or some of each."""

    ON_SITE = "on_site"
    ONLINE = "online"
    HYBRID = "hybrid"


class ChangeReason(StrEnum):
    """Why a session moved or was cancelled."""

    SPEAKER = "speaker"
    BEARER = "bearer"
    HOST = "host"
    PLACE_SET = "place_set"
    OUTSIDE_EVENT = "outside_event"
    OTHER = "other"


class HourKind(StrEnum):
    """What the hours of a package are for."""

    MENTORING = "mentoring"
    REFERENT = "referent"
    LEGAL = "legal"


class GrantReason(StrEnum):
    """Whether the track gives these hours, or somebody added them."""

    TRACK = "track"
    EXTRA = "extra"


class PairingKind(StrEnum):
    """In which role the organisation accompanies the project."""

    GODPARENT = "godparent"
    MENTOR = "mentor"
    REFERENT = "referent"


BESIDE: Mapping[PairingKind | None, frozenset[str]] = {
    PairingKind.GODPARENT: frozenset({"godparent"}),
    PairingKind.MENTOR: frozenset({"mentor"}),
    PairingKind.REFERENT: frozenset({"coordinator", "mentor", "speaker"}),
    None: frozenset({"mentor", "speaker", "godparent"}),
}
"""The roles in which a person acts for an organisation paired so; None: it gave a session."""


class PairingMethod(StrEnum):
    """Whether somebody chose the pair, or the optimal assignment proposed it."""

    BY_HAND = "by_hand"
    ASSIGNMENT = "assignment"


class PairingEndReason(StrEnum):
    """Why the bond is over."""

    PROGRAMME_ENDED = "programme_ended"
    REPLACED = "replaced"
    ORGANISATION_LEFT = "organisation_left"
    PROJECT_LEFT = "project_left"


class ProjectStatus(StrEnum):
    """Where a project stands. Halted (paused) and abandoned (given up) are different ends."""

    IN_PROGRESS = "in_progress"
    STRUCTURE_CREATED = "structure_created"
    ASSOCIATION_PROGRESSING = "association_progressing"
    SCOP_OR_SCIC_IN_CREATION = "scop_or_scic_in_creation"
    TO_MATERIALISE_LATER = "to_materialise_later"
    HALTED = "halted"
    ABANDONED = "abandoned"


class AttendeeRole(StrEnum):
    """In which role a person was at a session."""

    BEARER = "bearer"
    SPEAKER = "speaker"
    GODPARENT = "godparent"
    MENTOR = "mentor"
    PARTNER = "partner"
    TEAM = "team"
    GUEST = "guest"


class Attendee(Value):
    """One person who was there, for so many half-days."""

    person_id: PersonId
    role: AttendeeRole
    project_id: ProjectId | None = None
    """The project she carries."""
    organisation_id: OrganisationId | None = None
    """The organisation she acts for."""
    half_days: Annotated[int, Field(ge=0, le=14)]
    """Half-days she signed for."""


class SessionPlanned(Fact, type="essaim.scheduling.session.planned.v1", key="session_id"):
    """A session is on the calendar."""

    session_id: SessionId
    edition_id: EditionId
    cohort_id: CohortId | None = None
    """The cohort it is for. None when it is for other people than one cohort."""
    kind: SessionKind
    title: Label
    """The session's public title."""
    topics: tuple[Label, ...] = ()
    """What it is about, in the order of the day."""
    starts_at: AwareDatetime
    """When it starts."""
    ends_at: AwareDatetime
    """When it ends, after `starts_at`."""
    half_days: HalfDays
    mode: SessionMode
    place: Label | None = None
    """Where. None when it is online or still to be announced."""
    host_id: OrganisationId | None = None
    """The organisation that receives the participants."""
    speaker_ids: tuple[OrganisationId, ...] = ()
    """The organisations that speak."""
    provider_id: OrganisationId | None = None
    """The organisation that gives its hours. None when no package is used."""
    project_ids: tuple[ProjectId, ...] = ()
    """The projects it is for."""
    participant_ids: tuple[PersonId, ...] = ()
    """The persons who are convened."""
    sequence: NonNegativeInt = 0
    """The iCalendar SEQUENCE: 0 when planned, one more at each change."""


class SessionMoved(Fact, type="essaim.scheduling.session.moved.v1", key="session_id"):
    """A session has new times, a new place or a new mode: this is all it is now."""

    session_id: SessionId
    edition_id: EditionId
    starts_at: AwareDatetime
    """When it now starts."""
    ends_at: AwareDatetime
    """When it now ends, after `starts_at`."""
    half_days: HalfDays
    mode: SessionMode
    place: Label | None = None
    """Where, now. None when it is online or still to be announced."""
    reason: ChangeReason
    sequence: PositiveInt
    """The iCalendar SEQUENCE: one more at each change."""


class SessionCancelled(Fact, type="essaim.scheduling.session.cancelled.v1", key="session_id"):
    """A session will not take place."""

    session_id: SessionId
    edition_id: EditionId
    reason: ChangeReason
    cancelled_at: AwareDatetime
    """When it was cancelled."""
    sequence: PositiveInt
    """The iCalendar SEQUENCE: one more at each change."""


class SessionHeld(Fact, type="essaim.scheduling.session.held.v1", key="session_id"):
    """A session took place and its sheet is closed."""

    session_id: SessionId
    edition_id: EditionId
    cohort_id: CohortId | None = None
    """The cohort it was for. None when it was for other people than one cohort."""
    kind: SessionKind
    held_on: date
    """The day it took place; the first one when there were several."""
    minutes: Minutes
    """Time spent, not time booked, in whole minutes."""
    half_days: HalfDays
    mode: SessionMode
    project_ids: tuple[ProjectId, ...] = ()
    """The projects it was for."""
    provider_id: OrganisationId | None = None
    """The organisation whose hours an appointment used."""
    participants: NonNegativeInt
    """Headcount in the room."""
    attendees: tuple[Attendee, ...] = ()
    """Those of the participants who are known one by one, so there may be fewer of them."""


class HoursGranted(Fact, type="essaim.scheduling.hours.granted.v1", key="package_id"):
    """A project received a package of hours of one kind of support."""

    package_id: PackageId
    edition_id: EditionId
    cohort_id: CohortId
    project_id: ProjectId
    kind: HourKind
    minutes: Minutes
    """What the package holds, in whole minutes."""
    reason: GrantReason
    granted_on: date
    """The first day it may be used."""


class HoursUsed(Fact, type="essaim.scheduling.hours.used.v1", key="package_id"):
    """A held session took time from a package."""

    package_id: PackageId
    edition_id: EditionId
    project_id: ProjectId
    session_id: SessionId
    provider_id: OrganisationId | None = None
    """The organisation that gave the time."""
    kind: HourKind
    minutes: Minutes
    """What the session took, in whole minutes, `minutes_over` included."""
    minutes_left: NonNegativeInt
    """What the package still holds, in whole minutes; never below zero."""
    minutes_over: NonNegativeInt = 0
    """Time beyond the package, in whole minutes, that `override_by` allowed."""
    override_by: PersonId | None = None
    """The person who allowed time beyond the package."""
    used_on: date
    """The day of the session."""


class PairingMade(Fact, type="essaim.scheduling.pairing.made.v1", key="pairing_id"):
    """An organisation, and the person who acts for it, accompanies a project."""

    pairing_id: PairingId
    edition_id: EditionId
    cohort_id: CohortId
    project_id: ProjectId
    kind: PairingKind
    organisation_id: OrganisationId
    person_id: PersonId | None = None
    """The person who acts for the organisation."""
    method: PairingMethod
    score: Percent | None = None
    """How well they fit, from 0 to 100, when the pairing was proposed by assignment."""
    made_on: date
    """The first day of the bond."""


class PairingEnded(Fact, type="essaim.scheduling.pairing.ended.v1", key="pairing_id"):
    """The bond between an organisation and a project is over."""

    pairing_id: PairingId
    edition_id: EditionId
    project_id: ProjectId
    kind: PairingKind
    organisation_id: OrganisationId
    reason: PairingEndReason
    ended_on: date
    """The last day of the bond."""


class ProjectProgressed(Fact, type="essaim.scheduling.project.progressed.v1", key="project_id"):
    """What is known of a project on `reported_on`; a later report replaces it."""

    project_id: ProjectId
    edition_id: EditionId
    cohort_id: CohortId
    status: ProjectStatus
    legal_form: Slug | None = None
    """The legal form taken or aimed at, such as scop, scic or association."""
    expected_on: date | None = None
    """The first day of the period in which the next step is expected."""
    jobs_min: Jobs | None = None
    """Low end of the jobs expected, in heads."""
    jobs_max: Jobs | None = None
    """High end of the jobs expected, in heads."""
    reported_on: date
    """The day this was true."""


class PersonForgottenByScheduling(
    PersonForgotten, type="essaim.scheduling.person.forgotten.v1", key="person_id"
):
    """This service erased what it held about a person: its answer to `person.erased`."""
