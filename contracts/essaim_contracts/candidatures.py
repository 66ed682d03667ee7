"""The facts *candidatures* publishes: programme, calls, applications, cohorts, trophies, people."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from essaim_contracts.fact import (
    ApplicationId,
    CallId,
    CohortId,
    Department,
    EditionId,
    Euros,
    Fact,
    Jobs,
    Label,
    Meaning,
    OrganisationId,
    Percent,
    PersonId,
    ProjectId,
    Slug,
    Value,
)


class Commitment(StrEnum):
    """What an organisation commits to in a programme. One organisation may hold several."""

    STEWARD = "steward"
    TECHNICAL_PARTNER = "technical_partner"
    FINANCIAL_PARTNER = "financial_partner"
    FUNDER = "funder"
    GODPARENT = "godparent"
    MENTOR = "mentor"
    COACH = "coach"
    SPEAKER = "speaker"
    HOST = "host"
    CONTRIBUTOR = "contributor"


class ApplicantKind(StrEnum):
    """Who applies: a person alone, an organisation, or a group not yet an organisation."""

    PERSON = "person"
    ORGANISATION = "organisation"
    GROUP = "group"


class CallKind(StrEnum):
    """What the call asks for: projects, a funder's projects, first interest, or territories."""

    CALL = "call"
    FUNDER_CALL = "funder_call"
    EXPRESSION_OF_INTEREST = "expression_of_interest"
    TERRITORY_CALL = "territory_call"


class Decision(StrEnum):
    """How the selection committee answered an application."""

    SELECTED = "selected"
    WAITING_LIST = "waiting_list"
    REFUSED = "refused"
    REORIENTED = "reoriented"


class DecisionReason(StrEnum):
    """Why, as a code: the sentence for the bearer is written by the service that sends it."""

    MEETS_CRITERIA = "meets_criteria"
    PLACES_FILLED = "places_filled"
    NOT_ESS = "not_ess"
    NOT_MATURE = "not_mature"
    NOT_AUTONOMOUS = "not_autonomous"
    OUT_OF_SCOPE = "out_of_scope"
    INCOMPLETE = "incomplete"
    OTHER_TRACK_FITS = "other_track_fits"


class WithdrawalReason(StrEnum):
    """Why a bearer took an application back."""

    BEARER_CHOICE = "bearer_choice"
    DUPLICATE = "duplicate"
    OTHER_SUPPORT = "other_support"


class CohortChange(StrEnum):
    """Which way a project went."""

    JOINED = "joined"
    LEFT = "left"


class DeliverableKind(StrEnum):
    """What was handed in: the file that closes the track, or one on the way."""

    FINAL_FILE = "final_file"
    INTERIM_FILE = "interim_file"


class PrizeKind(StrEnum):
    """Money, or the service in kind that is given instead."""

    MONEY = "money"
    VIDEO = "video"
    WEBSITE = "website"
    SOFTWARE = "software"
    EXPERTISE = "expertise"
    FEASIBILITY_STUDY = "feasibility_study"


class PartnerJoined(Fact, type="essaim.candidatures.partner.joined.v1", key="organisation_id"):
    """An organisation, or a lone expert acting as one, joined a programme with these commitments.

    Said again, with the whole new list, when the commitments change.
    """

    organisation_id: OrganisationId
    name: Label | None
    """The organisation's public name. None for a person who acts alone: her name is personal."""
    person_id: PersonId | None = None
    """The person who acts alone; her name lives in the directory."""
    legal_form: Slug | None = None
    """The legal form, such as scop, scic, cae or association."""
    commitments: tuple[Commitment, ...]
    """Every commitment held from `joined_on`, in no order."""
    joined_on: date
    """The day from which this list holds."""


class Coded(Value):
    """A code of the programme and the words people read for it."""

    code: Slug
    fr: Label
    """In French."""
    en: Label | None = None
    """In English, where somebody wrote it."""


