"""A session as its participants were told of it, and who must be told what when it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from essaim.observing.tracing import Origin
from essaim_contracts.envelope import Envelope
from essaim_contracts.scheduling import SessionCancelled, SessionMoved, SessionPlanned

from notifications.message import Cause, Template, page_of_programme
from notifications.notice import Notice


class SessionState(StrEnum):
    """What is known of a session's end."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    HELD = "held"


@dataclass(frozen=True)
class Session:
    """A session after the last fact said of it.

    `told_by` is the id of that fact, `told_at` its business time and `origin` what led to it.
    `reminded` is the last reminder queued for this `sequence`.
    """

    id: UUID
    programme: str
    kind: str
    title: str
    topics: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    mode: str
    place: str | None
    host_id: UUID | None
    project_ids: tuple[UUID, ...]
    participant_ids: tuple[UUID, ...]
    sequence: int
    state: SessionState
    told_by: str
    told_at: datetime
    origin: Origin
    reminded: Template | None = None

    @property
    def cause(self) -> Cause:
        """The last fact said of it: sessions are one service's to tell."""
        return Cause(f"/{self.programme}/{SessionPlanned.owner}", self.told_by)


@dataclass(frozen=True)
class PublicNames:
    """Names a session's text needs: of its host, and of its project when it is for one alone."""

    host: str | None = None
    project: str | None = None


def planned(fact: SessionPlanned, cause: Envelope, origin: Origin) -> Session:
    return Session(
        id=fact.session_id,
        programme=cause.programme,
        kind=fact.kind,
        title=fact.title,
        topics=fact.topics,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        mode=fact.mode,
        place=fact.place,
        host_id=fact.host_id,
        project_ids=fact.project_ids,
        participant_ids=fact.participant_ids,
        sequence=fact.sequence,
        state=SessionState.PLANNED,
        told_by=cause.id,
        told_at=cause.time,
        origin=origin,
    )


def moved(session: Session, fact: SessionMoved, cause: Envelope, origin: Origin) -> Session:
    return replace(
        session,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        mode=fact.mode,
        place=fact.place,
        sequence=fact.sequence,
        state=SessionState.PLANNED,
        told_by=cause.id,
        told_at=cause.time,
        origin=origin,
        reminded=None,
    )


def cancelled(session: Session, fact: SessionCancelled, cause: Envelope, origin: Origin) -> Session:
    return replace(
        session,
        sequence=fact.sequence,
        state=SessionState.CANCELLED,
        told_by=cause.id,
        told_at=cause.time,
        origin=origin,
    )


def is_stale(known: Session | None, sequence: int) -> bool:
    """Whether participants were already told this, or something newer."""
    return known is not None and sequence <= known.sequence


def reads_differently(known: Session | None, session: Session) -> bool:
    """Whether those who were told of a session must be told again: not when others are convened."""
    return known is None or _as_read(known) != _as_read(session)


def _as_read(session: Session) -> tuple[object, ...]:
    """What a participant reads of it, for a comparison."""
    words = (session.kind, session.title, session.topics, session.mode, session.place)
    return (*words, session.starts_at, session.ends_at, session.host_id, session.state)


def with_others_convened(known: Session, session: Session) -> Session:
    """The session for other participants: for those who stay it is no news."""
    return replace(
        session,
        told_by=known.told_by,
        told_at=known.told_at,
        origin=known.origin,
        reminded=known.reminded,
    )


def announcements(
    session: Session, told: Mapping[UUID, dict[str, Any]], names: PublicNames, reason: str | None
) -> list[Notice]:
    """Tell every participant what a session is now: planned, moved or cancelled.

    `told` are the persons whom an earlier state of it may have reached, with the details each was
    told last. Whoever was never told gets a first convocation, or nothing when it is cancelled.
    """
    notices = []
    for person_id in dict.fromkeys(session.participant_ids):
        template = _announcement(session.state, person_id in told)
        if template is not None:
            notice = _notice(session, person_id, template, names, reason)
            before = _before(notice.details, told.get(person_id))
            notices.append(replace(notice, details=notice.details | {"before": before}))
    return notices


_WHEN_AND_WHERE = ("starts_at", "ends_at", "mode", "place")


def _before(now: dict[str, Any], told: dict[str, Any] | None) -> dict[str, Any] | None:
    """When and where she believes it is, if that is no longer so."""
    if told is None:
        return None
    before = {name: told[name] for name in _WHEN_AND_WHERE}
    return None if all(now[name] == value for name, value in before.items()) else before


