from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim_contracts.scheduling import (
    ChangeReason,
    HourKind,
    SessionCancelled,
    SessionKind,
    SessionMode,
    SessionMoved,
)
from hypothesis import given
from hypothesis import strategies as st
from scheduling.cohort import Cohort, Project
from scheduling.session import (
    Session,
    SessionState,
    as_cancelled,
    as_moved,
    as_planned,
    cancel,
    check_clashes,
    check_session,
    move,
)

NOW = datetime(2020, 2, 20, 8, 0, tzinfo=UTC)
START = datetime(2020, 9, 11, 7, 0, tzinfo=UTC)  # 9:00 in Paris


def a_session(**values: Any) -> Session:
    given: dict[str, Any] = {
        "id": new_id(),
        "programme": "premices",
        "edition_id": new_id(),
        "kind": SessionKind.COLLECTIVE_DAY,
        "title": "Journée collective",
        "starts_at": START,
        "ends_at": START + timedelta(hours=8),
        "mode": SessionMode.ON_SITE,
        "changed_at": NOW,
    }
    return Session(**given | values)


def a_cohort(*project_ids: UUID, last_day: date | None = None) -> Cohort:
    id = new_id()
    return Cohort(
        id=id,
        programme="premices",
        edition_id=new_id(),
        label="promotion 2020",
        track_code="premices",
        track_version=1,
        starts_on=date(2020, 2, 27),
        last_day=last_day,
        projects=tuple(
            Project(project_id, id, "Le Fournil", None, None, (), date(2020, 2, 27))
            for project_id in project_ids
        ),
    )


def refused(session: Session, cohort: Cohort | None = None) -> str:
    with pytest.raises(Refusal) as refusal:
        check_session(session, cohort, set())
    return refusal.value.code


def test_a_collective_day_without_a_place_may_be_planned() -> None:
    project_id = new_id()

    check_session(a_session(project_ids=(project_id,)), a_cohort(project_id), set())


def test_a_session_that_ends_before_it_starts_is_refused() -> None:
    assert refused(a_session(ends_at=START - timedelta(minutes=1))) == "ends_before_start"
    assert refused(a_session(ends_at=START)) == "ends_before_start"


def test_a_session_longer_than_a_week_is_refused() -> None:
    assert refused(a_session(ends_at=START + timedelta(days=8))) == "session_too_long"


def test_an_online_session_with_a_place_is_refused() -> None:
    online = a_session(mode=SessionMode.ONLINE, place="Les Amanins")

    assert refused(online) == "online_has_no_place"
    check_session(replace(online, mode=SessionMode.HYBRID), None, set())


def test_a_session_after_the_end_of_its_cohort_is_refused() -> None:
    session = a_session()

    check_session(session, a_cohort(last_day=session.day), set())
    assert refused(session, a_cohort(last_day=session.day - timedelta(days=1))) == "cohort_over"


def test_a_session_for_a_project_of_another_cohort_is_refused() -> None:
    assert refused(a_session(project_ids=(new_id(),)), a_cohort()) == "project_not_in_cohort"


def test_an_unknown_speaker_is_refused() -> None:
    assert refused(a_session(speaker_ids=(new_id(),))) == "unknown_organisation"


def test_hours_are_used_by_one_project_at_a_time() -> None:
    two = a_session(hour_kind=HourKind.MENTORING, project_ids=(new_id(), new_id()))

    assert refused(two) == "hours_of_one_project"


def test_a_person_is_never_convened_to_two_sessions_at_once() -> None:
    person = new_id()
    day = a_session(participant_ids=(person,))
    other = a_session(participant_ids=(person, new_id()), starts_at=START + timedelta(hours=7))

    with pytest.raises(Refusal) as refusal:
        check_clashes(other, [day])

    assert refusal.value.code == "double_booking"
    assert refusal.value.values["count"] == 1


def test_a_named_person_may_allow_an_overlap() -> None:
    person = new_id()

    check_clashes(
        a_session(participant_ids=(person,)),
        [a_session(participant_ids=(person,))],
        override_by=new_id(),
    )


def test_a_project_may_have_one_session_right_after_another() -> None:
    project_id = new_id()
    first = a_session(project_ids=(project_id,))
    second = a_session(
        project_ids=(project_id,),
        starts_at=first.ends_at,
        ends_at=first.ends_at + timedelta(hours=2),
    )

    check_clashes(second, [first])


def test_a_cancelled_session_keeps_nobody_busy() -> None:
    person = new_id()
    cancelled = cancel(a_session(participant_ids=(person,)), NOW)

    check_clashes(a_session(participant_ids=(person,)), [cancelled])


def test_a_moved_session_says_all_it_is_now_with_a_higher_sequence() -> None:
    session = a_session()

    moved = move(
        session,
        NOW,
        starts_at=START + timedelta(days=7),
        ends_at=START + timedelta(days=7, hours=3),
        mode=SessionMode.ONLINE,
        place=None,
    )

    assert as_moved(moved, ChangeReason.OUTSIDE_EVENT) == SessionMoved(
        session_id=session.id,
        edition_id=session.edition_id,
        starts_at=START + timedelta(days=7),
        ends_at=START + timedelta(days=7, hours=3),
        half_days=1,
        mode=SessionMode.ONLINE,
        place=None,
        reason=ChangeReason.OUTSIDE_EVENT,
        sequence=1,
    )


def test_a_cancelled_session_is_said_with_a_higher_sequence() -> None:
    session = a_session(sequence=2)

    assert as_cancelled(cancel(session, NOW), ChangeReason.SPEAKER) == SessionCancelled(
        session_id=session.id,
        edition_id=session.edition_id,
        reason=ChangeReason.SPEAKER,
        cancelled_at=NOW,
        sequence=3,
    )


@pytest.mark.parametrize(
    ("state", "code"),
    [(SessionState.HELD, "session_held"), (SessionState.CANCELLED, "session_cancelled")],
)
def test_a_session_that_is_over_changes_no_more(state: SessionState, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        cancel(a_session(state=state), NOW)

    assert refusal.value.code == code


def test_a_planned_session_counts_its_half_days_in_paris() -> None:
    assert as_planned(a_session()).half_days == 2


@given(st.lists(st.booleans(), max_size=10))
def test_the_sequence_rises_with_every_change(changes: list[bool]) -> None:
    session = a_session()
    told = [session.sequence]

    for is_last in changes:
        if session.state == SessionState.PLANNED:
            session = (
                cancel(session, NOW)
                if is_last
                else move(
                    session,
                    NOW,
                    starts_at=START,
                    ends_at=START + timedelta(hours=1),
                    mode=SessionMode.HYBRID,
                    place=None,
                )
            )
            told.append(session.sequence)

    assert told == list(range(len(told)))