class CallOpened(Fact, type="essaim.candidatures.call.opened.v1", key="call_id"):
    """A call accepts applications from `opens_at` (included) to `closes_at` (excluded)."""

    call_id: CallId
    edition_id: EditionId
    programme_name: Label | None = None
    """The public name of the programme, of which the subject carries the slug."""
    edition_number: PositiveInt
    """Which run of the programme this is, from 1."""
    edition_year: Annotated[
        int,
        Field(ge=2000, le=2200),
        Meaning("The calendar year the edition is named after.", example=2020),
    ]
    slug: Slug
    """The call's short name, alone of its kind in the programme; it stands in addresses."""
    title: Label
    """The call's public title."""
    kind: CallKind
    track_code: Slug
    """The track the call leads to."""
    places: PositiveInt | None = None
    """How many projects can be selected. None when there is no stated limit."""
    opens_at: AwareDatetime
    """First instant at which an application is accepted."""
    closes_at: AwareDatetime
    """First instant at which an application is refused."""
    sectors: tuple[Coded, ...] = ()
    """The fields of activity offered to applicants, by which later facts name a `sector`."""
    heard_from: tuple[Coded, ...] = ()
    """The answers offered to "how did you hear of the call?", which later facts name by code."""


class CallExtended(Fact, type="essaim.candidatures.call.extended.v1", key="call_id"):
    """An open call closes later than was said: it is never closed earlier."""

    call_id: CallId
    edition_id: EditionId
    title: Label
    """The call's public title."""
    closed_before: AwareDatetime
    """When it would have closed, as was said last."""
    closes_at: AwareDatetime
    """First instant at which an application is refused, from now on."""


class CallClosed(Fact, type="essaim.candidatures.call.closed.v1", key="call_id"):
    """A call stopped accepting applications."""

    call_id: CallId
    edition_id: EditionId
    closed_at: AwareDatetime
    """When it stopped."""
    applications_received: NonNegativeInt
    """How many applications were received in time, withdrawn ones included."""


class ApplicationReceived(
    Fact, type="essaim.candidatures.application.received.v1", key="application_id"
):
    """An application was submitted in time and saved: the receipt `number` may be shown.

    `jobs_min` and `jobs_max` are both given or both None.
    """

    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person who submitted it."""
    number: Annotated[
        str,
        Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,39}$"),
        Meaning("The number of the receipt, which people read out.", example="PREMICES-2020-042"),
    ]
    project_title: Label
    """The project's public title at that moment."""
    applicant_kind: ApplicantKind
    sector: Slug | None = None
    """The project's field of activity, as the programme codes it."""
    department: Department | None = None
    heard_from: Slug | None = None
    """How the bearer heard of the call, as the programme codes it."""
    jobs_min: Jobs | None = None
    """Low end of the jobs the bearers expect to create, in heads."""
    jobs_max: Jobs | None = None
    """High end of the jobs the bearers expect to create, in heads."""
    received_at: AwareDatetime
    """When it was saved: before the call's `closes_at`."""
    handed_over_from: ApplicationId | None = None
    """The application to another call that was handed over, and that this one continues."""


class ApplicationWithdrawn(
    Fact, type="essaim.candidatures.application.withdrawn.v1", key="application_id"
):
    """Its bearer took an application back; the committee no longer sees it."""

    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person who had submitted it."""
    reason: WithdrawalReason
    withdrawn_at: AwareDatetime
    """When it was taken back."""


class ApplicationDecided(
    Fact, type="essaim.candidatures.application.decided.v1", key="application_id"
):
    """The committee's decision was applied. A later one on the same application replaces it."""

    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person who is told."""
    decision: Decision
    reason: DecisionReason
    score: Percent | None = None
    """The weighted mean over criteria and evaluators, from 0 to 100."""
    rank: PositiveInt | None = None
    """The place on the waiting list, from 1."""
    track_code: Slug | None = None
    """The track it is re-oriented to."""
    track_name: Label | None = None
    """The public name of that track, when the programme gave one."""
    decided_on: date
    """The day of the committee."""


class CohortProject(Value):
    """A project as it enters a cohort."""

    project_id: ProjectId
    application_id: ApplicationId | None = None
    """The application that was selected. None for a project that came another way."""
    bearer_ids: tuple[PersonId, ...]
    """The persons who carry the project, the one to write to first."""
    title: Label
    """The project's public title."""
    sector: Slug | None = None
    """The project's field of activity, as the programme codes it."""
    department: Department | None = None
    jobs_min: Jobs | None = None
    """Low end of the jobs the bearers expect to create, in heads."""
    jobs_max: Jobs | None = None
    """High end of the jobs the bearers expect to create, in heads."""


