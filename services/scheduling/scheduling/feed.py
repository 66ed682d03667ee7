"""A calendar feed (iCalendar, RFC 5545) of the sessions of a person or a cohort."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest, digest
from uuid import UUID

from essaim.clock import PARIS, PARIS_RULES, calendar_time
from essaim.refusal import Refusal
from icalendar import Calendar, Event, Timezone

from scheduling.session import Session, SessionState

SIGNATURE_BYTES = 20
"""16 + 20 bytes make a token of 48 signs without padding."""


@dataclass(frozen=True)
class Feed:
    """The feed of its owner's own sessions, or of what a cohort has in common."""

    id: UUID
    owner_id: UUID
    cohort_id: UUID | None
    created_at: datetime


def token_of(secret: str, feed_id: UUID) -> str:
    """What opens a feed: its id and our signature. It is kept nowhere, and dies with the feed."""
    return urlsafe_b64encode(feed_id.bytes + _signature(secret, feed_id)).decode()


def feed_id_of(secret: str, token: str) -> UUID | None:
    """The feed that a token opens; None when we did not sign it."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except ValueError:
        return None
    if len(raw) != 16 + SIGNATURE_BYTES:
        return None
    feed_id = UUID(bytes=raw[:16])
    return feed_id if compare_digest(raw[16:], _signature(secret, feed_id)) else None


def calendar_of(sessions: Iterable[Session], name: str, page_of: str) -> bytes:
    """The feed, in the order of the sessions' starts. Cancelled sessions stay, as cancelled.

    `page_of` is the address of a session's page, with `{id}` in the place of its id.
    The same sessions give the same bytes, so that readers can see that nothing changed.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Essaim//scheduling//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", PARIS.key)
    # Always there: a calendar without any part, as before the first session, is none (RFC 5545).
    calendar.add_component(Timezone.from_ical(PARIS_RULES))
    for session in sorted(sessions, key=lambda session: (session.starts_at, session.id)):
        calendar.add_component(_event(session, page_of))
    return bytes(calendar.to_ical())


def _signature(secret: str, feed_id: UUID) -> bytes:
    return digest(secret.encode(), b"essaim feed " + feed_id.bytes, "sha256")[:SIGNATURE_BYTES]


def _event(session: Session, page_of: str) -> Event:
    event = Event()
    event.add("uid", f"{session.id}@essaim")
    event.add("sequence", session.sequence)
    event.add("dtstamp", _whole_seconds(session.changed_at))
    event.add("last-modified", _whole_seconds(session.changed_at))
    event.add("dtstart", calendar_time(session.starts_at))
    event.add("dtend", calendar_time(session.ends_at))
    event.add("summary", session.title)
    cancelled = session.state == SessionState.CANCELLED
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("categories", [session.kind.value])
    event.add("url", page_of.format(id=session.id))
    if session.topics:
        event.add("description", "\n".join(session.topics))
    if session.place:
        event.add("location", session.place)
    return event


def _whole_seconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def not_your_feed() -> Refusal:
    return Refusal(
        "unknown_feed",
        "Cet agenda n’est pas l’un des vôtres, ou son adresse est déjà révoquée.",
        status=404,
    )


def no_such_feed() -> Refusal:
    return Refusal(
        "no_such_feed",
        "Cette adresse d’agenda n’existe pas ou a été révoquée. "
        "Ouvrez-en une nouvelle depuis vos agendas.",
        status=404,
    )
