from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from essaim.clock import SimulatedClock
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from essaim_contracts.candidatures import CohortFormed
from essaim_contracts.scheduling import Attendee, AttendeeRole, HoursUsed, SessionKind, SessionMode
from hypothesis import given
from hypothesis import strategies as st
from scheduling.attendance_sheet import (
    AttendanceStatus,
    Mark,
    Standing,
    attendees_of,
    check_marks,
    close_sheet,
    role_of,
)
from scheduling.commands.attendance_sheet import close_session
from scheduling.commands.session import plan_session
from scheduling.half_day import HalfDay
from scheduling.schemas.attendance_sheet import CloseSession
from scheduling.schemas.session import PlanSession
from scheduling.session import Session, SessionState, cancel

from tests.scheduling.promotion_2020 import COHORT, Backbone, OpenWork, Somebody

START = datetime(2020, 9, 11, 7, 0, tzinfo=UTC)  # 9:00 in Paris
AFTER = START + timedelta(hours=9)

DAY = Session(
    id=new_id(),
    programme="premices",
    edition_id=new_id(),
    kind=SessionKind.COLLECTIVE_DAY,
    title="Journée collective",
    starts_at=START,
    ends_at=START + timedelta(hours=8),
    mode=SessionMode.ON_SITE,
    changed_at=START,
    project_ids=(new_id(),),
    speaker_ids=(new_id(),),
)
MORNING, AFTERNOON = DAY.half_days

FIRST = datetime.fromisoformat("2020-03-02T09:00:00+01:00")
"""The day of the first of several appointments."""


def marks(person_id: UUID, *statuses: AttendanceStatus) -> list[Mark]:
    """A bearer's marks for the morning, then the afternoon."""
    half_days = zip((MORNING, AFTERNOON), statuses, strict=False)
    return [
        Mark(person_id, half_day, status, AttendeeRole.BEARER) for half_day, status in half_days
    ]


def test_a_person_who_leaves_at_noon_is_counted_for_one_half_day() -> None:
    person = new_id()
    sheet = marks(person, AttendanceStatus.PRESENT, AttendanceStatus.EXCUSED)

    assert attendees_of(sheet) == (
        Attendee(person_id=person, role=AttendeeRole.BEARER, half_days=1),
    )


def test_the_absence_of_one_person_does_not_cancel_the_session() -> None:
    present, absent = new_id(), new_id()
    sheet = [
        *marks(present, AttendanceStatus.PRESENT, AttendanceStatus.PRESENT),
        *marks(absent, AttendanceStatus.ABSENT, AttendanceStatus.ABSENT),
    ]

    held, fact = close_sheet(DAY, sheet, AFTER)

    assert held.state == SessionState.HELD
    assert [attendee.person_id for attendee in fact.attendees] == [present]
    assert (fact.participants, fact.minutes, fact.half_days) == (1, 480, 2)


def test_unknown_guests_are_counted_beside_those_known_by_name() -> None:
    sheet = marks(new_id(), AttendanceStatus.PRESENT)

    _, fact = close_sheet(DAY, sheet, AFTER, headcount=65)

    assert fact.participants == 65
    assert len(fact.attendees) == 1


def test_minutes_are_time_spent_not_time_booked() -> None:
    held, fact = close_sheet(DAY, [], AFTER, headcount=4, minutes=90)

    assert (fact.minutes, held.minutes_held, held.minutes) == (90, 90, 480)


@pytest.mark.parametrize(
    ("now", "headcount", "code"),
    [
        (START - timedelta(minutes=1), 5, "session_not_begun"),
        (AFTER, 1, "headcount_too_low"),
    ],
)
def test_a_sheet_that_cannot_be_closed_says_why(now: datetime, headcount: int, code: str) -> None:
    sheet = [*marks(new_id(), AttendanceStatus.PRESENT), *marks(new_id(), AttendanceStatus.PRESENT)]

    with pytest.raises(Refusal) as refusal:
        close_sheet(DAY, sheet, now, headcount=headcount)

    assert refusal.value.code == code


def test_a_session_nobody_came_to_is_cancelled_not_held() -> None:
    with pytest.raises(Refusal) as refusal:
        close_sheet(DAY, marks(new_id(), AttendanceStatus.ABSENT), AFTER)

    assert refusal.value.code == "nobody_came"


def test_a_closed_sheet_takes_no_late_correction() -> None:
    held, _ = close_sheet(DAY, [], AFTER, headcount=3)

    with pytest.raises(Refusal) as refusal:
        check_marks(held, marks(new_id(), AttendanceStatus.PRESENT), AFTER)

    assert refusal.value.code == "sheet_closed"


