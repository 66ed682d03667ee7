"""Until when a document holds: its date is asked with it, and read again when time has passed."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from essaim import Refusal

from candidatures.answer import dated_field, not_a_day
from candidatures.field_reader import Content, missing
from candidatures.form import DocumentAsked
from candidatures.question import day_of


@dataclass(frozen=True)
class Validity:
    """Its last day, and whether that is past."""

    until: date
    is_past: bool


def months_later(day: date, months: int) -> date:
    """The same day of another month, the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def validity_of(asked: DocumentAsked, content: Content, today: date) -> Validity | None:
    """Until when a document holds; None where no date is asked, or none is given."""
    day = day_of(content.get(dated_field(asked.code), "")) if asked.is_dated else None
    if day is None:
        return None
    until = day if asked.max_months is None else months_later(day, asked.max_months)
    return Validity(until, today > until)


def wrong_dates(
    asked: Sequence[DocumentAsked], content: Content, there: set[str], today: date | None
) -> list[Refusal]:
    """What is wrong with the dates of the documents that are there; None is no day to judge by."""
    found = (
        _wrong_date(one, content, today) for one in asked if one.is_dated and one.code in there
    )
    return [one for one in found if one is not None]


def _wrong_date(asked: DocumentAsked, content: Content, today: date | None) -> Refusal | None:
    name = dated_field(asked.code)
    text = content.get(name, "")
    if not text:
        return missing(name)
    day = day_of(text)
    if day is None:
        return not_a_day(name, text)
    held = validity_of(asked, content, today) if today else None
    return no_longer_valid(name, held.until) if held and held.is_past else None


# --- refusals, each at its field


def no_longer_valid(name: str, until: date) -> Refusal:
    return Refusal(
        "no_longer_valid",
        "Ce document n’est valable que jusqu’au {until}. Joignez-en un plus récent.",
        field=name,
        status=422,
        until=until,
    )
