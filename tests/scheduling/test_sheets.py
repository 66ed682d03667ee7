"""Two people close two sheets at once: the package they share is counted once for each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from essaim.clock import SimulatedClock
from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.work import Work
from essaim_contracts.candidatures import CohortFormed
from essaim_contracts.scheduling import HoursUsed
from promotion_2020 import COHORT, Backbone
from scheduling.commands.attendance_sheet import close_session
from scheduling.commands.session import plan_session
from scheduling.schemas import CloseSession, PlanSession

OpenWork = Callable[..., AbstractContextManager[Work]]
FIRST = datetime.fromisoformat("2020-03-02T09:00:00+01:00")


def test_sheets_closed_at_the_same_time_never_use_more_than_the_package(
    backbone: Backbone,
    cohort: CohortFormed,
    work: OpenWork,
    clock: SimulatedClock,
    somebody: Callable[..., Person],
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
