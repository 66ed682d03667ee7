"""What is known of a project's progress. Every report is kept; any status may follow any other."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.refusal import Refusal
from essaim_contracts.scheduling import ProjectProgressed, ProjectStatus

from scheduling.cohort import Project


@dataclass(frozen=True)
class Progress:
    """A report on a project. Jobs are expected heads, from `jobs_min` to `jobs_max`."""

    status: ProjectStatus
    reported_on: date
    legal_form: str | None = None
    expected_on: date | None = None
    jobs_min: int | None = None
    jobs_max: int | None = None


def report_progress(
    project: Project, edition_id: UUID, progress: Progress, today: date
) -> ProjectProgressed:
    """The fact that a project stands so on the day of the report.

    Raises:
        Refusal: the report lies in the future, or the jobs are no range.
    """
    if progress.reported_on > today:
        raise reported_in_the_future(progress, today)
    if (progress.jobs_min is None) != (progress.jobs_max is None):
        raise half_a_range(progress)
    if (progress.jobs_min or 0) > (progress.jobs_max or 0):
        raise jobs_not_ordered(progress)
    return ProjectProgressed(
        project_id=project.id,
        edition_id=edition_id,
        cohort_id=project.cohort_id,
        status=progress.status,
        legal_form=progress.legal_form,
        expected_on=progress.expected_on,
        jobs_min=progress.jobs_min,
        jobs_max=progress.jobs_max,
        reported_on=progress.reported_on,
    )


def reported_in_the_future(progress: Progress, today: date) -> Refusal:
    return Refusal(
        "reported_in_the_future",
        "Le point est daté du {reported_on}, nous sommes le {today}. Corrigez la date.",
        field="reported_on",
        status=422,
        reported_on=progress.reported_on,
        today=today,
    )


def half_a_range(progress: Progress) -> Refusal:
    return Refusal(
        "half_a_range",
        "Les emplois iraient de {jobs_min} à {jobs_max} : donnez les deux bornes, ou aucune.",
        field="jobs_max",
        status=422,
        jobs_min=_shown(progress.jobs_min),
        jobs_max=_shown(progress.jobs_max),
    )


def jobs_not_ordered(progress: Progress) -> Refusal:
    return Refusal(
        "jobs_not_ordered",
        "Les emplois iraient de {jobs_min} à {jobs_max}. Inversez les bornes.",
        field="jobs_max",
        status=422,
        jobs_min=progress.jobs_min,
        jobs_max=progress.jobs_max,
    )


def _shown(jobs: int | None) -> str:
    return "…" if jobs is None else str(jobs)
