"""Calendar feeds: open one, revoke it."""

from uuid import UUID

from essaim.person import Person
from essaim.work import Work

from scheduling import access, store
from scheduling.feed import not_your_feed


def open_feed(work: Work, person: Person, cohort_id: UUID | None) -> UUID:
    """Open a calendar feed for a person, of her own sessions or of a cohort she belongs to."""
    if cohort_id is not None:
        cohort = store.cohort.load(work.db, cohort_id)
        access.check_reads_cohort(person, store.reach.of(work.db, person, work.today), cohort)
    return store.feed.save(work.db, person.id, cohort_id, work.now)


def close_feed(work: Work, person: Person, feed_id: UUID) -> None:
    """Revoke one of her feeds: its address opens nothing any more."""
    if not store.feed.revoke(work.db, feed_id, person.id):
        raise not_your_feed()
