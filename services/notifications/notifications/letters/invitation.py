"""The invitation that puts a session into a calendar, updates it there, and takes it out (iTIP)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from essaim.clock import PARIS_RULES, calendar_time
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from notifications.message import Method


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

    The UID is the one of the session's feed, so that an event is updated and never doubled.
    `organiser` is the address messages come from: calendars refuse updates from another one.
    """
    event = Event()
    event.add("uid", f"{session['session_id']}@essaim")
    event.add("sequence", session["sequence"])
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", calendar_time(datetime.fromisoformat(session["starts_at"])))
    event.add("dtend", calendar_time(datetime.fromisoformat(session["ends_at"])))
    event.add("summary", session["title"])
    if session["topics"]:
        event.add("description", "\n".join(session["topics"]))
    if session["place"]:
        event.add("location", session["place"])
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{organiser}"))
    event.add("attendee", _attendee(attendee))

    calendar = Calendar()
    calendar.add("prodid", "-//Essaim//notifications//FR")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_paris())
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()


@cache
def _paris() -> Timezone:
    return cast(Timezone, Timezone.from_ical(PARIS_RULES))


def _attendee(attendee: Attendee) -> vCalAddress:
    # No answer is asked for: an answer by mail is no attendance, and nobody would read it.
    address = vCalAddress(f"mailto:{attendee.address}")
    address.params["cn"] = vText(attendee.name.replace('"', "'"))
    address.params["role"] = vText("REQ-PARTICIPANT")
    address.params["partstat"] = vText("NEEDS-ACTION")
    address.params["rsvp"] = vText("FALSE")
    return address
