"""The invitation that puts a session into a calendar, updates it there, and takes it out (iTIP)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from essaim.text.calendar import Method, calendar_of, session_event
from icalendar import vCalAddress, vText


@dataclass(frozen=True)
class Attendee:
    """Whom the invitation is for."""

    name: str
    address: str


def invitation(
    method: Method,
    session: Mapping[str, Any],
    organiser: str,
    attendee: Attendee,
    now: datetime,
) -> str:
    """An iCalendar object for one person. `session` is the details of a session's message.

    `organiser` is the address messages come from: calendars refuse updates from another one.
    """
    event = session_event(
        session["session_id"],
        session["title"],
        datetime.fromisoformat(session["starts_at"]),
        datetime.fromisoformat(session["ends_at"]),
        sequence=session["sequence"],
        stamped_at=now,
        topics=session["topics"],
        place=session["place"],
        cancelled=method == "CANCEL",
    )
    event.add("organizer", vCalAddress(f"mailto:{organiser}"))
    event.add("attendee", _attendee(attendee))
    return calendar_of([event], "notifications", method=method).decode()


def _attendee(attendee: Attendee) -> vCalAddress:
    # No answer is asked for: an answer by mail is no attendance, and nobody would read it.
    address = vCalAddress(f"mailto:{attendee.address}")
    address.params["cn"] = vText(attendee.name.replace('"', "'"))
    address.params["role"] = vText("REQ-PARTICIPANT")
    address.params["partstat"] = vText("NEEDS-ACTION")
    address.params["rsvp"] = vText("FALSE")
    return address
