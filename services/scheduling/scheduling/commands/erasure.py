"""Forgetting a person."""

from uuid import UUID

from essaim.work import Work

from scheduling import store


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase what is held about a person. Closed sheets keep her opaque id, which names nobody."""
    store.exchange.forget_person(work.db, person_id)
    store.feed.forget_owner(work.db, person_id)
    store.session.forget_participant(work.db, person_id)
    store.cohort.forget_bearer(work.db, person_id)
    store.pairing.forget_person(work.db, person_id)
    store.organisation.forget_person(work.db, person_id)
