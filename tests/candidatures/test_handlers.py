from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from candidatures import handlers, store
from candidatures.schemas.cohort import ProjectAnswer, project_answer
from essaim.hearing.message import Heard
from essaim.ids import new_id, stable_id
from essaim.people.directory import save_person
from essaim.person import Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope
from essaim_contracts.scheduling import (
    ChangeReason,
    PairingEnded,
    PairingEndReason,
    PairingKind,
    PairingMade,
    PairingMethod,
    ProjectProgressed,
    ProjectStatus,
    SessionCancelled,
    SessionHeld,
    SessionKind,
    SessionMode,
    SessionPlanned,
)
from fastapi.testclient import TestClient

from tests.candidatures.premices import OPEN, a_person, received, set_clock

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
        return project_answer(project, store.project.life_of(db, project_id), [], named=True)


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


def a_pairing(project_id: UUID, person_id: UUID | None = None) -> PairingMade:
    return PairingMade(
        pairing_id=new_id(),
        edition_id=EDITION,
        cohort_id=new_id(),
        project_id=project_id,
        kind=PairingKind.GODPARENT,
        organisation_id=stable_id("premices", "organisation", "grap"),
        person_id=person_id,
        method=PairingMethod.BY_HAND,
        made_on=date(2020, 2, 1),
    )


@pytest.mark.parametrize("is_named", [True, False])
def test_a_project_opens_to_its_godparent_while_she_is_one(
    premices: Runtime,
    browser: TestClient,
    as_: Callable[..., dict[str, str]],
    project_id: UUID,
    is_named: bool,
) -> None:
    """Whether the pairing names her or the organisation she acts for; and her role may end."""
    jeanne = a_person(premices, "jourlin")
    organisation = None if is_named else stable_id("premices", "organisation", "grap")
    addresses = (f"/candidatures/projects/{project_id}", f"/candidatures/api/projects/{project_id}")

    def opened(until: date | None = None) -> list[int]:
        held = RoleHeld(Role.GODPARENT, "premices", organisation, until=until)
        with premices.work() as work:
            save_person(work.db, replace(jeanne, roles=(held,)), share=False)
        return [browser.get(one, headers=as_("jourlin")).status_code for one in addresses]

    before = opened()
    made = a_pairing(project_id, jeanne.id if is_named else None)
    hear(premices, made)
    during, home = opened(), browser.get("/candidatures/", headers=as_("jourlin")).text
    retired = opened(until=date(2019, 11, 30))
    ended = PairingEnded(
        pairing_id=made.pairing_id,
        edition_id=EDITION,
        project_id=project_id,
        kind=made.kind,
        organisation_id=made.organisation_id,
        reason=PairingEndReason.REPLACED,
        ended_on=date(2020, 3, 1),
    )
    hear(premices, ended)

    assert (before, during, retired, opened()) == ([403] * 2, [200] * 2, [403] * 2, [403] * 2)
    assert addresses[0] in home


def test_a_project_opens_to_the_mentor_whose_organisation_gave_it_hours(
    premices: Runtime, browser: TestClient, as_: Callable[..., dict[str, str]], project_id: UUID
) -> None:
    grap = stable_id("premices", "organisation", "grap")
    mentor = replace(
        a_person(premices, "jourlin"), roles=(RoleHeld(Role.MENTOR, "premices", grap),)
    )
    with premices.work() as work:
        save_person(work.db, mentor, share=False)
    held = SessionHeld(
        session_id=new_id(),
        edition_id=EDITION,
        kind=SessionKind.MENTORING,
        held_on=date(2020, 6, 1),
        minutes=120,
        half_days=1,
        mode=SessionMode.ONLINE,
        project_ids=(project_id,),
        provider_id=grap,
        participants=2,
    )

    address = f"/candidatures/projects/{project_id}"
    before = browser.get(address, headers=as_("jourlin")).status_code
    hear(premices, held)

    assert (before, browser.get(address, headers=as_("jourlin")).status_code) == (403, 200)


def test_a_project_is_open_to_the_mentor_of_an_appointment_that_is_planned(
    premices: Runtime, browser: TestClient, as_: Callable[..., dict[str, str]], project_id: UUID
) -> None:
    grap = stable_id("premices", "organisation", "grap")
    mentor = replace(
        a_person(premices, "jourlin"), roles=(RoleHeld(Role.MENTOR, "premices", grap),)
    )
    with premices.work() as work:
        save_person(work.db, mentor, share=False)
    planned = SessionPlanned(
        session_id=new_id(),
        edition_id=EDITION,
        kind=SessionKind.APPOINTMENT,
        title="Rendez-vous",
        starts_at=datetime(2020, 6, 2, 8, tzinfo=UTC),
        ends_at=datetime(2020, 6, 2, 10, tzinfo=UTC),
        half_days=1,
        mode=SessionMode.ONLINE,
        project_ids=(project_id,),
        provider_id=grap,
    )
    cancelled = SessionCancelled(
        session_id=planned.session_id,
        edition_id=EDITION,
        reason=ChangeReason.SPEAKER,
        cancelled_at=datetime(2020, 6, 1, 8, tzinfo=UTC),
        sequence=1,
    )

    def opened(*facts: Fact) -> int:
        hear(premices, *facts)
        return browser.get(
            f"/candidatures/projects/{project_id}", headers=as_("jourlin")
        ).status_code

    by_another = planned.model_copy(update={"provider_id": new_id()})
    assert [opened(), opened(planned), opened(by_another), opened(planned)] == [403, 200, 403, 200]
    assert opened(cancelled) == 403


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
