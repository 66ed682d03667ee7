"""The invitation that puts a session into a calendar, updates it there, and takes it out (iTIP)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from essaim.text.calendar import Method, calendar_of, session_event
from icalendar import vCalAddress, vText


@dataclass(frozen=True)
class Attendee:
    """Whom the invitation is for, or who sends it."""

    name: str
    address: str


def invitation(
    method: Method,
    session: Mapping[str, Any],
    organiser: Attendee,
    attendee: Attendee,
    page: str | None,
    now: datetime,
) -> str:
    """An iCalendar object for one person. `session` is the details of a session's message.

    `organiser` is who messages come from: calendars refuse updates from another address. `page` is
    the address of the session's page.
    """
    event = session_event(
        session["session_id"],
        _called(session, attendee),
        datetime.fromisoformat(session["starts_at"]),
        datetime.fromisoformat(session["ends_at"]),
        sequence=session["sequence"],
        stamped_at=now,
        topics=session["topics"],
        place=session["place"],
        cancelled=method == "CANCEL",
    )
    event.add("organizer", _named(organiser))
    event.add("attendee", _attendee(attendee))
    if page:
        event.add("url", page)
    return calendar_of([event], "notifications", method=method).decode()


def _called(session: Mapping[str, Any], attendee: Attendee) -> str:
    """With the project it is for alone; a reader we cannot name gets no words of somebody else."""
    project = session.get("project_title")
    return f"{session['title']} – {project}" if project and attendee.name else session["title"]


def _named(one: Attendee) -> vCalAddress:
    address = vCalAddress(f"mailto:{one.address}")
    address.params["cn"] = vText(one.name.replace('"', "'"))
    return address


def _attendee(attendee: Attendee) -> vCalAddress:
    # No answer is asked for: an answer by mail is no attendance, and nobody would read it.
    address = _named(attendee)
    address.params["role"] = vText("REQ-PARTICIPANT")
    address.params["partstat"] = vText("NEEDS-ACTION")
    address.params["rsvp"] = vText("FALSE")
    return address
