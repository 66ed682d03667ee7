"""Requests on a project: more hours, the topics it wants, its progress."""

from uuid import UUID

from essaim.ids import new_id
from essaim.person import Person
from essaim.work import Work
from essaim_contracts.scheduling import GrantReason

from scheduling import access, store
from scheduling.hour_package import HourPackage, as_granted
from scheduling.lookups import project_and_cohort, today
from scheduling.progress import Progress, report_progress
from scheduling.requests import GrantHours, ReportProgress, SetWishes


def grant_hours(work: Work, person: Person, project_id: UUID, asked: GrantHours) -> HourPackage:
    """Give a project more hours than its track grants."""
    project, cohort = project_and_cohort(work, project_id)
    access.check_manages(person, cohort.programme, today(work))
    package = HourPackage(
        id=new_id(),
        programme=cohort.programme,
        edition_id=cohort.edition_id,
        cohort_id=cohort.id,
        project_id=project.id,
        kind=asked.kind,
        minutes=asked.minutes,
        reason=GrantReason.EXTRA,
        granted_on=today(work),
    )
    store.save_packages(work.db, [package])
    work.tell(as_granted(package), programme=cohort.programme)
    return package


def set_wishes(work: Work, person: Person, asked: SetWishes) -> int:
    """Keep the topics projects want, said by their bearers or the coordination."""
    for wish in asked.wishes:
        project, cohort = project_and_cohort(work, wish.project_id)
        if person.id not in project.bearer_ids:
            access.check_manages(person, cohort.programme, today(work))
        store.save_wish(work.db, project.id, wish.topics)
    return len(asked.wishes)


def tell_progress(work: Work, person: Person, project_id: UUID, asked: ReportProgress) -> Progress:
    """Report where a project stands."""
    project, cohort = project_and_cohort(work, project_id)
    access.check_manages(person, cohort.programme, today(work))
    progress = Progress(
        status=asked.status,
        reported_on=asked.reported_on or today(work),
        legal_form=asked.legal_form,
        expected_on=asked.expected_on,
        jobs_min=asked.jobs_min,
        jobs_max=asked.jobs_max,
    )
    fact = report_progress(project, cohort.edition_id, progress, today(work))
    store.save_progress(work.db, project, progress, person.id)
    work.tell(fact, programme=cohort.programme)
    return progress
