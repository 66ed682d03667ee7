"""Forgetting a person."""

from uuid import UUID

from essaim.people.directory import find_person
from essaim.work import Work

from notifications import store


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase her messages' texts, her links, her letters in the mailbox, and her name in others'."""
    known = find_person(work.db, person_id)
    email = known.email if known else None
    store.message.forget_person(work.db, person_id, email, work.now)
    named_her = store.message.forget_mentions(work.db, person_id, work.now)
    store.webhook.forget_maker(work.db, person_id)
    store.mailbox.forget_person(work.db, person_id, email, named_her)
