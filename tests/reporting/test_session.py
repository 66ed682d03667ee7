"""Sessions held, cancelled or to come, and who came."""

import pytest
import sqlalchemy as sa
from essaim_contracts.scheduling import Attendee
from reporting.indicators import attendance, session
from reporting.lists.session import list_sessions
from reporting.scope import Scope

from tests.reporting.conftest import Ask
from tests.reporting.rows import parts, rows_of
from tests.reporting.series import (
    EDITION,
    PROGRAMME,
    Series,
    a_bearer,
    named,
)


def test_a_held_session_counts_the_expected_projects_that_signed_at_least_one_half_day() -> None:
    held = Series().hold(
        "journée",
        participants=65,
        project_ids=(named("project", 1), named("project", 2)),
        attendees=(a_bearer(1), a_bearer(2, half_days=0), a_bearer(3)),
    )

    rows = rows_of(held)

    (session,) = rows["session_held"]
    assert (session["participants"], session["attendees"]) == (65, 3)
    assert (session["projects"], session["projects_present"]) == (2, 1)
    assert [row["half_days"] for row in rows["attendance"]] == [2, 0, 2]
    assert {row["project_id"] for row in rows["timeline_project"]} == {
        named("project", number) for number in (1, 2, 3)
    }


def test_sessions_are_held_cancelled_or_still_to_come(figures: Ask) -> None:
    series = Series()
    for title in ("lancement", "mai", "septembre", "octobre"):
        series.plan(title)
    series.plan("mentorat", kind="mentoring")
    series.move("mai")
    series.cancel("septembre")
    series.hold("mai", minutes=360)
    series.hold("mentorat", kind="mentoring", minutes=120, half_days=1)

    found = figures(series)

    assert found[session.PLANNED].value == 5
    assert parts(found, session.HELD) == {"collective_day": 1, "mentoring": 1}
    assert parts(found, session.CANCELLED) == {"collective_day": 1}
    assert parts(found, session.TO_COME) == {"collective_day": 2}
    assert found[session.MINUTES_HELD].value == 480
    assert found[session.HALF_DAYS_HELD].value == 3


def test_a_session_planned_again_is_what_it_was_last_said_to_be(
    figures: Ask, db: sa.Connection
) -> None:
    series = Series()
    series.plan("mai", place="Grenoble")
    series.move("mai", place=None)
    series.plan("juin", place="Lyon")
    series.cancel("juin")
    series.plan("septembre", place="Grenoble")
    series.move("septembre", place="Lyon")
    series.plan("septembre", place="Les Amanins")
    series.cancel("septembre")
    series.plan("septembre", place="Valence")

    found = figures(series)

    assert parts(found, session.PLANNED) == {"collective_day": 3}
    assert parts(found, session.CANCELLED) == {"collective_day": 1}
    assert parts(found, session.TO_COME) == {"collective_day": 2}
    shown = list_sessions(db, Scope(EDITION, PROGRAMME))
    assert [(one.title, one.place, one.state) for one in shown] == [
        ("juin", "Lyon", "cancelled"),
        ("septembre", "Valence", "planned"),
        ("mai", None, "planned"),
    ]


def test_a_sheet_closed_again_replaces_the_first_one(figures: Ask) -> None:
    series = Series()
    series.hold("mai", participants=20, attendees=(a_bearer(1), a_bearer(2)))
    series.hold("mai", participants=18, attendees=(a_bearer(1),))

    found = figures(series)

    assert found[session.HELD].value == 1
    assert found[attendance.PARTICIPANTS].value == 18
    assert found[attendance.ATTENDANCES].value == 1


def test_attendance_counts_people_half_days_and_the_projects_that_came(figures: Ask) -> None:
    godparent = Attendee(person_id=named("godparent", 1), role="godparent", half_days=1)
    both = (named("project", 1), named("project", 2))
    series = Series()
    series.hold("lancement", kind="launch_day", participants=65, project_ids=both)
    series.hold("mai", participants=3, project_ids=both, attendees=(a_bearer(1), godparent))
    series.hold("septembre", participants=2, project_ids=both, attendees=(a_bearer(1), a_bearer(2)))

    found = figures(series)

    assert parts(found, attendance.PARTICIPANTS) == {"launch_day": 65, "collective_day": 5}
    assert found[attendance.ATTENDANCES].value == 4
    assert parts(found, attendance.PEOPLE) == {"bearer": 2, "godparent": 1}
    assert parts(found, attendance.HALF_DAYS) == {"bearer": 6, "godparent": 1}
    assert found.value(attendance.RATE) == pytest.approx(3 / 4)
