"""The half-day, the counting unit of sessions, attendance and funders."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from essaim.clock import PARIS

NOON = time(13, 0)
"""Where the morning ends in Paris time: the lunch hour belongs to the morning."""

LONG_ENOUGH = timedelta(hours=1)
"""A half-day counts when more than this is spent in it."""


class Part(StrEnum):
    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True)
class HalfDay:
    """The morning or the afternoon of a day in Paris. An evening belongs to the afternoon."""

    day: date
    part: Part


def half_days_of(starts_at: datetime, ends_at: datetime) -> tuple[HalfDay, ...]:
    """The half-days a session takes, in order, at least one.

    Those in which it spends more than an hour; a session that spends no more than that in any
    takes the one it spends most time in, the earlier of two equals. So an appointment from 12:00
    to 14:00 is one half-day, not two.

    Raises:
        ValueError: the end is not after the start.
    """
    # Two instants of one zone compare as wall clocks; in UTC a clock change counts right.
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    if ends_at <= starts_at:
        raise ValueError(f"A session from {starts_at.isoformat()} ends at {ends_at.isoformat()}.")
    spent = _time_spent(starts_at, ends_at)
    taken = tuple(half_day for half_day, length in spent.items() if length > LONG_ENOUGH)
    return taken or (max(spent, key=lambda half_day: spent[half_day]),)


def _time_spent(starts_at: datetime, ends_at: datetime) -> dict[HalfDay, timedelta]:
    spent: dict[HalfDay, timedelta] = {}
    day, last = starts_at.astimezone(PARIS).date(), ends_at.astimezone(PARIS).date()
    while day <= last:
        midnight, noon, next_midnight = _in_paris(day), _in_paris(day, NOON), _in_paris(_next(day))
        for part, begins, ends in (
            (Part.MORNING, midnight, noon),
            (Part.AFTERNOON, noon, next_midnight),
        ):
            length = min(ends, ends_at) - max(begins, starts_at)
            if length > timedelta(0):
                spent[HalfDay(day, part)] = length
        day = _next(day)
    return spent


def _in_paris(day: date, at: time = time(0, 0)) -> datetime:
    return datetime.combine(day, at, tzinfo=PARIS).astimezone(UTC)


def _next(day: date) -> date:
    return day + timedelta(days=1)
