"""What *candidatures* says of what passes between a coordination and somebody who applied."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, PositiveInt

from essaim_contracts.candidatures import ApplicantKind
from essaim_contracts.fact import (
    ApplicationId,
    CallId,
    Department,
    EditionId,
    Fact,
    Jobs,
    Label,
    Meaning,
    PersonId,
    ProjectId,
    Slug,
)


class CorrectionAsked(Fact, type="essaim.candidatures.correction.asked.v1", key="correction_id"):
    """The bearer of an application is asked to correct or complete some of it, until a day."""

    correction_id: Annotated[UUID, Meaning("What was asked at once, of one application.")]
    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person who is asked."""
    points: PositiveInt
    """How many answers and documents are asked."""
    nth: PositiveInt
    """1 when it is asked, 2 when she is reminded of it before the last day."""
    open_until: date
    """The last day on which she may do it."""


class ApplicationCorrected(
    Fact, type="essaim.candidatures.application.corrected.v1", key="application_id"
):
    """Its bearer corrected an application as she was asked: it says now what stands here.

    `jobs_min` and `jobs_max` are both given or both None.
    """

    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person who corrected it."""
    number: Annotated[
        str,
        Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,39}$"),
        Meaning("The number of the receipt, which stays.", example="PREMICES-2020-042"),
    ]
    project_title: Label
    """The project's public title now."""
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
    """When the application was first received."""
    corrected_at: AwareDatetime
    """When it was corrected."""


class NoteLeft(Fact, type="essaim.candidatures.note.left.v1", key="application_id"):
    """A message was left on the page of an application: what it says stays with its owner."""

    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person whose application it is."""
    by_bearer: bool
    """Whether she wrote it; or else the coordination wrote to her."""
    left_at: AwareDatetime
    """When it was left."""
