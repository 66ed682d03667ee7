"""The roster of a session: one mark for each person and half-day, then the sheet is closed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from essaim.clock import PARIS
from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim_contracts.scheduling import Attendee, AttendeeRole, SessionHeld

from scheduling.half_day import HalfDay
from scheduling.session import Session, SessionState

ATTENDING_AS = {
    Role.SPEAKER: AttendeeRole.SPEAKER,
    Role.MENTOR: AttendeeRole.MENTOR,
    Role.GODPARENT: AttendeeRole.GODPARENT,
    Role.COORDINATOR: AttendeeRole.TEAM,
    Role.COMMITTEE_MEMBER: AttendeeRole.PARTNER,
    Role.FUNDER: AttendeeRole.PARTNER,
}


class AttendanceStatus(StrEnum):
    """Whether a person was there. Excused and absent are never merged."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


@dataclass(frozen=True)
class Mark:
    """What is known of one person on one half-day of a session."""

    person_id: UUID
    half_day: HalfDay
    status: AttendanceStatus
    role: AttendeeRole
    project_id: UUID | None = None
    organisation_id: UUID | None = None


def check_marks(session: Session, marks: Iterable[Mark], now: datetime) -> None:
    """Whether these marks may be written on the roster now.

    Raises:
        Refusal: the sheet is closed, the session was cancelled, a half-day is not one of its own,
            or somebody would be present or absent before the day comes.
    """
    check_open(session)
    half_days, today = session.half_days, now.astimezone(PARIS).date()
    for mark in marks:
        if mark.half_day not in half_days:
            raise half_day_outside_session(session, mark.half_day)
        if mark.status != AttendanceStatus.EXCUSED and mark.half_day.day > today:
            raise attendance_too_early(mark.half_day)


def check_open(session: Session) -> None:
    """Whether the sheet of a session can still be written on.

    Raises:
        Refusal: it is closed, or the session was cancelled.
    """
    if session.state == SessionState.HELD:
        raise sheet_closed(session)
    if session.state == SessionState.CANCELLED:
        raise no_sheet_of_cancelled(session)


def close_sheet(
    session: Session,
    marks: Iterable[Mark],
    now: datetime,
    *,
    minutes: int | None = None,
    headcount: int | None = None,
) -> tuple[Session, SessionHeld]:
    """The session as held: `minutes` spent (as booked by default), `headcount` persons there.

    The headcount counts guests whose names are unknown too; by default, those marked present.

    Raises:
        Refusal: the sheet is closed, the session has not begun, nobody came, or the headcount is
            less than those marked present.
    """
    check_open(session)
    if now < session.starts_at:
        raise session_not_begun(session)
    attendees = attendees_of(marks)
    participants = len(attendees) if headcount is None else headcount
    if participants < len(attendees):
        raise headcount_too_low(len(attendees), participants)
    if participants == 0:
        raise nobody_came(session)
    spent = session.minutes if minutes is None else minutes
    held = replace(
        session,
        state=SessionState.HELD,
        minutes_held=spent,
        participants=participants,
        changed_at=now,
    )
    return held, _as_held(held, spent, participants, attendees)


@dataclass(frozen=True)
class Standing:
    """As what a person is at a session, and for which project or organisation."""

    role: AttendeeRole
    project_id: UUID | None = None
    organisation_id: UUID | None = None


def role_of(session: Session, borne: Iterable[UUID], person: Person | None) -> Standing:
    """As what a person comes: bearing one of its projects (`borne`), else by her role that day.

    Of several roles, the one held for an organisation that gives the session comes first.
    """
    for project_id in borne:
        if project_id in session.project_ids:
            return Standing(AttendeeRole.BEARER, project_id=project_id)
    held = [
        one
        for one in (person.roles if person else ())
        if one.role in ATTENDING_AS
        and one.programme == session.programme
        and one.is_held_on(session.day)
    ]
    held.sort(key=lambda one: one.organisation_id not in session.giving_ids)
    if not held:
        return Standing(AttendeeRole.GUEST)
    return Standing(ATTENDING_AS[held[0].role], organisation_id=held[0].organisation_id)


def attendees_of(marks: Iterable[Mark]) -> tuple[Attendee, ...]:
    """Who was there, by person, with the number of half-days."""
    there: dict[UUID, list[Mark]] = {}
    for mark in marks:
        if mark.status == AttendanceStatus.PRESENT:
            there.setdefault(mark.person_id, []).append(mark)
    return tuple(
        Attendee(
            person_id=person_id,
            role=own[0].role,
            project_id=own[0].project_id,
            organisation_id=own[0].organisation_id,
            half_days=len({mark.half_day for mark in own}),
        )
        for person_id, own in sorted(there.items())
    )


def _as_held(
    session: Session, minutes: int, participants: int, attendees: tuple[Attendee, ...]
) -> SessionHeld:
    return SessionHeld(
        session_id=session.id,
        edition_id=session.edition_id,
        cohort_id=session.cohort_id,
        kind=session.kind,
        held_on=session.day,
        minutes=minutes,
        half_days=len(session.half_days),
        mode=session.mode,
        project_ids=session.project_ids,
        provider_id=session.provider_id,
        participants=participants,
        attendees=attendees,
    )


def half_day_outside_session(session: Session, half_day: HalfDay) -> Refusal:
    return Refusal(
        "half_day_outside_session",
        "« {title} » n’occupe pas la demi-journée {half_day}. Choisissez parmi : {possible}.",
        field="half_day",
        status=422,
        title=session.title,
        half_day=_word(half_day),
        possible=", ".join(map(_word, session.half_days)),
    )


def attendance_too_early(half_day: HalfDay) -> Refusal:
    return Refusal(
        "attendance_too_early",
        "La demi-journée {half_day} n’est pas venue : seule une excuse se note d’avance.",
        field="status",
        half_day=_word(half_day),
    )


def sheet_closed(session: Session) -> Refusal:
    return Refusal(
        "sheet_closed",
        "La feuille de « {title} » est close depuis le {day}. "
        "Une correction est un nouvel acte daté, elle ne réécrit pas la feuille.",
        title=session.title,
        day=session.changed_at.astimezone(PARIS).date(),
    )


def no_sheet_of_cancelled(session: Session) -> Refusal:
    return Refusal(
        "no_sheet_of_cancelled",
        "« {title} » a été annulée, elle n’a pas de feuille. Planifiez une nouvelle séance.",
        title=session.title,
    )


def session_not_begun(session: Session) -> Refusal:
    return Refusal(
        "session_not_begun",
        "« {title} » commence le {starts} : sa feuille se clôt après. "
        "Attendez, ou déplacez la séance.",
        title=session.title,
        starts=session.starts_at,
    )


def headcount_too_low(present: int, headcount: int) -> Refusal:
    return Refusal(
        "headcount_too_low",
        "{present} personnes sont notées présentes, l’effectif donné est {headcount}. "
        "Corrigez l’effectif ou la feuille.",
        field="headcount",
        status=422,
        present=present,
        headcount=headcount,
    )


def nobody_came(session: Session) -> Refusal:
    return Refusal(
        "nobody_came",
        "Personne n’est noté présent à « {title} ». Notez les présents ou donnez l’effectif, "
        "ou annulez la séance si elle n’a pas eu lieu.",
        field="headcount",
        title=session.title,
    )


def _word(half_day: HalfDay) -> str:
    """As the API writes it: 2020-05-07 morning."""
    return f"{half_day.day.isoformat()} {half_day.part.value}"
