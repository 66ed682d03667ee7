"""What *candidatures* says of the files a cohort owes and of the prizes it was given."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, PositiveInt

from essaim_contracts.candidatures import Coded, DeliverableKind
from essaim_contracts.fact import CohortId, EditionId, Fact, OrganisationId, ProjectId


class FileVerdict(StrEnum):
    """What came of reading a file that a project handed in."""

    ACCEPTED = "accepted"
    TO_CORRECT = "to_correct"


class DeliverableReviewed(
    Fact, type="essaim.candidatures.deliverable.reviewed.v1", key="deliverable_id"
):
    """The coordination read a version that was handed in. A later review replaces it.

    What it wrote stays on the project's page: it is for those who carry the project.
    """

    deliverable_id: UUID
    """The thing owed, as when it was handed in."""
    edition_id: EditionId
    cohort_id: CohortId
    project_id: ProjectId
    kind: DeliverableKind
    version: PositiveInt
    """The version that was read."""
    verdict: FileVerdict
    sections: tuple[Coded, ...] = ()
    """The sections to correct. None named when it is accepted, or the whole is to be corrected."""
    correct_by: date | None = None
    """The last day to hand in the corrected version. None when it is accepted."""
    reviewed_at: AwareDatetime
    """When it was read."""


class DeliverableReminded(
    Fact, type="essaim.candidatures.deliverable.reminded.v1", key="deliverable_id"
):
    """A project whose file is late was reminded of it. Who is not late is never reminded."""

    deliverable_id: UUID
    """The thing owed, as when it is handed in."""
    edition_id: EditionId
    cohort_id: CohortId
    project_id: ProjectId
    kind: DeliverableKind
    due_on: date
    """The last day it could be handed in, or corrected, without being late."""
    to_correct: bool
    """Whether it was handed in once, and its correction is awaited."""
    reminded_at: AwareDatetime
    """When it was reminded."""


class PrizeDelivered(Fact, type="essaim.candidatures.prize.delivered.v1", key="prize_id"):
    """What a contributor had promised reached the project it was awarded to."""

    prize_id: UUID
    """The prize, as the trophy named it."""
    edition_id: EditionId
    project_id: ProjectId
    contributor_id: OrganisationId
    """The organisation that gives it."""
    delivered_by_id: OrganisationId
    """The organisation that handed it over: who gives it, or another in its name."""
    delivered_on: date
    """The day it was handed over."""
