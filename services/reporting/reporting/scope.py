"""Which figures: of an edition, as known at the end of a day in Paris, or as known now."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from essaim.clock import PARIS
from essaim.refusal import Refusal
from essaim.text.bounded import DayIn
from pydantic import TypeAdapter, ValidationError

_DAY: TypeAdapter[date] = TypeAdapter(DayIn)
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Later than anything said."""


@dataclass(frozen=True)
class Scope:
    """What had been said of an edition by the end of a day; None for all of it."""

    edition_id: UUID
    programme: str
    as_of: date | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What fills the places of the queries of `indicators.rows`."""
        return {"edition": self.edition_id, "programme": self.programme, "until": self.until}

    @property
    def until(self) -> datetime:
        """The first instant that no longer counts."""
        if self.as_of is None:
            return FOR_EVER
        return datetime.combine(self.as_of + timedelta(days=1), time(), PARIS)

    @property
    def day(self) -> str:
        """2020-06-30, as it stands in addresses and files; empty for now."""
        return self.as_of.isoformat() if self.as_of else ""


def day_of(text: str | None) -> date | None:
    """A day written 2020-06-30; None for an empty text.

    Raises:
        Refusal: (422) there is no such day, or none that is near enough.
    """
    if not text:
        return None
    try:
        return _DAY.validate_python(text)
    except ValidationError:
        raise no_such_day(text) from None


def no_such_day(text: str) -> Refusal:
    return Refusal(
        "wrong_day",
        "« {day} » n’est pas une date. Écrivez-la ainsi : 2020-06-30.",
        field="as_of",
        status=422,
        day=text,
    )
