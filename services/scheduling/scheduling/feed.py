"""A calendar feed (iCalendar, RFC 5545) of the sessions of a person or a cohort."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest, digest
from uuid import UUID

from essaim.refusal import Refusal
from essaim.text.calendar import calendar_of, session_event, whole_seconds
from essaim_contracts.words import SESSION_KINDS
from icalendar import Event

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


def feed_of(
    sessions: Iterable[Session],
    name: str,
    page_of: str,
    language: str,
    projects: Mapping[UUID, str] | None = None,
) -> bytes:
    """The feed, in the order of the sessions' starts. Cancelled sessions stay, as cancelled.

    Kinds of sessions are said in `language`. `page_of` is the address of a session's page, with
    `{id}` in the place of its id. A session for one of `projects` alone says for which.
    The same sessions give the same bytes, so that readers can see that nothing changed.
    """
    ordered = sorted(sessions, key=lambda session: (session.starts_at, session.id))
    known = projects or {}
    events = [
        _event(one, _called(one, known), page_of.format(id=one.id), language) for one in ordered
    ]
    return calendar_of(events, "scheduling", name=name)


def _signature(secret: str, feed_id: UUID) -> bytes:
    return digest(secret.encode(), b"essaim feed " + feed_id.bytes, "sha256")[:SIGNATURE_BYTES]


def _called(session: Session, projects: Mapping[UUID, str]) -> str:
    only = projects.get(session.project_ids[0]) if len(session.project_ids) == 1 else None
    return f"{session.title} – {only}" if only else session.title


def _event(session: Session, title: str, page: str, language: str) -> Event:
    event = session_event(
        session.id,
        title,
        session.starts_at,
        session.ends_at,
        sequence=session.sequence,
        stamped_at=session.changed_at,
        topics=session.topics,
        place=session.place,
        cancelled=session.state == SessionState.CANCELLED,
    )
    event.add("last-modified", whole_seconds(session.changed_at))
    event.add("categories", [SESSION_KINDS[session.kind].label(language)])
    event.add("url", page)
    return event


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
