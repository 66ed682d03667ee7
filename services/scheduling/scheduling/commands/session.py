"""The calendar: plan a session, move it, give it a place, cancel it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from essaim.ids import new_id
from essaim.people.directory import find_person, people_with_role
from essaim.person import Person
from essaim.refusal import Refusal
from essaim.work import Work
from essaim_contracts.scheduling import ChangeReason, HourKind, SessionKind, SessionMode

from scheduling import access, store
from scheduling.cohort import Cohort, Project, project_not_in_cohort, unknown_edition
from scheduling.commands.override import check_override
from scheduling.organisation import Organisation
from scheduling.pairing import PairingState
from scheduling.proposed_session import Proposal
from scheduling.schemas.session import MoveSession, PlanSession
from scheduling.session import (
    Session,
    as_cancelled,
    as_moved,
    as_planned,
    cancel,
    check_clashes,
    check_session,
    move,
    unknown_person,
)
from scheduling.track import ONE_TO_ONE

T = TypeVar("T")


def plan_session(work: Work, person: Person, plan: PlanSession) -> Session:
    """Put a session on the calendar and convene its participants."""
    if plan.proposed_id is not None:
        plan = _completed(plan, store.proposed_session.load_open(work.db, plan.proposed_id))
    cohorts = _lock_cohorts(work, plan)
    if plan.proposed_id is not None:
        # Somebody may have planned it while we waited for the cohort.
        store.proposed_session.load_open(work.db, plan.proposed_id)
    access.check_manages(person, cohorts[0].programme, work.today)
    projects = _projects(plan, cohorts)
    session = _session(plan, cohorts[0], projects, work.now)
    organisations = store.organisation.of_programme(work.db, session.programme)
    cohort = cohorts[0] if session.cohort_id else None
    check_session(session, cohort, {one.id for one in organisations})
    participants = _participants(work, plan, session, projects, organisations)
    session = replace(session, participant_ids=tuple(sorted(participants)))
    _check_free(work, person, session, plan.override_by)
    store.session.save(work.db, session)
    work.tell(as_planned(session), programme=session.programme)
    return session


def plan_sessions(work: Work, person: Person, plans: Iterable[PlanSession]) -> list[Session]:
    """Put several sessions on the calendar: all of them, or none."""
    return [plan_session(work, person, plan) for plan in plans]


def move_session(work: Work, person: Person, session_id: UUID, asked: MoveSession) -> Session:
    """Change the times, the mode or the place of a session; nothing changes, nothing is said."""
    cohort, session = _lock(work, session_id)
    access.check_manages(person, session.programme, work.today)
    mode = asked.mode or session.mode
    place = asked.place if "place" in asked.model_fields_set else session.place
    if mode == SessionMode.ONLINE and "place" not in asked.model_fields_set:
        place = None
    moved = move(
        session,
        work.now,
        starts_at=asked.starts_at or session.starts_at,
        ends_at=asked.ends_at or session.ends_at,
        mode=mode,
        place=place,
    )
    if _same_slot(session, moved):
        return session
    check_session(moved, cohort, moved.organisation_ids)
    if (moved.starts_at, moved.ends_at) != (session.starts_at, session.ends_at):
        _check_free(work, person, moved, asked.override_by)
    store.session.save(work.db, moved)
    work.tell(as_moved(moved, asked.reason), programme=session.programme)
    return moved


def give_place(work: Work, person: Person, session_id: UUID, place: str) -> Session:
    """Say where a session takes place, once that is known."""
    asked = MoveSession(place=place, reason=ChangeReason.PLACE_SET)
    return move_session(work, person, session_id, asked)


def cancel_session(work: Work, person: Person, session_id: UUID, reason: ChangeReason) -> Session:
    """Take a session off the calendar; it stays in the feeds, as cancelled."""
    session = store.session.load(work.db, session_id, lock=True)
    access.check_manages(person, session.programme, work.today)
    cancelled = cancel(session, work.now)
    store.session.save(work.db, cancelled)
    work.tell(as_cancelled(cancelled, reason), programme=session.programme)
    return cancelled


def _lock(work: Work, session_id: UUID) -> tuple[Cohort | None, Session]:
    """A session and its cohort; the cohort first, as whoever changes a cohort does."""
    cohort_id = store.session.load(work.db, session_id).cohort_id
    cohort = store.cohort.load(work.db, cohort_id, lock=True) if cohort_id else None
    return cohort, store.session.load(work.db, session_id, lock=True)


def _completed(plan: PlanSession, proposal: Proposal) -> PlanSession:
    """The plan, with what it does not say taken from the proposed session, and its cohort."""
    proposed = proposal.proposed
    from_proposal = {
        "kind": proposed.kind,
        "title": proposed.title,
        "topics": list(proposed.topics),
        "mode": proposed.mode,
        "hour_kind": proposed.hour_kind,
        "project_ids": [proposed.project_id] if proposed.project_id else None,
    }
    said = {name for name in plan.model_fields_set if getattr(plan, name) is not None}
    missing = {name: value for name, value in from_proposal.items() if name not in said}
    return plan.model_copy(update=missing | {"cohort_id": proposed.cohort_id})


def _lock_cohorts(work: Work, plan: PlanSession) -> list[Cohort]:
    """The cohort of a plan, for which others wait; or those of its edition, at least one."""
    if plan.cohort_id is not None:
        return [store.cohort.load(work.db, plan.cohort_id, lock=True)]
    if plan.edition_id is None:
        raise missing("cohort_id")
    cohorts = store.cohort.load_all(work.db, plan.edition_id)
    if not cohorts:
        raise unknown_edition(plan.edition_id)
    return cohorts


def _projects(plan: PlanSession, cohorts: Iterable[Cohort]) -> list[Project]:
    """The projects a session is for: those named, else all."""
    active = {project.id: project for cohort in cohorts for project in cohort.active}
    if plan.project_ids is None:
        if plan.kind in ONE_TO_ONE:
            raise missing("project_ids")
        return list(active.values())
    if unknown := set(plan.project_ids) - active.keys():
        raise project_not_in_cohort(unknown)
    return [active[id] for id in dict.fromkeys(plan.project_ids)]


def _session(
    plan: PlanSession, cohort: Cohort, projects: Iterable[Project], now: datetime
) -> Session:
    """The session of a complete plan, before anybody is convened."""
    return Session(
        id=new_id(),
        programme=cohort.programme,
        edition_id=cohort.edition_id,
        cohort_id=plan.cohort_id,
        proposed_id=plan.proposed_id,
        kind=_required(plan.kind, "kind"),
        title=_required(plan.title, "title"),
        topics=tuple(plan.topics),
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        mode=_required(plan.mode, "mode"),
        place=plan.place,
        host_id=plan.host_id,
        provider_id=plan.provider_id,
        hour_kind=_hour_kind(plan),
        speaker_ids=tuple(dict.fromkeys(plan.speaker_ids)),
        project_ids=tuple(sorted(project.id for project in projects)),
        for_cohort=plan.cohort_id is not None and plan.project_ids is None,
        changed_at=now,
    )


def _hour_kind(plan: PlanSession) -> HourKind | None:
    if plan.hour_kind is None and plan.kind == SessionKind.MENTORING:
        return None if "hour_kind" in plan.model_fields_set else HourKind.MENTORING
    return plan.hour_kind


def _participants(
    work: Work,
    plan: PlanSession,
    session: Session,
    projects: list[Project],
    organisations: list[Organisation],
) -> set[UUID]:
    """Bearers, those named, those invited by role, and who acts for the organisations alone."""
    for person_id in plan.participant_ids:
        if not access.takes_part(find_person(work.db, person_id), session.programme):
            raise unknown_person(person_id, "participant_ids")
    convened = {id for project in projects for id in project.bearer_ids}
    convened |= set(plan.participant_ids)
    for role in plan.invited_roles:
        invited = people_with_role(work.db, role, session.day, session.programme)
        convened |= {person.id for person in invited}
    giving = [one for one in organisations if one.id in session.giving_ids]
    convened |= {one.person_id for one in giving if one.person_id}
    if session.provider_id is not None and session.project_ids:
        beside = store.pairing.find_all(
            work.db,
            project_ids=session.project_ids,
            organisation_id=session.provider_id,
            state=PairingState.ACTIVE,
        )
        convened |= {pairing.person_id for pairing in beside if pairing.person_id}
    return convened


def _check_free(work: Work, person: Person, session: Session, override_by: UUID | None) -> None:
    check_override(work, person, session.programme, override_by)
    check_clashes(session, store.session.at_the_same_time(work.db, session), override_by)


def _same_slot(one: Session, other: Session) -> bool:
    return (one.starts_at, one.ends_at, one.mode, one.place) == (
        other.starts_at,
        other.ends_at,
        other.mode,
        other.place,
    )


def _required(value: T | None, field: str) -> T:
    if value is None:
        raise missing(field)
    return value


def missing(field: str) -> Refusal:
    return Refusal(
        "missing",
        "Le champ « {name} » manque. Donnez-le, ou nommez une séance proposée qui le donne.",
        field=field,
        status=422,
        name=field,
    )
