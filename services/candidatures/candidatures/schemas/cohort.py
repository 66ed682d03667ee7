"""Cohorts and their projects."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from essaim.text.bounded import Count, DayIn
from essaim.text.written import PARAGRAPHS, PublicLabel
from essaim_contracts.candidatures import CohortChange, CohortProject, DeliverableKind
from essaim_contracts.cohort import FileVerdict
from essaim_contracts.fact import Slug
from pydantic import BaseModel, Field, StringConstraints

from candidatures import store
from candidatures.cohort import Asked, Cohort, LeaveReason
from candidatures.deliverable import HandedIn
from candidatures.deliverable_review import FileState, OwedFile, Review
from candidatures.project import Project, ProjectLife
from candidatures.schemas.body import Body


class CohortBody(Body):
    call: Slug
    label: PublicLabel
    starts_on: DayIn
    places: Annotated[Count, Field(ge=1, le=10_000)] | None = None
    """How many projects it takes at most; by default as many as it has."""
    project_ids: tuple[UUID, ...] = ()
    """Those selected that it is formed of; by default all that have no cohort."""

    @property
    def asked(self) -> Asked:
        return Asked(self.label, self.starts_on, self.places, self.project_ids)


class CohortForm(CohortBody):
    """The same from a page."""

    places: Annotated[int, Field(ge=1, le=10_000)] | None = None


class CohortChangeBody(Body):
    project_id: UUID
    change: CohortChange
    effective_on: DayIn
    reason: LeaveReason | None = None
    """Why it leaves."""


class ReviewBody(Body):
    version: Annotated[Count, Field(ge=1, le=100_000)]
    """The version that was read: a newer one is refused."""
    verdict: FileVerdict
    sections: tuple[Slug, ...] = ()
    """Codes of the sections to correct; none, the whole."""
    comment: Annotated[str, StringConstraints(max_length=5000), PARAGRAPHS] = ""
    """What to correct, for those who carry the project."""
    correct_by: DayIn | None = None
    """The last day to correct it."""


class ReviewForm(ReviewBody):
    """The same from a page."""

    version: Annotated[int, Field(ge=1, le=100_000)]


class ReviewAnswer(BaseModel):
    project_id: UUID
    kind: DeliverableKind
    version: int
    verdict: FileVerdict
    sections: tuple[str, ...]
    comment: str
    correct_by: date | None
    reviewed_at: datetime


class OwedFileAnswer(BaseModel):
    project_id: UUID
    project: str
    kind: DeliverableKind
    state: FileState
    act_by: date | None
    """The last day for the project to act; none while it does not hold the pen."""
    late: bool
    version: int | None
    handed_in_at: datetime | None
    reminded_at: datetime | None


class OwedFileList(BaseModel):
    items: list[OwedFileAnswer]
    total: int


class RemindedAnswer(BaseModel):
    reminded: int


class CohortAnswer(BaseModel):
    id: UUID
    call_id: UUID
    edition_id: UUID
    label: str
    track_code: str
    starts_on: date
    number: int | None
    places: int | None
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


def cohort_answer(db: sa.Connection, cohort: Cohort, *, named: bool = True) -> CohortAnswer:
    """A cohort with its projects of the day; who is not to see persons gets no bearers."""
    values = asdict(cohort)
    del values["programme"]
    projects = [project.in_cohort() for project in store.project.of_cohort(db, cohort.id)]
    if not named:
        projects = [project.model_copy(update={"bearer_ids": ()}) for project in projects]
    return CohortAnswer(**values, projects=projects)


def project_answer(
    project: Project, life: ProjectLife, versions: Sequence[HandedIn], *, named: bool
) -> ProjectAnswer:
    """A project with what scheduling said of it, and the versions it handed in.

    Who is not to see persons sees when something was handed in, and nothing of the file.
    """
    told = life.progress
    # A status told without figures leaves the jobs as they were known.
    jobs = told if told and told.jobs_min is not None else project
    return ProjectAnswer(
        id=project.id,
        title=project.title,
        cohort_id=project.cohort_id,
        jobs_min=jobs.jobs_min,
        jobs_max=jobs.jobs_max,
        status=told.status if told else None,
        sessions=len(life.sessions),
        minutes=life.minutes,
        deliverables=[version(one, named=named) for one in versions],
    )


_OF_THE_FILE = ("filename", "size", "sha256")


def version(handed: HandedIn, *, named: bool) -> dict[str, object]:
    """A version handed in, and whether it was late."""
    values = asdict(handed) | {"late": handed.late}
    hidden = ("media_type", *(() if named else _OF_THE_FILE))
    return {name: value for name, value in values.items() if name not in hidden}


def review_answer(project_id: UUID, kind: DeliverableKind, review: Review) -> ReviewAnswer:
    return ReviewAnswer(project_id=project_id, kind=kind, **asdict(review))


def owed_answer(file: OwedFile) -> OwedFileAnswer:
    return OwedFileAnswer(
        project_id=file.project_id,
        project=file.project,
        kind=file.deliverable.kind,
        state=file.standing.state,
        act_by=file.standing.due_on,
        late=file.standing.is_late,
        version=file.version,
        handed_in_at=file.handed_in_at,
        reminded_at=file.reminded_at,
    )
