"""What a project has: its hours and its progress."""

from uuid import UUID

import sqlalchemy as sa
from essaim.person import Person
from essaim.web import SignedIn, command, runtime_of, today_of
from fastapi import APIRouter, Request, Response

from scheduling import access, commands, store
from scheduling.pairing import PairingState
from scheduling.schemas.body import Listed, listed
from scheduling.schemas.hour_package import GrantHours, HoursAnswer, hours_answer
from scheduling.schemas.progress import ProgressAnswer, ReportProgress, progress_answer

router = APIRouter()


@router.get("/api/projects/{project_id}/hours", tags=["projects"])
def hours(request: Request, project_id: UUID, person: SignedIn) -> Listed[HoursAnswer]:
    """The hour packages of a project, what used them and what is planned."""
    with runtime_of(request).read() as db:
        _check_reads_project(db, request, project_id, person)
        packages = store.hour_package.of_project(db, project_id)
        planned = store.session.minutes_planned(db, project_id)
        uses = store.hour_package.load_uses(db, [package.id for package in packages])
    return listed(hours_answer(package, planned, uses) for package in packages)


@router.post(
    "/api/projects/{project_id}/hours",
    status_code=201,
    tags=["projects"],
    response_model=HoursAnswer,
)
def grant_hours(
    request: Request, project_id: UUID, grant: GrantHours, person: SignedIn
) -> Response:
    """Grant a project more hours than its track does."""
    return command(
        request,
        lambda work: hours_answer(
            commands.hour_package.grant_extra_hours(work, person, project_id, grant),
            store.session.minutes_planned(work.db, project_id),
        ),
        status=201,
    )


@router.get("/api/projects/{project_id}/progress", tags=["projects"])
def progress(request: Request, project_id: UUID, person: SignedIn) -> Listed[ProgressAnswer]:
    """Every report on a project, the latest first."""
    with runtime_of(request).read() as db:
        _check_reads_project(db, request, project_id, person)
        reports = store.progress.of_project(db, project_id)
    return listed(progress_answer(project_id, report) for report in reports)


@router.post(
    "/api/projects/{project_id}/progress",
    status_code=201,
    tags=["projects"],
    response_model=ProgressAnswer,
)
def report_progress(
    request: Request, project_id: UUID, report: ReportProgress, person: SignedIn
) -> Response:
    """Report where a project stands; any status may follow any other."""
    return command(
        request,
        lambda work: progress_answer(
            project_id, commands.progress.tell_progress(work, person, project_id, report)
        ),
        status=201,
    )


def _check_reads_project(
    db: sa.Connection, request: Request, project_id: UUID, person: Person
) -> None:
    project = store.cohort.load_project(db, project_id)
    programme = store.cohort.load(db, project.cohort_id).programme
    beside = store.pairing.find_all(db, project_ids=[project_id], state=PairingState.ACTIVE)
    near = {*project.bearer_ids, *(pairing.person_id for pairing in beside)}
    access.check_reads_project(person, programme, near, today_of(request))
