from contextlib import nullcontext
from datetime import date
from uuid import UUID

import pytest
from candidatures import handlers, store
from candidatures.schemas.cohort import ProjectAnswer, project_answer
from essaim.hearing.message import Heard
from essaim.ids import new_id, stable_id
from essaim.running.runtime import Runtime
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope
from essaim_contracts.scheduling import (
    ProjectProgressed,
    ProjectStatus,
    SessionHeld,
    SessionKind,
    SessionMode,
)

from tests.candidatures.premices import OPEN, received, set_clock

EDITION = stable_id("premices", "edition", "1")


def hear(runtime: Runtime, *facts: Fact) -> None:
    heard = [
        Heard(
            fact,
            Envelope(
                id=str(new_id()),
                type=fact.type,
                source="/premices/scheduling",
                key=str(fact.key),
                time=OPEN,
                correlation_id="test",
            ),
            seq,
        )
        for seq, fact in enumerate(facts, start=1)
    ]
    with runtime.work() as work:
        handlers.facts.handle(heard, lambda _: nullcontext(work))


def shown(runtime: Runtime, project_id: UUID) -> ProjectAnswer:
    with runtime.read() as db:
        project = store.project.get(db, project_id)
        return project_answer(project, store.project.life_of(db, project_id), [])


@pytest.fixture
def project_id(premices: Runtime) -> UUID:
    set_clock(premices, OPEN)
    application_id = received(premices)
    with premices.read() as db:
        application = store.application.find(db, application_id)
    assert application is not None
    return application.project_id


def progressed(project_id: UUID, status: ProjectStatus, jobs_max: int | None) -> ProjectProgressed:
    return ProjectProgressed(
        project_id=project_id,
        edition_id=EDITION,
        cohort_id=new_id(),
        status=status,
        legal_form="scic",
        jobs_min=3 if jobs_max else None,
        jobs_max=jobs_max,
        reported_on=date(2020, 12, 1),
    )


def test_the_last_progress_told_is_shown_on_the_project(
    premices: Runtime, project_id: UUID
) -> None:
    hear(
        premices,
        progressed(project_id, ProjectStatus.IN_PROGRESS, 5),
        progressed(project_id, ProjectStatus.SCOP_OR_SCIC_IN_CREATION, 6),
    )

    answer = shown(premices, project_id)
    assert answer.status == "scop_or_scic_in_creation"
    assert (answer.jobs_min, answer.jobs_max) == (3, 6)


def test_held_sessions_add_up_on_the_project_and_the_same_one_counts_once(
    premices: Runtime, project_id: UUID
) -> None:
    def held(session_id: UUID, minutes: int) -> SessionHeld:
        return SessionHeld(
            session_id=session_id,
            edition_id=EDITION,
            kind=SessionKind.MENTORING,
            held_on=date(2020, 6, 1),
            minutes=minutes,
            half_days=1,
            mode=SessionMode.ONLINE,
            project_ids=(project_id,),
            participants=2,
        )

    first, second = new_id(), new_id()
    hear(premices, held(first, 120), held(second, 90), held(first, 120))

    answer = shown(premices, project_id)
    assert (answer.sessions, answer.minutes) == (2, 210)


def test_a_session_for_no_project_of_ours_is_heard_without_harm(premices: Runtime) -> None:
    hear(
        premices,
        SessionHeld(
            session_id=new_id(),
            edition_id=EDITION,
            kind=SessionKind.LAUNCH_DAY,
            held_on=date(2020, 2, 27),
            minutes=360,
            half_days=2,
            mode=SessionMode.ON_SITE,
            participants=65,
        ),
    )

    with premices.read() as db:
        assert store.project.find(db, new_id()) is None
