"""What is read: calls, applications and programmes put together for answers and pages."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from candidatures import store
from candidatures.application import Application
from candidatures.call import Call
from candidatures.deliverable import is_late
from candidatures.messages import (
    ApplicationAnswer,
    CallAnswer,
    CallDetail,
    CohortAnswer,
    DecisionAnswer,
    DocumentAnswer,
    EditionAnswer,
    OrganisationAnswer,
    PrizeAnswer,
    ProgrammeAnswer,
    ProjectAnswer,
)
from candidatures.scoring import weighted_mean
from candidatures.trophy import PledgedPrize, pledge_total


def call_answer(call: Call, now: datetime) -> CallAnswer:
    return CallAnswer(**_call_values(call, now))


def call_detail(call: Call, now: datetime) -> CallDetail:
    parts = ("sectors", "heard_from", "questions", "documents", "criteria")
    asked = {name: [part.model_dump(mode="json") for part in getattr(call, name)] for name in parts}
    return CallDetail(**_call_values(call, now), **asked, departments=list(call.departments))


def _call_values(call: Call, now: datetime) -> dict[str, Any]:
    return {
        "id": call.id,
        "programme": call.programme,
        "edition_id": call.edition_id,
        "edition": call.edition_number,
        "slug": call.slug,
        "kind": call.kind.value,
        "title": call.title.fr,
        "track_code": call.track_code,
        "places": call.places,
        "state": call.state(now),
        "opens_at": call.opens_at,
        "closes_at": call.closes_at,
        "received": call.received,
    }


def application_answer(
    db: sa.Connection, application: Application, call: Call, *, inside: bool
) -> ApplicationAnswer:
    """An application as its applicant sees it, or with what only those `inside` see."""
    decision = store.decision_of(db, application.id)
    answer = ApplicationAnswer(
        id=application.id,
        call=call.slug,
        project_id=application.project_id,
        bearer_id=application.bearer_id,
        state=application.state.value,
        version=application.version,
        number=application.number,
        received_at=application.received_at,
        content=dict(application.content),
        documents=[
            DocumentAnswer.model_validate(row, from_attributes=True)
            for row in store.documents_of(db, application.id).values()
        ],
        decision=_decision(decision, "applied_"),
    )
    if inside:
        scores = store.scores_of(db, application.id)
        answer.mean = weighted_mean(call.criteria, scores)
        answer.prepared = _decision(decision, "")
        answer.note = decision.note if decision else None
    return answer


def _decision(row: Any, prefix: str) -> DecisionAnswer | None:
    if row is None or getattr(row, f"{prefix}decision") is None:
        return None
    return DecisionAnswer(
        decision=getattr(row, f"{prefix}decision"),
        reason=getattr(row, f"{prefix}reason"),
        rank=getattr(row, f"{prefix}rank"),
        track_code=getattr(row, f"{prefix}track_code"),
    )


def cohort_answer(db: sa.Connection, cohort_id: UUID) -> CohortAnswer:
    cohort = store.find_cohort(db, cohort_id)
    if cohort is None:
        raise LookupError(f"There is no cohort {cohort_id}.")
    values = asdict(cohort)
    del values["programme"]
    projects = [project.in_cohort() for project in store.projects_of_cohort(db, cohort_id)]
    return CohortAnswer(**values, projects=projects)


def programme_answer(db: sa.Connection, slug: str, now: datetime) -> ProgrammeAnswer | None:
    """What anybody may know of a programme: no person of it."""
    row = store.find_programme(db, slug)
    if row is None:
        return None
    calls = store.all_calls(db)
    return ProgrammeAnswer(
        slug=row.slug,
        name=row.name,
        steward_id=row.steward_id,
        organisations=[
            OrganisationAnswer.model_validate(organisation, from_attributes=True)
            for organisation in store.organisations_of(db, slug)
        ],
        editions=[_edition(db, edition, calls, now) for edition in store.editions_of(db, slug)],
    )


def _edition(db: sa.Connection, row: Any, calls: list[Call], now: datetime) -> EditionAnswer:
    prizes = store.prizes_of(db, row.id)
    return EditionAnswer(
        id=row.id,
        number=row.number,
        year=row.year,
        calls=[call_answer(call, now) for call in calls if call.edition_id == row.id],
        deliverables=[
            {"kind": due.kind, "label": due.label["fr"], "due_on": due.due_on}
            for due in store.deliverables_of(db, row.id)
        ],
        prizes=[prize_answer(prize) for prize in prizes],
        prizes_pledged_eur=pledge_total(prizes),
        trophies=trophies(db, row.id),
    )


def prize_answer(prize: PledgedPrize) -> PrizeAnswer:
    return PrizeAnswer(
        id=prize.id,
        code=prize.code,
        contributor_id=prize.contributor_id,
        kind=prize.kind.value,
        title=prize.title,
        value_eur=prize.value_eur,
        given=prize.given_with is not None,
    )


def trophies(db: sa.Connection, edition_id: UUID) -> list[dict[str, object]]:
    return [
        {
            "id": row.id,
            "title": row.title,
            "project_id": row.project_id,
            "project_title": row.project_title,
            "awarded_on": row.awarded_on,
        }
        for row in store.trophies_of(db, edition_id)
    ]


def project_answer(db: sa.Connection, project_id: UUID) -> ProjectAnswer | None:
    """A project with what scheduling said of it, and the versions it handed in."""
    project = store.find_project(db, project_id)
    if project is None:
        return None
    progress, sessions = store.project_life(db, project_id)
    # A status told without figures leaves the jobs as they were known.
    said = progress if progress and progress.jobs_min is not None else project
    return ProjectAnswer(
        id=project.id,
        title=project.title,
        cohort_id=project.cohort_id,
        jobs_min=said.jobs_min,
        jobs_max=said.jobs_max,
        status=progress.status if progress else None,
        sessions=len(sessions),
        minutes=sum(session.minutes for session in sessions),
        deliverables=[version(row._mapping) for row in store.versions_of(db, project_id)],
    )


def version(row: Mapping[str, Any]) -> dict[str, object]:
    """A version handed in, and whether it was late."""
    shown = ("kind", "version", "filename", "size", "sha256", "due_on", "handed_in_at")
    late = is_late(row["due_on"], row["handed_in_at"])
    return {name: row[name] for name in shown} | {"late": late}
