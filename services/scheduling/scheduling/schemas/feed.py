"""Calendar feeds."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from scheduling.feed import Feed
from scheduling.schemas.body import Answer, Body


class NewFeed(Body):
    """A calendar feed of one's own sessions, or of what a cohort has in common."""

    cohort_id: UUID | None = None


class OpenedAnswer(Answer):
    feed_id: UUID


class FeedAnswer(Answer):
    """A feed with its secret address."""

    feed_id: Annotated[UUID, Field(validation_alias="id")]
    cohort_id: UUID | None
    created_at: datetime
    address: str


def feed_answer(feed: Feed, address: str) -> FeedAnswer:
    return FeedAnswer.model_validate(vars(feed) | {"address": address})
