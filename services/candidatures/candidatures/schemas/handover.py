"""Hand-overs, as those who give and receive them work on them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from essaim.text.bounded import DayIn, Flag
from essaim.text.written import ONE_LINE, PARAGRAPHS
from essaim_contracts.handover import HandoverParty
from pydantic import BaseModel, StringConstraints

from candidatures.handover import Handover, HandoverState
from candidatures.schemas.body import Body

Line = Annotated[str, StringConstraints(max_length=300), ONE_LINE]
YesNo = Literal["true", "false"]
"""As a button of a form says it."""
Reason = Annotated[str, StringConstraints(max_length=2000), PARAGRAPHS]


class ProposalBody(Body):
    """One receiver: a call, or somebody outside of the consortium."""

    to_call: Line = ""
    """The short name of the call that would receive it."""
    name: Line = ""
    email: Line = ""
    language: Literal["fr", "en"] = "fr"
    """Of the letter to a receiver outside."""
    answer_by: DayIn
    """The last day to answer."""


class AgreementBody(Body):
    agrees: Flag


class AgreementForm(Body):
    agrees: YesNo


class _HandoverAnswer(Body):
    reason: Reason = ""
    """Why it is declined, for who proposed it."""
    complete_by: DayIn | None = None
    """The last day to complete what the receiving call asks besides: in two weeks by default."""


class HandoverAnswerBody(_HandoverAnswer):
    accepts: Flag


class HandoverAnswerForm(_HandoverAnswer):
    accepts: YesNo


class MoreTimeBody(Body):
    answer_by: DayIn


class ProposedAnswer(BaseModel):
    id: UUID


class AcceptedAnswer(BaseModel):
    application_id: UUID | None
    """What it became in the receiving call; null for a receiver outside."""


class HandoverAnswer(BaseModel):
    id: UUID
    application_id: UUID
    to_call_id: UUID | None
    state: HandoverState
    answer_by: date
    is_late: bool
    ended_at: datetime | None
    ended_by: HandoverParty | None
    reason: str | None
    to_application_id: UUID | None
    content: dict[str, str] | None = None
    """What was written, for who is asked to take it over."""
    documents: list[str] | None = None
    """The codes of its documents, likewise."""


def handover_answer(known: Handover, today: date) -> HandoverAnswer:
    return HandoverAnswer(
        id=known.id,
        application_id=known.application_id,
        to_call_id=known.to_call_id,
        state=known.state,
        answer_by=known.answer_by,
        is_late=known.is_late(today),
        ended_at=known.ended_at,
        ended_by=known.ended_by,
        reason=known.reason,
        to_application_id=known.to_application_id,
    )
