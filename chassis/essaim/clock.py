"""Business time. Decisions take it as an argument; only the edge reads a clock."""

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

# By rules and not by dates, as Outlook writes it: the form every calendar reads.
PARIS_RULES = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
END:VTIMEZONE
"""
"""The time of Paris for a calendar (a VTIMEZONE)."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


def calendar_time(instant: datetime) -> datetime:
    """An instant as calendars should be given it: in Paris, so that they follow its clock changes.

    Programs read the hour that comes twice in autumn as its first; its second is given in UTC.
    """
    local = instant.astimezone(PARIS)
    return instant.astimezone(UTC) if local.fold else local


class NoSuchTime(ValueError):
    """A local time that clocks in Paris skip, or show twice."""

    def __init__(self, local: datetime, *, twice: bool) -> None:
        super().__init__(local.isoformat(" "))
        self.local = local
        self.twice = twice


def in_paris(local: datetime) -> datetime:
    """The instant at which clocks in Paris show this naive time.

    Raises:
        NoSuchTime: in the night of a clock change, that time does not exist or exists twice.
    """
    first, second = (local.replace(tzinfo=PARIS, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    if before is not None and after is not None and before != after:
        raise NoSuchTime(local, twice=before > after)
    return first


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SimulatedClock:
    """A clock that stands still until it is set: the demo plays two years in a minute."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to `instant`.

        Raises:
            ValueError: `instant` has no time zone, or lies before the present: facts never go back.
        """
        if instant.tzinfo is None:
            raise ValueError(
                f"{instant.isoformat()} has no time zone. Write 2020-01-15T18:00+01:00."
            )
        if instant < self._now:
            raise ValueError(
                f"The clock stands at {self._now.isoformat()}, it cannot go back to "
                f"{instant.isoformat()}."
            )
        self._now = instant.astimezone(UTC)
