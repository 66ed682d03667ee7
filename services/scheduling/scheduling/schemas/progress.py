"""The progress of a project."""

from datetime import date
from typing import Annotated
from uuid import UUID

from essaim.text.bounded import Count, DayIn
from essaim_contracts.fact import Slug
from essaim_contracts.scheduling import ProjectStatus
from pydantic import Field

from scheduling.progress import Progress
from scheduling.schemas.body import Answer, Body


class ReportProgress(Body):
    status: ProjectStatus
    reported_on: DayIn | None = None
    """Today when absent."""
    legal_form: Slug | None = None
    expected_on: DayIn | None = None
    """The first day of the period in which the next step is expected."""
    jobs_min: Annotated[Count, Field(ge=0, le=100_000)] | None = None
    jobs_max: Annotated[Count, Field(ge=0, le=100_000)] | None = None


class ProgressAnswer(Answer):
    """What was reported of a project on a day."""

    project_id: UUID
    status: ProjectStatus
    reported_on: date
    legal_form: str | None
    expected_on: date | None
    jobs_min: int | None
    jobs_max: int | None


def progress_answer(project_id: UUID, progress: Progress) -> ProgressAnswer:
    return ProgressAnswer(project_id=project_id, **vars(progress))
