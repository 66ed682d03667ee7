"""What the JSON API hears and answers, in the words of the glossary."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from essaim.person import Role
from essaim_contracts.candidatures import (
    ApplicantKind,
    CohortChange,
    CohortProject,
    Decision,
    DecisionReason,
    DeliverableKind,
    PrizeKind,
    WithdrawalReason,
)
from essaim_contracts.fact import Label, Slug
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from candidatures.application_form import answer_field
from candidatures.call import CallState
from candidatures.erasure import Answer

ShortText = Annotated[str, StringConstraints(max_length=20_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    @field_validator("*")
    @classmethod
    def _holds_no_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("A text cannot hold the NUL character; PostgreSQL keeps none.")
        return value


# --- requests


class ApplicationBody(Body):
    """All that is written so far; what is absent is empty. It may be wrong: it is a draft."""

    version: Annotated[int, Field(ge=0)]
    """The version this was written over; a newer one in between is never overwritten."""
    project_title: ShortText | None = None
    sector: ShortText | None = None
    department: ShortText | None = None
    jobs_min: int | None = None
    jobs_max: int | None = None
    bearer_name: ShortText | None = None
    bearer_email: ShortText | None = None
    bearer_phone: ShortText | None = None
    applicant_kind: ApplicantKind | None = None
    organisation: ShortText | None = None
    heard_from: ShortText | None = None
    answers: dict[Slug, ShortText | int | bool] = {}
    """Question code -> answer; true and false to a question of kind yes_no."""

    def content(self) -> dict[str, str]:
        written = self.model_dump(mode="json", exclude={"version", "answers"}, exclude_none=True)
        content = {name: str(value) for name, value in written.items()}
        for code, answer in self.answers.items():
            text = ("yes" if answer else "no") if isinstance(answer, bool) else str(answer)
            content[answer_field(code)] = text
        return content


class StartBody(Body):
    language: Literal["fr", "en"] = "fr"


class WithdrawBody(Body):
    reason: WithdrawalReason = WithdrawalReason.BEARER_CHOICE


class ScoresBody(Body):
    points: dict[Slug, int | None]
    """Criterion code -> points, or null when it cannot be judged."""


class ConflictBody(Body):
    declared: bool


class DecisionBody(Body):
    decision: Decision
    reason: DecisionReason | None = None
    """By default the usual reason of this decision."""
    rank: Annotated[int, Field(ge=1)] | None = None
    track_code: Slug | None = None
    note: Annotated[str, StringConstraints(max_length=5000)] | None = None
    """For the committee alone: it never leaves this service."""


class ApplyBody(Body):
    decided_on: date | None = None
    partial: bool = False
    """Leave applications without a decision for later."""
    over_places: bool = False
    """Select more than there are places; kept under the name of whoever asks."""


class CohortBody(Body):
    call: Slug
    label: Label
    starts_on: date


class CohortChangeBody(Body):
    project_id: UUID
    change: CohortChange
    effective_on: date


class PrizeBody(Body):
    programme: Slug
    edition: Annotated[int, Field(ge=1)]
    code: Slug
    contributor: Slug
    """The code of the organisation."""
    kind: PrizeKind
    title: Label
    value_eur: Annotated[int, Field(ge=0, le=10_000_000)]


class TrophyBody(Body):
    project_id: UUID
    title: Label
    awarded_on: date
    prizes: tuple[Slug, ...] = ()
    """Codes of prizes pledged for the project's edition."""
    jury_ids: tuple[UUID, ...] = ()


class RoleBody(Body):
    role: Role
    programme: Slug
    organisation: Slug | None = None
    """The code of the organisation she acts for."""
    since: date | None = None
    until: date | None = None


class PersonBody(Body):
    name: Name
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    phone: Annotated[str, StringConstraints(max_length=40)] | None = None
    language: Literal["fr", "en"] = "fr"
    roles: tuple[RoleBody, ...] = ()


# --- answers


class ImportAnswer(BaseModel):
    programme: str
    changes: list[dict[str, str]]
    unchanged: int


