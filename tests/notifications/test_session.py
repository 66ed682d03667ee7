"""Reminders, and who is told of a session."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from essaim.ids import new_id
from essaim.observing.tracing import new_origin
from hypothesis import given
from hypothesis import strategies as st
from notifications.message import Template
from notifications.session import Session, SessionState, due_reminder

STARTS_AT = datetime(2020, 10, 8, 7, tzinfo=UTC)
LONG_BEFORE = STARTS_AT - timedelta(days=60)
SEVEN, ONE = Template.SESSION_REMINDER_7_DAYS, Template.SESSION_REMINDER_1_DAY


def a_session(told_at: datetime = LONG_BEFORE, reminded: Template | None = None) -> Session:
    return Session(
        id=UUID(int=1),
        programme="premices",
        kind="workshop",
        title="Atelier",
        topics=(),
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + timedelta(hours=3),
        mode="online",
        place=None,
        host_id=None,
        project_ids=(),
        participant_ids=(),
        sequence=0,
        state=SessionState.PLANNED,
        told_by=str(new_id()),
        told_at=told_at,
        origin=new_origin(),
        reminded=reminded,
    )


def test_nobody_is_reminded_more_than_seven_days_before() -> None:
    assert due_reminder(a_session(), STARTS_AT - timedelta(days=7, seconds=1)) is None


def test_the_first_reminder_is_due_seven_days_before() -> None:
    assert due_reminder(a_session(), STARTS_AT - timedelta(days=7)) == SEVEN


def test_the_second_reminder_is_due_one_day_before() -> None:
    assert due_reminder(a_session(reminded=SEVEN), STARTS_AT - timedelta(days=1)) == ONE


def test_a_reminder_is_due_once() -> None:
    assert due_reminder(a_session(reminded=SEVEN), STARTS_AT - timedelta(days=3)) is None
    assert due_reminder(a_session(reminded=ONE), STARTS_AT - timedelta(hours=3)) is None


def test_the_first_reminder_is_left_out_when_the_second_is_due_too() -> None:
    assert due_reminder(a_session(), STARTS_AT - timedelta(hours=12)) == ONE


def test_whoever_was_convened_three_days_before_gets_only_the_second_reminder() -> None:
    convened = a_session(told_at=STARTS_AT - timedelta(days=3))

    assert due_reminder(convened, STARTS_AT - timedelta(days=2)) is None
    assert due_reminder(convened, STARTS_AT - timedelta(days=1)) == ONE


def test_whoever_was_convened_the_same_day_gets_no_reminder() -> None:
    convened = a_session(told_at=STARTS_AT - timedelta(hours=5))

    assert due_reminder(convened, STARTS_AT - timedelta(hours=4)) is None


def test_nobody_is_reminded_of_a_session_that_was_cancelled_held_or_has_begun() -> None:
    day_before = STARTS_AT - timedelta(days=1)
    for state in (SessionState.CANCELLED, SessionState.HELD):
        assert due_reminder(replace(a_session(), state=state), day_before) is None
    assert due_reminder(a_session(), STARTS_AT) is None


@given(
    told_before=st.timedeltas(timedelta(), timedelta(days=30)),
    beats=st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=9)), max_size=40),
)
def test_however_the_clock_beats_each_reminder_comes_once_in_order_and_never_late(
    told_before: timedelta, beats: list[timedelta]
) -> None:
    session = a_session(told_at=STARTS_AT - told_before)
    now, queued = session.told_at, []
    for beat in beats:
        now += beat
        due = due_reminder(session, now)
        if due:
            assert now < STARTS_AT
            queued.append(due)
            session = replace(session, reminded=due)

    assert queued in ([], [SEVEN], [ONE], [SEVEN, ONE])
    assert SEVEN not in queued or told_before >= timedelta(days=7)
    assert ONE not in queued or told_before >= timedelta(days=1)
