"""The sheet of a session: who was there, and what it used."""

from collections.abc import Iterable
from uuid import UUID

from essaim.people.directory import find_person
from essaim.person import Person
from essaim.work import Work

from scheduling import access, store
from scheduling.attendance_sheet import Mark, Standing, check_marks, close_sheet, role_of
from scheduling.cohort import project_not_in_cohort
from scheduling.commands.hour_package import use_hours_of_session
from scheduling.half_day import HalfDay
from scheduling.organisation import unknown_organisation
from scheduling.schemas.attendance_sheet import CloseSession, RosterMark
from scheduling.session import Session, unknown_person


def fill_roster(
    work: Work, person: Person, session_id: UUID, asked: Iterable[RosterMark]
) -> list[Mark]:
    """Write on the sheet of a session who was there, and give back the whole sheet."""
    session = _own_sheet(work, person, session_id)
    _write_marks(work, person, session, asked)
    return store.attendance_sheet.load_marks(work.db, session.id)


def close_session(work: Work, person: Person, session_id: UUID, asked: CloseSession) -> Session:
    """Close the sheet: the session was held, and its hours are used."""
    session = _own_sheet(work, person, session_id)
    _write_marks(work, person, session, asked.marks)
    held, fact = close_sheet(
        session,
        store.attendance_sheet.load_marks(work.db, session.id),
        work.now,
        minutes=asked.minutes,
        headcount=asked.headcount,
    )
    store.session.save(work.db, held)
    work.tell(fact, programme=session.programme)
    if session.hour_kind is not None:
        use_hours_of_session(
            work, person, session, session.hour_kind, fact.minutes, asked.override_by
        )
    return held


def _own_sheet(work: Work, person: Person, session_id: UUID) -> Session:
    session = store.session.load(work.db, session_id, lock=True)
    organisations = store.organisation.of_programme(work.db, session.programme)
    access.check_may_close(person, session, organisations, work.today)
    return session


def _write_marks(work: Work, person: Person, session: Session, asked: Iterable[RosterMark]) -> None:
    marks = [mark for one in asked for mark in _marks(work, session, one)]
    check_marks(session, marks, work.now)
    store.attendance_sheet.save_marks(work.db, session.id, marks, person.id, work.now)


def _marks(work: Work, session: Session, asked: RosterMark) -> list[Mark]:
    """The marks of a person, one for each half-day asked."""
    bearing = store.cohort.projects_borne_by(work.db, asked.person_id)
    known = find_person(work.db, asked.person_id)
    is_convened = asked.person_id in session.participant_ids
    is_bearer = any(project.id in session.project_ids for project in bearing)
    if not (is_convened or is_bearer or access.takes_part(known, session.programme)):
        raise unknown_person(asked.person_id, "marks")
    standing = _said(work, session, asked) or role_of(
        session, [project.id for project in bearing], known
    )
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


def _said(work: Work, session: Session, asked: RosterMark) -> Standing | None:
    """As what she came, when that is said: for a project or a partner of this session's own."""
    if asked.role is None:
        return None
    if asked.project_id is not None and asked.project_id not in session.project_ids:
        raise project_not_in_cohort([asked.project_id])
    partner = asked.organisation_id
    if partner and store.organisation.find(work.db, session.programme, partner) is None:
        raise unknown_organisation(partner)
    return Standing(asked.role, asked.project_id, partner)
