"""Requests on calendar feeds: open one, revoke it."""

from uuid import UUID

from essaim.person import Person
from essaim.refusal import Refusal
from essaim.work import Work

from scheduling import access, store
from scheduling.lookups import today


def open_feed(work: Work, person: Person, cohort_id: UUID | None) -> UUID:
    """Open a calendar feed for a person, of her own sessions or of a cohort she belongs to."""
    if cohort_id is not None:
        cohort = store.cohort_of(work.db, cohort_id)
        bearers = {id for project in cohort.active for id in project.bearer_ids}
        access.check_reads_project(person, cohort.programme, bearers, today(work))
    return store.save_feed(work.db, person.id, cohort_id, work.now)


def close_feed(work: Work, person: Person, feed_id: UUID) -> None:
    """Revoke one of her feeds: its address opens nothing any more."""
    if not store.revoke_feed(work.db, feed_id, person.id):
        raise Refusal(
            "unknown_feed",
            "Cet agenda n’est pas l’un des vôtres, ou son adresse est déjà révoquée.",
            status=404,
        )
