"""Cohorts and what their track proposes, as the API answers them."""

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from essaim_contracts.scheduling import HourKind, SessionKind, SessionMode
from pydantic import Field

from scheduling.cohort import Cohort
from scheduling.proposed_session import Proposal
from scheduling.schemas.body import Answer


class _CohortAnswer(Answer):
    cohort_id: Annotated[UUID, Field(validation_alias="id")]
    programme: str
    edition_id: UUID
    label: str
    track_code: str
    track_version: int | None
    """Null until the track is known here."""
    starts_on: date
    last_day: date | None


class CohortAnswer(_CohortAnswer):
    """A cohort with the number of its projects."""

    projects: int


class ProjectAnswer(Answer):
    """A project of a cohort; `left_on` is null while it is in."""

    project_id: Annotated[UUID, Field(validation_alias="id")]
    cohort_id: UUID
    title: str
    sector: str | None
    department: str | None
    bearer_ids: tuple[UUID, ...]
    joined_on: date
    left_on: date | None


class CohortDetail(_CohortAnswer):
    """A cohort with its projects, those that left too."""

    projects: tuple[ProjectAnswer, ...]


class ProposalAnswer(Answer):
    """A session that a track proposes and nothing on the calendar answers yet."""

    proposed_id: UUID
    cohort_id: UUID
    project_id: UUID | None
    kind: SessionKind
    title: str
    number: int
    half_days: int | None
    minutes_min: int | None
    minutes_max: int | None
    mode: SessionMode | None
    hour_kind: HourKind | None
    topics: tuple[str, ...]


def cohort_answer(cohort: Cohort) -> CohortAnswer:
    return CohortAnswer.model_validate(vars(cohort) | {"projects": len(cohort.active)})


def cohort_detail(cohort: Cohort, *, named: bool) -> CohortDetail:
    """A cohort with its projects; without their bearers for who is not to see persons."""
    if not named:
        projects = tuple(replace(project, bearer_ids=()) for project in cohort.projects)
        cohort = replace(cohort, projects=projects)
    return CohortDetail.model_validate(cohort)


def proposal_answer(proposal: Proposal) -> ProposalAnswer:
    return ProposalAnswer(proposed_id=proposal.id, **vars(proposal.proposed))