class CallAnswer(BaseModel):
    id: UUID
    programme: str
    edition_id: UUID
    edition: int
    slug: str
    kind: str
    title: str
    track_code: str
    places: int | None
    state: CallState
    opens_at: datetime
    closes_at: datetime
    received: int


class CallDetail(CallAnswer):
    sectors: list[dict[str, object]]
    heard_from: list[dict[str, object]]
    departments: list[str]
    questions: list[dict[str, object]]
    documents: list[dict[str, object]]
    criteria: list[dict[str, object]]


class CallList(BaseModel):
    items: list[CallAnswer]
    total: int


class DraftAnswer(BaseModel):
    id: UUID
    project_id: UUID
    version: int
    token: str | None = None
    """Opens the draft: send it as X-Draft-Token. Shown once, when the draft is made."""


class SavedAnswer(BaseModel):
    id: UUID
    version: int


class DocumentAnswer(BaseModel):
    code: str
    filename: str
    media_type: str
    size: int
    sha256: str


class Receipt(BaseModel):
    id: UUID
    number: str


class DecisionAnswer(BaseModel):
    decision: str
    reason: str
    rank: int | None
    track_code: str | None


class ApplicationAnswer(BaseModel):
    """`mean`, `prepared` and `note` are shown to the committee and the coordination only."""

    id: UUID
    call: str
    project_id: UUID
    bearer_id: UUID | None
    state: str
    version: int
    number: str | None
    received_at: datetime | None
    content: dict[str, str]
    documents: list[DocumentAnswer]
    decision: DecisionAnswer | None
    mean: float | None = None
    prepared: DecisionAnswer | None = None
    note: str | None = None


class ApplicationList(BaseModel):
    items: list[dict[str, object]]
    total: int


class MeanAnswer(BaseModel):
    mean: float | None


class AppliedAnswer(BaseModel):
    changed: int
    decided: dict[str, int]
    undecided: int


class CohortAnswer(BaseModel):
    id: UUID
    call_id: UUID
    edition_id: UUID
    label: str
    track_code: str
    starts_on: date
    projects: list[CohortProject]


class CohortList(BaseModel):
    items: list[CohortAnswer]
    total: int


class HandedInAnswer(BaseModel):
    project_id: UUID
    kind: DeliverableKind
    version: int
    late: bool
    unchanged: bool
    """The same file had been handed in already: no new version was made."""


class PrizeAnswer(BaseModel):
    id: UUID
    code: str
    contributor_id: UUID
    kind: str
    title: str
    value_eur: int
    given: bool


class TrophyAnswer(BaseModel):
    id: UUID
    project_id: UUID
    prizes_value_eur: int


class PersonAnswer(BaseModel):
    id: UUID
    name: str
    email: str | None
    phone: str | None
    language: str
    roles: list[dict[str, object]]


class PersonList(BaseModel):
    items: list[PersonAnswer]
    total: int


class ErasureAnswer(BaseModel):
    """One partner's answer to one erasure; `confirmed_at` is null until it came."""

    person_id: UUID
    service: str
    erased_at: datetime
    confirmed_at: datetime | None
    answer: Answer


class ErasureList(BaseModel):
    items: list[ErasureAnswer]
    total: int


class PersonIdAnswer(BaseModel):
    id: UUID


class OrganisationAnswer(BaseModel):
    id: UUID
    code: str
    name: str | None
    person_id: UUID | None
    legal_form: str | None
    commitments: list[str]
    joined_on: date


class EditionAnswer(BaseModel):
    id: UUID
    number: int
    year: int
    calls: list[CallAnswer]
    deliverables: list[dict[str, object]]
    prizes: list[PrizeAnswer]
    prizes_pledged_eur: int
    trophies: list[dict[str, object]]


class ProgrammeAnswer(BaseModel):
    slug: str
    name: str
    steward_id: UUID
    organisations: list[OrganisationAnswer]
    editions: list[EditionAnswer]


class ProjectAnswer(BaseModel):
    id: UUID
    title: str
    cohort_id: UUID | None
    jobs_min: int | None
    jobs_max: int | None
    status: str | None
    sessions: int
    minutes: int
    deliverables: list[dict[str, object]]
