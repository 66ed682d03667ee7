"""What a project has: its hours, its progress, and what was said with it."""

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from essaim.person import Person
from essaim.web import SignedIn, command, runtime_of, today_of
from fastapi import APIRouter, Request, Response

from scheduling import access, commands, store
from scheduling.schemas.body import Listed, listed
from scheduling.schemas.exchange import ExchangeAnswer, NoteExchange
from scheduling.schemas.hour_package import GrantHours, HoursAnswer, hours_answer
from scheduling.schemas.progress import ProgressAnswer, ReportProgress, progress_answer

router = APIRouter()


@router.get("/api/projects/{project_id}/hours", tags=["projects"])
def hours(request: Request, project_id: UUID, person: SignedIn) -> Listed[HoursAnswer]:
    """The hour packages of a project, what used them and what is planned."""
    with runtime_of(request).read() as db:
        named = _reads_project(db, request, project_id, person)
        packages = store.hour_package.of_project(db, project_id)
        planned = store.session.minutes_planned(db, project_id)
        uses = store.hour_package.load_uses(db, [package.id for package in packages])
        if not named:
            uses = [replace(use, override_by=None) for use in uses]
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
        _reads_project(db, request, project_id, person)
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


@router.get("/api/projects/{project_id}/exchanges", tags=["projects"])
def exchanges(request: Request, project_id: UUID, person: SignedIn) -> Listed[ExchangeAnswer]:
    """What was said with a project, the latest first: for those beside it and its coordination."""
    with runtime_of(request).read() as db:
        if not _reads_project(db, request, project_id, person):
            raise access.not_your_project()
        found = store.exchange.of_project(db, project_id)
    return listed(map(ExchangeAnswer.model_validate, found))


@router.post(
    "/api/projects/{project_id}/exchanges",
    status_code=201,
    tags=["projects"],
    response_model=ExchangeAnswer,
)
def note_exchange(
    request: Request, project_id: UUID, said: NoteExchange, person: SignedIn
) -> Response:
    """Note an exchange with a project one accompanies, in one's own name."""
    note = commands.exchange.note_exchange
    return command(
        request,
        lambda work: ExchangeAnswer.model_validate(
            note(work, person, project_id, said.happened_on, said.note)
        ),
        status=201,
    )


def _reads_project(db: sa.Connection, request: Request, project_id: UUID, person: Person) -> bool:
    """Whether she sees the persons of a project she reads."""
    project = store.cohort.load_project(db, project_id)
    programme = store.cohort.load(db, project.cohort_id).programme
    reach = store.reach.of(db, person, today_of(request))
    is_near = store.reach.is_near(db, reach, project_id)
    return access.check_reads_project(reach, programme, is_near=is_near)