class CohortFormed(Fact, type="essaim.candidatures.cohort.formed.v1", key="cohort_id"):
    """The projects that go through one track of one edition together."""

    cohort_id: CohortId
    edition_id: EditionId
    call_id: CallId
    label: Label
    """What people call the cohort: « promotion 2020 »."""
    number: PositiveInt | None = None
    """Which cohort of its edition this is, from 1."""
    places: PositiveInt | None = None
    """How many projects it takes at most. None when there is no stated limit."""
    track_code: Slug
    """The track they go through."""
    starts_on: date
    """The first day of support."""
    projects: Annotated[tuple[CohortProject, ...], Field(min_length=1)]
    """Every project of the cohort."""


class CohortChanged(Fact, type="essaim.candidatures.cohort.changed.v1", key="cohort_id"):
    """One project joined (from the waiting list, say) or left a cohort."""

    cohort_id: CohortId
    edition_id: EditionId
    track_code: Slug
    """The track the cohort goes through."""
    change: CohortChange
    project: CohortProject
    effective_on: date
    """First day on which the project is in, or no longer in, the cohort."""


class DeliverableHandedIn(
    Fact, type="essaim.candidatures.deliverable.handed_in.v1", key="deliverable_id"
):
    """A project handed in a version of something it owed."""

    deliverable_id: UUID
    """The thing owed; each version handed in is a fact of this same key."""
    edition_id: EditionId
    cohort_id: CohortId
    project_id: ProjectId
    kind: DeliverableKind
    version: PositiveInt
    """Which version this is, from 1. The last one counts."""
    due_on: date
    """The last day it could be handed in without being late."""
    handed_in_at: AwareDatetime
    """When it was handed in."""
    document_sha256: Annotated[
        str,
        Field(pattern=r"^[0-9a-f]{64}$"),
        Meaning(
            "The SHA-256 of the file, in hexadecimal: the file itself stays with its owner.",
            example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    ]


class Prize(Value):
    """Money or a service in kind, given by one contributor."""

    prize_id: UUID
    """The prize."""
    contributor_id: OrganisationId
    """The organisation that gives it."""
    kind: PrizeKind
    title: Label
    """What is given, as it is announced."""
    value_eur: Euros
    """What it is worth, in whole euros."""


class TrophyAwarded(Fact, type="essaim.candidatures.trophy.awarded.v1", key="trophy_id"):
    """A project received a public distinction, and with it these prizes."""

    trophy_id: UUID
    """The trophy."""
    edition_id: EditionId
    cohort_id: CohortId
    project_id: ProjectId
    bearer_ids: tuple[PersonId, ...]
    """The persons who carry the project."""
    title: Label
    """The trophy's public title."""
    awarded_on: date
    """The day of the ceremony."""
    prizes: tuple[Prize, ...]
    """What comes with the trophy; none when it is for honour alone."""


class PersonErased(Fact, type="essaim.candidatures.person.erased.v1", key="person_id"):
    """A person asked to be forgotten: every service erases what it holds about this id."""

    person_id: PersonId
    erased_at: AwareDatetime
    """When the directory forgot her."""
    asked_by_herself: bool | None = None
    """Whether she asked it herself; none where nobody did, as when a duration ended."""
