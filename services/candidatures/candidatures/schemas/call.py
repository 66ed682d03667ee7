"""Calls, as the JSON API answers them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from candidatures.call import Call, CallState


class CallAnswer(BaseModel):
    id: UUID
    programme: str
    edition_id: UUID
    edition: int
    slug: str
    kind: str
    title: str
    track_code: str
    places: int | None
    state: CallState
    opens_at: datetime
    closes_at: datetime
    received: int


class CallDetail(CallAnswer):
    sectors: list[dict[str, object]]
    heard_from: list[dict[str, object]]
    departments: list[str]
    applicants: list[str]
    charter: dict[str, object] | None
    """Its text and hours, and the `mark` to accept it by."""
    eligibility: list[dict[str, object]]
    sections: list[dict[str, object]]
    questions: list[dict[str, object]]
    documents: list[dict[str, object]]
    criteria: list[dict[str, object]]
    rounds: list[dict[str, object]]
    round: int
    """The one the committee is in, from 1."""
    quorum: int | None


class CallList(BaseModel):
    items: list[CallAnswer]
    total: int


def call_answer(call: Call, now: datetime) -> CallAnswer:
    return CallAnswer(**_call_values(call, now))


def call_in_detail(call: Call, now: datetime) -> CallDetail:
    before = ("sectors", "heard_from", "eligibility", "sections")
    parts = (*before, "questions", "documents", "criteria", "rounds")
    asked = {name: [part.model_dump(mode="json") for part in getattr(call, name)] for name in parts}
    return CallDetail(
        **_call_values(call, now),
        **asked,
        applicants=[kind.value for kind in call.applicants],
        charter=call.charter.model_dump(mode="json") | {"mark": call.charter.mark}
        if call.charter
        else None,
        departments=list(call.departments),
        round=call.round,
        quorum=call.quorum,
    )


def _call_values(call: Call, now: datetime) -> dict[str, Any]:
    return {
        "id": call.id,
        "programme": call.programme,
        "edition_id": call.edition_id,
        "edition": call.edition_number,
        "slug": call.slug,
        "kind": call.kind.value,
        "title": call.title.fr,
        "track_code": call.track_code,
        "places": call.places,
        "state": call.state(now),
        "opens_at": call.opens_at,
        "closes_at": call.closes_at,
        "received": call.received,
    }