def _announcement(state: SessionState, told: bool) -> Template | None:
    if state == SessionState.CANCELLED:
        return Template.SESSION_CANCELLED if told else None
    return Template.SESSION_MOVED if told else Template.SESSION_CONVOCATION


def first_convocations(session: Session, aware: set[UUID], names: PublicNames) -> list[Notice]:
    """Convene those who are not `aware` of the session yet."""
    return [
        _notice(session, person_id, Template.SESSION_CONVOCATION, names, None)
        for person_id in dict.fromkeys(session.participant_ids)
        if person_id not in aware
    ]


def dropped(known: Session | None, session: Session) -> set[UUID]:
    """The persons who were convened and no longer are."""
    return set(known.participant_ids) - set(session.participant_ids) if known else set()


def withdrawals(session: Session, told: set[UUID], names: PublicNames) -> list[Notice]:
    """Take a session out of the calendars of those who are no longer convened."""
    return [
        _notice(session, person_id, Template.SESSION_CANCELLED, names, "not_convened")
        for person_id in sorted(told)
    ]


_REMINDERS = (
    (Template.SESSION_REMINDER_1_DAY, timedelta(days=1)),
    (Template.SESSION_REMINDER_7_DAYS, timedelta(days=7)),
)
FIRST_REMINDER = timedelta(days=7)


def due_reminder(session: Session, now: datetime) -> Template | None:
    """The reminder to queue now, if any: the nearest to the session whose moment has come.

    None for a session that was cancelled or has begun, for one whose participants were told of
    it after that moment, and when it was already queued.
    """
    if session.state != SessionState.PLANNED or now >= session.starts_at:
        return None
    for template, before in _REMINDERS:
        due_at = session.starts_at - before
        if now >= due_at:
            is_news = session.told_at > due_at
            return None if is_news or session.reminded == template else template
    return None


def reminders(session: Session, template: Template, names: PublicNames) -> list[Notice]:
    """Remind every participant."""
    people = dict.fromkeys(session.participant_ids)
    return [_notice(session, person_id, template, names, None) for person_id in people]


def _notice(
    session: Session, person_id: UUID, template: Template, names: PublicNames, reason: str | None
) -> Notice:
    return Notice(person_id, template, session.id, _details(session, names, reason))


def _details(session: Session, names: PublicNames, reason: str | None) -> dict[str, Any]:
    return {
        "session_id": str(session.id),
        "sequence": session.sequence,
        "kind": session.kind,
        "title": session.title,
        "topics": list(session.topics),
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "mode": session.mode,
        "place": session.place,
        "host": names.host,
        "project_title": names.project,
        "reason": reason,
        "before": None,
        "page": _page_of(session.id),
    }


def _page_of(session_id: UUID) -> tuple[str, str]:
    """The service whose page shows it, and the path there."""
    return SessionPlanned.owner, f"sessions/{session_id}"


# --- what each text looks like, with invented values

_SESSION = {
    "session_id": "01900000-0000-7000-8000-000000000001",
    "sequence": 0,
    "kind": "collective_day",
    "title": "Journée collective n° 3 : l’alimentation résiliente",
    "topics": ["cadre réglementaire (bio et restauration)", "structuration des filières"],
    "starts_at": "2020-10-08T09:00:00+02:00",
    "ends_at": "2020-10-08T17:00:00+02:00",
    "mode": "on_site",
    "place": "Les Amanins",
    "host": "Les Amanins",
    "project_title": None,
    "reason": None,
    "before": None,
    "page": ("scheduling", "sessions/01900000-0000-7000-8000-000000000001"),
    "programme_name": "Prémices.coop",
    "programme_page": page_of_programme("premices"),
}
_BEFORE = {
    "starts_at": "2020-10-01T09:00:00+02:00",
    "ends_at": "2020-10-01T17:00:00+02:00",
    "mode": "on_site",
    "place": None,
}

SAMPLES: dict[Template, dict[str, dict[str, Any]]] = {
    Template.SESSION_CONVOCATION: {"": _SESSION},
    Template.SESSION_MOVED: {
        "": _SESSION | {"sequence": 1, "reason": "place_set", "before": _BEFORE}
    },
    Template.SESSION_CANCELLED: {"": _SESSION | {"sequence": 2, "reason": "outside_event"}},
    Template.SESSION_REMINDER_7_DAYS: {"": _SESSION},
    Template.SESSION_REMINDER_1_DAY: {"": _SESSION},
}
