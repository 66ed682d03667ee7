"""Sessions for calendar programs (iCalendar, RFC 5545): the same event in a feed and in a mail."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, cast
from uuid import UUID

from icalendar import Calendar, Event, Timezone

from essaim.clock import PARIS

# By rules and not by dates, as Outlook writes it: the form every calendar reads.
_RULES_OF_PARIS = """\
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

Method = Literal["REQUEST", "CANCEL"]
"""What a mail asks of a calendar (iTIP, RFC 5546): put or update an event there, take it out."""


def session_event(
    session_id: UUID | str,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    *,
    sequence: int,
    stamped_at: datetime,
    topics: Sequence[str] = (),
    place: str | None = None,
    cancelled: bool = False,
) -> Event:
    """The event of a session; its owner adds what only it says.

    The UID is the session's everywhere, so that an event is updated and never doubled; `sequence`
    rises with every change of time, and calendars ignore what is older.
    """
    event = Event()
    event.add("uid", f"{session_id}@essaim")
    event.add("sequence", sequence)
    event.add("dtstamp", whole_seconds(stamped_at))
    event.add("dtstart", _calendar_time(starts_at))
    event.add("dtend", _calendar_time(ends_at))
    event.add("summary", title)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if topics:
        event.add("description", "\n".join(topics))
    if place:
        event.add("location", place)
    return event


def calendar_of(
    events: Iterable[Event], service: str, *, name: str | None = None, method: Method | None = None
) -> bytes:
    """The text of a calendar: a feed has a `name`, an invitation a `method`.

    The same events give the same bytes, so that readers can see that nothing changed.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//Essaim//{service}//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if name is not None:
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", PARIS.key)
        # How often to ask again: the standard's word (RFC 7986), and the one Outlook reads.
        calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    if method is not None:
        calendar.add("method", method)
    # Always there: a calendar without any part, as before the first session, is none (RFC 5545).
    calendar.add_component(_paris())
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def whole_seconds(instant: datetime) -> datetime:
    """In UTC, as calendars stamp what they know."""
    return instant.astimezone(UTC).replace(microsecond=0)


@cache
def _paris() -> Timezone:
    return cast(Timezone, Timezone.from_ical(_RULES_OF_PARIS))


def _calendar_time(instant: datetime) -> datetime:
    """In Paris, so that calendars follow its clock changes.

    Programs read the hour that comes twice in autumn as its first; its second is given in UTC.
    """
    local = instant.astimezone(PARIS)
    return instant.astimezone(UTC) if local.fold else local
