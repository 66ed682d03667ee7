"""What *candidatures* says on the way of a selection, to one person: to read, to take a place."""

from datetime import date

from pydantic import NonNegativeInt, PositiveInt

from essaim_contracts.fact import (
    ApplicationId,
    CallId,
    EditionId,
    Fact,
    PersonId,
    ProjectId,
    Slug,
)


class ReviewsAssigned(Fact, type="essaim.candidatures.review.assigned.v1", key="call_id"):
    """A member of the committee was given applications to score, or some were taken from her.

    Each one says all that is hers now: the last one counts.
    """

    call_id: CallId
    edition_id: EditionId
    call_slug: Slug
    """The call's short name, as addresses have it."""
    reviewer_id: PersonId
    """The member of the committee."""
    applications: NonNegativeInt
    """How many applications are hers now."""
    to_review: NonNegativeInt
    """How many of them she has not scored yet."""
    due_on: date | None = None
    """The last day to score them. None when no day was given."""


class PlaceOffered(Fact, type="essaim.candidatures.place.offered.v1", key="application_id"):
    """A place freed and was offered to a project of the waiting list.

    Its bearer accepts, and `application.decided` selects it; or declines, and it is withdrawn.
    """

    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person who is asked."""
    rank: PositiveInt | None = None
    """The place it had on the waiting list, from 1."""
    open_until: date
    """The last day to answer: after it the place may be offered to another."""
