"""Hours: granted by a track or beyond it, and used by a held session."""

from uuid import UUID

from essaim.ids import new_id
from essaim.person import Person
from essaim.work import Work
from essaim_contracts.scheduling import GrantReason, HourKind

from scheduling import access, store
from scheduling.cohort import Cohort
from scheduling.commands.override import check_override
from scheduling.hour_package import HourPackage, TimeSpent, as_granted, use_hours
from scheduling.schemas.hour_package import GrantHours
from scheduling.session import Session


def grant_extra_hours(
    work: Work, person: Person, project_id: UUID, asked: GrantHours
) -> HourPackage:
    """Give a project more hours than its track grants."""
    project, cohort = store.cohort.lock_of_project(work.db, project_id)
    access.check_manages(person, cohort.programme, work.today)
    return grant_hours(work, cohort, project.id, asked.kind, asked.minutes, GrantReason.EXTRA)


def grant_hours(
    work: Work, cohort: Cohort, project_id: UUID, kind: HourKind, minutes: int, reason: GrantReason
) -> HourPackage:
    """Keep a new package of a project and say it."""
    package = HourPackage(
        id=new_id(),
        programme=cohort.programme,
        edition_id=cohort.edition_id,
        cohort_id=cohort.id,
        project_id=project_id,
        kind=kind,
        minutes=minutes,
        reason=reason,
        granted_on=work.today,
    )
    store.hour_package.save(work.db, [package])
    work.tell(as_granted(package), programme=cohort.programme)
    return package


def use_hours_of_session(
    work: Work,
    person: Person,
    session: Session,
    kind: HourKind,
    minutes: int,
    override_by: UUID | None,
) -> None:
    """Count the minutes of a held session against the packages of its project."""
    check_override(work, person, session.programme, override_by)
    packages = store.hour_package.of_project(
        work.db, session.project_ids[0], session.cohort_id, kind, lock=True
    )
    by_id = {package.id: package for package in packages}
    spent = TimeSpent(session.id, session.provider_id, minutes, session.day)
    for use in use_hours(packages, spent, override_by):
        store.hour_package.save_use(work.db, by_id[use.package_id].after(use), use)
        work.tell(use, programme=session.programme)
