"""Business time. Decisions take it as an argument; only the edge reads a clock."""

from datetime import UTC, datetime, timedelta
from mmap import mmap
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


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
        # Processes that are forked have one clock, not each one of its own.
        self._microseconds = memoryview(mmap(-1, 8)).cast("q")
        self._set(start)

    def now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self._microseconds[0])

    def _set(self, instant: datetime) -> None:
        self._microseconds[0] = (instant - _EPOCH) // timedelta(microseconds=1)

    def set(self, instant: datetime) -> None:
        """Move to `instant`.

        Raises:
            ValueError: `instant` has no time zone, or lies before the present: facts never go back.
        """
        if instant.tzinfo is None:
            raise ValueError(
                f"{instant.isoformat()} has no time zone. Write 2020-01-15T18:00+01:00."
            )
        if instant < self.now():
            raise ValueError(
                f"The clock stands at {self.now().isoformat()}, it cannot go back to "
                f"{instant.isoformat()}."
            )
        self._set(instant)
