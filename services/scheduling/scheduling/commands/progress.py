"""Progress of a project, as the coordination reports it."""

from uuid import UUID

from essaim.person import Person
from essaim.work import Work

from scheduling import access, store
from scheduling.progress import Progress, report_progress
from scheduling.schemas.progress import ReportProgress


def tell_progress(work: Work, person: Person, project_id: UUID, asked: ReportProgress) -> Progress:
    """Report where a project stands."""
    project, cohort = store.cohort.lock_of_project(work.db, project_id)
    access.check_manages(person, cohort.programme, work.today)
    progress = Progress(
        status=asked.status,
        reported_on=asked.reported_on or work.today,
        legal_form=asked.legal_form,
        expected_on=asked.expected_on,
        jobs_min=asked.jobs_min,
        jobs_max=asked.jobs_max,
    )
    fact = report_progress(project, cohort.edition_id, progress, work.today)
    store.progress.save(work.db, project, progress, person.id)
    work.tell(fact, programme=cohort.programme)
    return progress
