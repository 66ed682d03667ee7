"""How long it is known who came, and what was noted of exchanges."""

from collections import Counter
from datetime import date, datetime, timedelta

from essaim.clock import SimulatedClock
from essaim.person import Person, Role
from essaim.retention.forgetting import forget_due
from essaim_contracts.candidatures import CohortFormed
from essaim_contracts.retention import RetentionChanged, SuspensionReason
from essaim_contracts.scheduling import SessionHeld
from scheduling import store
from scheduling.commands.attendance_sheet import close_session
from scheduling.commands.exchange import note_exchange
from scheduling.commands.retention import RULES
from scheduling.commands.session import plan_session
from scheduling.schemas.attendance_sheet import CloseSession
from scheduling.schemas.session import PlanSession
from scheduling.session import Session

from tests.scheduling.promotion_2020 import COHORT, EDITION, Backbone, OpenWork, Somebody

DAY = datetime.fromisoformat("2020-03-02T09:00:00+01:00")


def a_day(work: OpenWork, coordinator: Person) -> Session:
    asked = PlanSession(
        cohort_id=COHORT,
        kind="collective_day",
        title="Journée collective",
        mode="on_site",
        starts_at=DAY,
        ends_at=DAY + timedelta(hours=3),
    )
    with work(coordinator.id) as one:
        return plan_session(one, coordinator, asked)


def forget(work: OpenWork) -> Counter[str]:
    with work() as one:
        return forget_due(one, RULES, {}, only_announced=False)


def said(backbone: Backbone, paid: date | None, suspended: SuspensionReason | None = None) -> None:
    backbone.hear(
        RetentionChanged(
            edition_id=EDITION,
            last_payment_on=paid,
            suspended_for=suspended,
        )
    )


def test_who_came_is_known_five_years_from_the_end_of_the_year_of_the_last_payment(
    backbone: Backbone,
    cohort: CohortFormed,
    work: OpenWork,
    clock: SimulatedClock,
    somebody: Somebody,
) -> None:
    coordinator = somebody(Role.COORDINATOR)
    planned = a_day(work, coordinator)
    clock.set(DAY + timedelta(days=1))
    with work(coordinator.id) as one:
        close_session(one, coordinator, planned.id, CloseSession(headcount=2))
    (held,) = backbone.said(SessionHeld)
    with work() as one:
        assert store.session.load(one.db, planned.id).participant_ids != ()
    clock.set(datetime.fromisoformat("2026-12-31T09:00:00+01:00"))
    assert forget(work) == {}

    said(backbone, paid=date(2021, 2, 1))
    assert forget(work) == {"attendance": 1}

    assert forget(work) == {}
    with work() as one:
        after = store.session.load(one.db, planned.id)
        assert store.attendance_sheet.load_marks(one.db, planned.id) == []
    assert after.participant_ids == ()
    assert (after.minutes_held, after.participants) == (held.minutes, 2)
    assert backbone.said(SessionHeld) == [held]


def test_a_note_goes_two_years_after_the_exchange_unless_its_edition_is_suspended(
    backbone: Backbone,
    cohort: CohortFormed,
    work: OpenWork,
    clock: SimulatedClock,
    somebody: Somebody,
) -> None:
    coordinator = somebody(Role.COORDINATOR)
    project_id = cohort.projects[0].project_id
    with work(coordinator.id) as one:
        note_exchange(one, coordinator, project_id, date(2020, 2, 20), "Canari.")
    said(backbone, None, SuspensionReason.DISPUTE)
    clock.set(datetime.fromisoformat("2022-02-20T09:00:00+01:00"))
    assert forget(work) == {}

    said(backbone, None)

    assert forget(work) == {"exchanges": 1}
    with work() as one:
        assert store.exchange.of_project(one.db, project_id) == []
