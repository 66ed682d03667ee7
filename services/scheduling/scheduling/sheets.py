"""Requests on the sheet of a session: who was there, and what it used."""

from collections.abc import Iterable
from uuid import UUID

from essaim.people.directory import find_person
from essaim.person import Person
from essaim.work import Work
from essaim_contracts.scheduling import HourKind

from scheduling import access, store
from scheduling.attendance_sheet import Mark, Standing, check_marks, close_sheet, role_of
from scheduling.half_day import HalfDay
from scheduling.hour_package import TimeSpent, use_hours
from scheduling.lookups import check_override, today, unknown_person
from scheduling.requests import CloseSession, RosterMark
from scheduling.session import Session


def fill_roster(
    work: Work, person: Person, session_id: UUID, asked: Iterable[RosterMark]
) -> list[Mark]:
    """Write on the sheet of a session who was there, and give back the whole sheet."""
    session = _own_sheet(work, person, session_id)
    _write_marks(work, person, session, asked)
    return store.marks_of(work.db, session.id)


def close_session(work: Work, person: Person, session_id: UUID, asked: CloseSession) -> Session:
    """Close the sheet: the session was held, and its hours are used."""
    session = _own_sheet(work, person, session_id)
    _write_marks(work, person, session, asked.marks)
    held, fact = close_sheet(
        session,
        store.marks_of(work.db, session.id),
        work.now,
        minutes=asked.minutes,
        headcount=asked.headcount,
    )
    store.save_session(work.db, held)
    work.tell(fact, programme=session.programme)
    if session.hour_kind is not None:
        spent = TimeSpent(session.id, session.provider_id, fact.minutes, session.day)
        _use_hours(work, session, session.hour_kind, spent, asked.override_by)
    return held


def _own_sheet(work: Work, person: Person, session_id: UUID) -> Session:
    session = store.session_of(work.db, session_id, lock=True)
    organisations = store.organisations_of(work.db, session.programme)
    access.check_may_close(person, session, organisations, today(work))
    return session


def _write_marks(work: Work, person: Person, session: Session, asked: Iterable[RosterMark]) -> None:
    marks = [mark for one in asked for mark in _marks(work, session, one)]
    check_marks(session, marks, work.now)
    store.save_marks(work.db, session.id, marks, person.id, work.now)


def _marks(work: Work, session: Session, asked: RosterMark) -> list[Mark]:
    """The marks of a person, one for each half-day asked."""
    bearing = store.projects_borne_by(work.db, asked.person_id)
    known = find_person(work.db, asked.person_id)
    if known is None and not bearing and asked.person_id not in session.participant_ids:
        raise unknown_person(asked.person_id, "marks")
    standing = Standing(asked.role, asked.project_id, asked.organisation_id) if asked.role else None
    standing = standing or role_of(session, [project.id for project in bearing], known)
    wanted = [HalfDay(asked.day, asked.part)] if asked.day and asked.part else session.half_days
    return [
        Mark(
            person_id=asked.person_id,
            half_day=half_day,
            status=asked.status,
            role=standing.role,
            project_id=standing.project_id,
            organisation_id=standing.organisation_id,
        )
        for half_day in wanted
    ]


def _use_hours(
    work: Work, session: Session, kind: HourKind, spent: TimeSpent, override_by: UUID | None
) -> None:
    check_override(work, session.programme, override_by)
    packages = store.packages_of(
        work.db, session.project_ids[0], session.cohort_id, kind, lock=True
    )
    by_id = {package.id: package for package in packages}
    for use in use_hours(packages, spent, override_by):
        store.save_use(work.db, by_id[use.package_id].after(use), use)
        work.tell(use, programme=session.programme)
