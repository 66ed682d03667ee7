"""Sessions of every kind: planned, moved, cancelled, and never two at once for one person."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from essaim.clock import PARIS
from essaim.refusal import Refusal
from essaim.text.languages import N_
from essaim_contracts.scheduling import (
    ChangeReason,
    HourKind,
    SessionCancelled,
    SessionKind,
    SessionMode,
    SessionMoved,
    SessionPlanned,
)

from scheduling.cohort import Cohort, project_not_in_cohort
from scheduling.half_day import HalfDay, half_days_of
from scheduling.organisation import unknown_speakers

LONGEST = timedelta(days=7)


class SessionState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Session:
    """A session on the calendar. Instants are aware; `place` is None online or to be announced.

    `hour_kind` names the packages it uses once held, `provider_id` the organisation that gives
    them. `for_cohort` says it is for whatever projects the cohort has. `sequence` is the
    iCalendar SEQUENCE. `minutes_held` and `participants` are None until it is held.
    """

    id: UUID
    programme: str
    edition_id: UUID
    kind: SessionKind
    title: str
    starts_at: datetime
    ends_at: datetime
    mode: SessionMode
    changed_at: datetime
    cohort_id: UUID | None = None
    proposed_id: UUID | None = None
    topics: tuple[str, ...] = ()
    place: str | None = None
    host_id: UUID | None = None
    provider_id: UUID | None = None
    hour_kind: HourKind | None = None
    speaker_ids: tuple[UUID, ...] = ()
    project_ids: tuple[UUID, ...] = ()
    participant_ids: tuple[UUID, ...] = ()
    for_cohort: bool = False
    state: SessionState = SessionState.PLANNED
    sequence: int = 0
    minutes_held: int | None = None
    participants: int | None = None

    @property
    def half_days(self) -> tuple[HalfDay, ...]:
        return half_days_of(self.starts_at, self.ends_at)

    @property
    def minutes(self) -> int:
        """Its length as booked, in whole minutes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def day(self) -> date:
        """The day it starts, in Paris."""
        return self.starts_at.astimezone(PARIS).date()

    @property
    def giving_ids(self) -> frozenset[UUID]:
        """The organisations that speak at it or give its hours."""
        ids = (*self.speaker_ids, self.provider_id)
        return frozenset(id for id in ids if id is not None)

    @property
    def organisation_ids(self) -> frozenset[UUID]:
        """The same, and the one that hosts it."""
        return self.giving_ids | ({self.host_id} if self.host_id else set())


def check_session(session: Session, cohort: Cohort | None, organisations: Set[UUID]) -> None:
    """Whether a session may be on the calendar as it is; `organisations` are the known ones.

    Raises:
        Refusal: its times, its mode, its projects, its speakers or its hours do not fit.
    """
    if session.ends_at <= session.starts_at:
        raise ends_before_start(session)
    if session.ends_at - session.starts_at > LONGEST:
        raise session_too_long(session)
    if session.mode == SessionMode.ONLINE and session.place is not None:
        raise online_has_no_place(session.place)
    if cohort is not None:
        _check_cohort(session, cohort)
    if unknown := session.organisation_ids - organisations:
        raise unknown_speakers(unknown)
    if session.hour_kind is not None and len(session.project_ids) != 1:
        raise hours_of_one_project(session)


def check_clashes(
    session: Session, others: Iterable[Session], override_by: UUID | None = None
) -> None:
    """Whether its projects and participants are free.

    Raises:
        Refusal: one of them has another session then, and nobody is named to allow it.
    """
    if override_by is not None:
        return
    for other in others:
        if taken := _shared(session, other):
            raise double_booking(other, taken)


def move(
    session: Session,
    now: datetime,
    *,
    starts_at: datetime,
    ends_at: datetime,
    mode: SessionMode,
    place: str | None,
) -> Session:
    """The session at other times, in another place or mode; its SEQUENCE rises.

    Raises:
        Refusal: it was held or cancelled.
    """
    _check_planned(session)
    return replace(
        session,
        starts_at=starts_at,
        ends_at=ends_at,
        mode=mode,
        place=place,
        sequence=session.sequence + 1,
        changed_at=now,
    )


def cancel(session: Session, now: datetime) -> Session:
    """The session, which will not take place.

    Raises:
        Refusal: it was held, or cancelled before.
    """
    _check_planned(session)
    return replace(
        session, state=SessionState.CANCELLED, sequence=session.sequence + 1, changed_at=now
    )


def convene(
    session: Session,
    now: datetime,
    project_ids: Iterable[UUID],
    participant_ids: Iterable[UUID],
) -> Session:
    """The session for other projects and persons; its SEQUENCE rises."""
    return replace(
        session,
        project_ids=tuple(sorted(project_ids)),
        participant_ids=tuple(sorted(participant_ids)),
        sequence=session.sequence + 1,
        changed_at=now,
    )


def is_for_one_project(session: Session) -> bool:
    """Whether nothing is left of it when its project leaves: an appointment, say."""
    return len(session.project_ids) == 1 and not session.for_cohort


