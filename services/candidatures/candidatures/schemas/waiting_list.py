"""The waiting list, as the coordination works on it and a bearer answers."""

from datetime import date
from uuid import UUID

from essaim.text.bounded import DayIn, Flag
from pydantic import BaseModel

from candidatures.schemas.body import Body
from candidatures.waiting_list import OfferState


class OfferBody(Body):
    answer_by: DayIn
    """The last day to answer."""
    application_id: UUID | None = None
    """By default the first of the list to whom no place was offered."""


class AnswerBody(Body):
    accepts: Flag


class OfferedAnswer(BaseModel):
    application_id: UUID


class ClosedAnswer(BaseModel):
    answered: int


class WaitingAnswer(BaseModel):
    application_id: UUID
    number: str
    rank: int | None
    offer: OfferState | None
    answer_by: date | None


class WaitingListAnswer(BaseModel):
    items: list[WaitingAnswer]