def test_a_cancelled_session_has_no_sheet() -> None:
    with pytest.raises(Refusal) as refusal:
        close_sheet(cancel(DAY, START), [], AFTER, headcount=3)

    assert refusal.value.code == "no_sheet_of_cancelled"


def test_an_excuse_may_be_noted_in_advance_a_presence_may_not() -> None:
    before = START - timedelta(days=3)
    check_marks(DAY, marks(new_id(), AttendanceStatus.EXCUSED), before)

    with pytest.raises(Refusal) as refusal:
        check_marks(DAY, marks(new_id(), AttendanceStatus.PRESENT), before)

    assert refusal.value.code == "attendance_too_early"


def test_a_half_day_the_session_does_not_take_is_refused() -> None:
    other = Mark(
        new_id(),
        HalfDay(START.date() + timedelta(days=1), MORNING.part),
        AttendanceStatus.EXCUSED,
        AttendeeRole.GUEST,
    )

    with pytest.raises(Refusal) as refusal:
        check_marks(DAY, [other], AFTER)

    assert refusal.value.code == "half_day_outside_session"


def test_a_bearer_of_the_session_comes_for_her_project() -> None:
    project_id = DAY.project_ids[0]

    assert role_of(DAY, [new_id(), project_id], None) == Standing(
        AttendeeRole.BEARER, project_id=project_id
    )


def test_who_speaks_for_an_organisation_of_the_session_comes_as_its_speaker() -> None:
    speaking = DAY.speaker_ids[0]
    person = Person(
        new_id(),
        "Camille Roussel",
        roles=(
            RoleHeld(Role.GODPARENT, "premices", organisation_id=new_id()),
            RoleHeld(Role.SPEAKER, "premices", organisation_id=speaking),
        ),
    )

    assert role_of(DAY, [], person) == Standing(AttendeeRole.SPEAKER, organisation_id=speaking)


def test_a_stranger_comes_as_a_guest() -> None:
    elsewhere = Person(new_id(), "Sam Petit", roles=(RoleHeld(Role.MENTOR, "autre"),))

    assert role_of(DAY, [], elsewhere) == Standing(AttendeeRole.GUEST)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.sampled_from(AttendanceStatus))))
def test_nobody_is_counted_for_more_half_days_than_the_session_has(
    written: list[tuple[int, bool, AttendanceStatus]],
) -> None:
    sheet = [
        Mark(UUID(int=who), AFTERNOON if later else MORNING, status, AttendeeRole.GUEST)
        for who, later, status in written
    ]

    attendees = attendees_of(sheet)

    there = {one.person_id for one in sheet if one.status == AttendanceStatus.PRESENT}
    assert {one.person_id for one in attendees} == there
    assert all(1 <= one.half_days <= 2 for one in attendees)


def test_sheets_closed_at_the_same_time_never_use_more_than_the_package(
    backbone: Backbone,
    cohort: CohortFormed,
    work: OpenWork,
    clock: SimulatedClock,
    somebody: Somebody,
) -> None:
    coordinator = somebody(Role.COORDINATOR)
    with work(coordinator.id) as one:
        planned = [
            plan_session(one, coordinator, an_appointment(cohort, FIRST + timedelta(days=day)))
            for day in range(5)
        ]
    clock.set(FIRST + timedelta(days=6))

    def close(session_id: UUID) -> str:
        try:
            with work(coordinator.id) as one:
                close_session(one, coordinator, session_id, CloseSession(headcount=2))
        except Refusal as refusal:
            return refusal.code
        return "closed"

    with ThreadPoolExecutor(5) as pool:
        closed = list(pool.map(close, [session.id for session in planned]))

    uses = backbone.said(HoursUsed)
    assert sorted(closed) == ["closed"] * 3 + ["hours_exceeded"] * 2
    assert sorted(use.minutes_left for use in uses) == [0, 120, 240]


def an_appointment(cohort: CohortFormed, day: datetime) -> PlanSession:
    """Two hours of mentoring with the first project, whose package has six."""
    return PlanSession.model_validate(
        {
            "cohort_id": COHORT,
            "kind": "mentoring",
            "title": "Rendez-vous de mentorat",
            "mode": "on_site",
            "project_ids": [cohort.projects[0].project_id],
            "starts_at": day,
            "ends_at": day + timedelta(hours=2),
        }
    )