def as_planned(session: Session) -> SessionPlanned:
    """The whole session, as it is said when planned and when others are convened."""
    return SessionPlanned(
        session_id=session.id,
        edition_id=session.edition_id,
        cohort_id=session.cohort_id,
        kind=session.kind,
        title=session.title,
        topics=session.topics,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        half_days=len(session.half_days),
        mode=session.mode,
        place=session.place,
        host_id=session.host_id,
        speaker_ids=session.speaker_ids,
        provider_id=session.provider_id,
        project_ids=session.project_ids,
        participant_ids=session.participant_ids,
        sequence=session.sequence,
    )


def as_moved(session: Session, reason: ChangeReason) -> SessionMoved:
    return SessionMoved(
        session_id=session.id,
        edition_id=session.edition_id,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        half_days=len(session.half_days),
        mode=session.mode,
        place=session.place,
        reason=reason,
        sequence=session.sequence,
    )


def as_cancelled(session: Session, reason: ChangeReason) -> SessionCancelled:
    return SessionCancelled(
        session_id=session.id,
        edition_id=session.edition_id,
        reason=reason,
        cancelled_at=session.changed_at,
        sequence=session.sequence,
    )


def _check_cohort(session: Session, cohort: Cohort) -> None:
    if cohort.last_day is not None and session.day > cohort.last_day:
        raise cohort_over(session, cohort, cohort.last_day)
    if strangers := set(session.project_ids) - {project.id for project in cohort.active}:
        raise project_not_in_cohort(strangers)


def _check_planned(session: Session) -> None:
    if session.state == SessionState.HELD:
        raise session_held(session)
    if session.state == SessionState.CANCELLED:
        raise session_cancelled(session)


def _shared(session: Session, other: Session) -> int:
    """How many projects and persons two sessions want at the same time."""
    if other.id == session.id or other.state == SessionState.CANCELLED:
        return 0
    if other.starts_at >= session.ends_at or session.starts_at >= other.ends_at:
        return 0
    projects = set(session.project_ids) & set(other.project_ids)
    return len(projects) or len(set(session.participant_ids) & set(other.participant_ids))


def unknown_session(session_id: UUID) -> Refusal:
    return Refusal(
        "unknown_session",
        "La séance {session} est inconnue. Vérifiez l’identifiant.",
        status=404,
        session=session_id,
    )


def unknown_person(person_id: UUID, field: str) -> Refusal:
    return Refusal(
        "unknown_person",
        "La personne {person} n’a pas de rôle dans ce programme. Vérifiez l’identifiant, "
        "ou demandez à la coordination de l’y inscrire.",
        field=field,
        status=422,
        person=person_id,
    )


def ends_before_start(session: Session) -> Refusal:
    return Refusal(
        "ends_before_start",
        "La séance finirait le {ends} et commencerait le {starts}. Corrigez l’une des heures.",
        field="ends_at",
        status=422,
        starts=session.starts_at,
        ends=session.ends_at,
    )


def session_too_long(session: Session) -> Refusal:
    return Refusal(
        "session_too_long",
        "La séance durerait du {starts} au {ends}, plus de 7 jours. Planifiez-en plusieurs.",
        field="ends_at",
        status=422,
        starts=session.starts_at,
        ends=session.ends_at,
    )


def online_has_no_place(place: str) -> Refusal:
    return Refusal(
        "online_has_no_place",
        "Une séance en ligne n’a pas de lieu, « {place} » est donné. "
        "Retirez le lieu, ou choisissez le mode hybride.",
        field="place",
        status=422,
        place=place,
    )


def cohort_over(session: Session, cohort: Cohort, last_day: date) -> Refusal:
    return Refusal(
        "cohort_over",
        "Le parcours de « {cohort} » finit le {last_day}, la séance serait le {day}. "
        "Choisissez une date du parcours.",
        field="starts_at",
        cohort=cohort.label,
        last_day=last_day,
        day=session.day,
    )


def hours_of_one_project(session: Session) -> Refusal:
    return Refusal(
        "hours_of_one_project",
        "Une séance décomptée d’un forfait concerne un seul projet, pas {count}. "
        "Planifiez une séance par projet, ou une séance sans forfait.",
        field="project_ids",
        status=422,
        count=len(session.project_ids),
    )


_ONE_IS_TAKEN = N_(
    "Un projet ou une personne est déjà attendu à « {title} », du {starts} au {ends}. Changez "
    "l’heure, ou autorisez ce chevauchement en votre nom (override_by) si vous coordonnez le "
    "programme."
)
_MANY_ARE_TAKEN = N_(
    "{count} projets ou personnes sont déjà attendus à « {title} », du {starts} au {ends}. Changez "
    "l’heure, ou autorisez ce chevauchement en votre nom (override_by) si vous coordonnez le "
    "programme."
)


def double_booking(other: Session, taken: int) -> Refusal:
    return Refusal(
        "double_booking",
        _ONE_IS_TAKEN if taken == 1 else _MANY_ARE_TAKEN,
        field="starts_at",
        count=taken,
        title=other.title,
        starts=other.starts_at,
        ends=other.ends_at,
    )


def session_held(session: Session) -> Refusal:
    return Refusal(
        "session_held",
        "« {title} » a eu lieu le {day} et sa feuille est close : elle ne change plus.",
        title=session.title,
        day=session.day,
    )


def session_cancelled(session: Session) -> Refusal:
    return Refusal(
        "session_cancelled",
        "« {title} » a été annulée. Planifiez une nouvelle séance.",
        title=session.title,
    )
