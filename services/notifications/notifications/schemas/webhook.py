"""The bodies of webhooks in the JSON API, and the forms of their pages."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from essaim.text.bounded import Count, DayIn, Flag, InstantIn
from essaim.text.written import ONE_LINE, Name
from essaim.web.written import Body
from essaim_contracts.fact import TYPE_PATTERN, Slug
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from notifications.webhook import (
    LONGEST_OVERLAP_HOURS,
    DisableReason,
    WebhookState,
    no_type_chosen,
)
from notifications.webhook_delivery import DeliveryState, Trouble
from notifications.webhook_target import LONGEST_URL

Url = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL), ONE_LINE]
FactType = Annotated[
    str, StringConstraints(pattern=f"^{TYPE_PATTERN.pattern}$", max_length=120), ONE_LINE
]
Types = Annotated[list[FactType], Field(min_length=1, max_length=100)]


class WebhookBody(Body):
    """A webhook as it is added. Without `programme` it is told of all: for operators alone."""

    name: Name
    """What it is for, for those who find it here."""
    url: Url
    programme: Slug | None = None
    types: Types | None = None
    """The types of the facts it is told of; all when left out, those to come too."""


class ChangedWebhookBody(Body):
    """What a webhook becomes; its programme stays."""

    name: Name
    url: Url
    types: Types | None = None


class RotateBody(Body):
    """`overlap_hours`: how long the old secret signs beside the new one; a day when left out."""

    overlap_hours: Annotated[Count, Field(ge=0, le=LONGEST_OVERLAP_HOURS)] | None = None


class RetryBody(Body):
    """The deliveries to send again."""

    deliveries: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class ReplayBody(Body):
    """Everything told since then, in business time; `only_missed`: but for what was taken."""

    since: InstantIn
    only_missed: Flag = True


class WebhookAnswer(BaseModel):
    """A webhook. `deliveries` counts them by state; instants are real time."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    url: str
    programme: str | None
    types: list[str] | None
    state: WebhookState
    reason: DisableReason | None
    made_at: datetime
    disabled_at: datetime | None
    failing_since: datetime | None
    paused_until: datetime | None
    deliveries: dict[DeliveryState, int] = Field(default_factory=dict)


class WebhookList(BaseModel):
    items: list[WebhookAnswer]
    total: int


class MadeAnswer(BaseModel):
    """The secret is shown here, and never again."""

    id: UUID
    secret: str


class TestAnswer(BaseModel):
    delivery_id: UUID


class QueuedAnswer(BaseModel):
    """How many deliveries leave again."""

    queued: int


class DeliverySummary(BaseModel):
    """A delivery as a list shows it; `told_at` is business time, the rest real time."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    type: str
    told_at: datetime
    state: DeliveryState
    attempts: int
    status: int | None
    milliseconds: int | None
    trouble: Trouble | None
    tried_at: datetime | None
    next_attempt_at: datetime | None
    ended_at: datetime | None


class DeliveryList(BaseModel):
    items: list[DeliverySummary]
    total: int


class DeliveryAnswer(DeliverySummary):
    """One delivery, with what was posted and the beginning of what was answered."""

    answer: str | None
    body: str


class Told(StrEnum):
    """What a form says a webhook is told of."""

    EVERYTHING = "everything"
    CHOSEN = "chosen"


class WebhookForm(Body):
    """`programme` is left out for all."""

    name: Name
    url: Url
    programme: Slug | None = None
    told: Told = Told.EVERYTHING
    types: list[FactType] = Field(default_factory=list, max_length=100)

    @property
    def chosen_types(self) -> list[str] | None:
        """None for all.

        Raises:
            Refusal: none is chosen.
        """
        if self.told == Told.EVERYTHING:
            return None
        if not self.types:
            raise no_type_chosen()
        return self.types


class RotateForm(Body):
    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_HOURS)]


class RetryForm(Body):
    deliveries: list[UUID] = Field(default_factory=list, max_length=500)


class ReplayForm(Body):
    """Since the beginning of that day, in Paris."""

    since: DayIn
    everything: bool = False
