"""Exchanges: noted by who accompanies a project."""

from datetime import date
from uuid import UUID

from essaim.ids import new_id
from essaim.person import Person
from essaim.work import Work

from scheduling import access, exchange, store


def note_exchange(
    work: Work, person: Person, project_id: UUID, happened_on: date | None, note: str
) -> exchange.Exchange:
    """Note what was said with a project, in one's own name.

    Raises:
        Refusal: she does not accompany it (403), or the day is to come (422).
    """
    project, cohort = store.cohort.lock_of_project(work.db, project_id)
    reach = store.reach.of(work.db, person, work.today)
    if not store.reach.accompanies(work.db, reach, project.id):
        access.check_manages(person, cohort.programme, work.today)
    noted = exchange.note_exchange(
        new_id(), project.id, person.id, happened_on or work.today, note, work.today
    )
    store.exchange.save(work.db, noted)
    return noted
