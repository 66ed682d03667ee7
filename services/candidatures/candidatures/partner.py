"""A partner of a programme: foreseen, confirmed or ended, and what each commitment means."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self

from essaim.text.file_values import Day
from essaim_contracts.candidatures import Commitment, PartnerJoined
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from candidatures.form import Part, Text


class PartnerStatus(StrEnum):
    """Whether it is hoped for, committed, or no longer there; only the committed are public."""

    FORESEEN = "foreseen"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Term(Part):
    """What one commitment of a partner means, and when it holds."""

    commitment: Commitment
    detail: Text | None = None
    since: Day | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise PydanticCustomError("term_ends_first", "ends first")
        return self


def commitments_held(row: Mapping[str, Any]) -> tuple[Commitment, ...]:
    """What a partner is committed to, as its row says: nothing before it is confirmed, or after."""
    if (row["status"] or PartnerStatus.CONFIRMED) != PartnerStatus.CONFIRMED:
        return ()
    return tuple(Commitment(name) for name in row["commitments"])


def partner_joined(row: Mapping[str, Any], today: date) -> PartnerJoined:
    """What is announced: with no commitment, from the day after its last."""
    commitments = commitments_held(row)
    last = row["left_on"]
    ended_on = last + timedelta(days=1) if last else today
    return PartnerJoined(
        organisation_id=row["id"],
        name=row["name"],
        person_id=row["person_id"],
        legal_form=row["legal_form"],
        commitments=commitments,
        joined_on=row["joined_on"] if commitments else ended_on,
    )
