"""Forgetting a person."""

from uuid import UUID

from essaim.people.directory import find_person
from essaim.work import Work
from essaim_contracts.erasure import ErasureAsker, ErasureChange, ErasureChanged

from notifications import notice, store
from notifications.commands.message import queue_secret, tell
from notifications.message import GIVE_UP_AFTER, CancelReason, Secret, Template


def note_changed(work: Work, changed: ErasureChanged) -> None:
    """What others ask, she learns; what they take back too, if she may have learnt the first."""
    asked, hers = Template.ERASURE_ASKED, changed.person_id
    if changed.change == ErasureChange.ASKED:
        if changed.by != ErasureAsker.PERSON:
            tell(work, [notice.erasure_asked(changed)])
        return
    was_told = store.message.is_told(work.db, hers, asked)
    store.message.cancel_unsent(work.db, hers, CancelReason.REPLACED, work.now, templates=[asked])
    if was_told and changed.by != ErasureAsker.PERSON:
        tell(work, [notice.erasure_taken_back(changed)])


def take_leave(work: Work, person_id: UUID) -> None:
    """The last letter: her erasure, which others asked, is done.

    Only her address goes with it, and goes as it leaves, or five days later.
    """
    known = find_person(work.db, person_id)
    if known is not None and known.email:
        queue_secret(
            work,
            Template.ERASURE_DONE,
            Secret("", known.email),
            language=known.language,
            life=GIVE_UP_AFTER,
            page=notice.PRIVACY,
        )


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase her messages' texts, her links, her letters in the mailbox, and her name in others'."""
    known = find_person(work.db, person_id)
    email = known.email if known else None
    store.message.forget_person(work.db, person_id, email, work.now)
    named_her = store.message.forget_mentions(work.db, person_id, work.now)
    store.writing.forget_person(work.db, person_id)
    if email:
        store.bounced.forget_address(work.db, email)
    store.preference.forget_person(work.db, person_id)
    store.webhook.forget_maker(work.db, person_id)
    store.mailbox.forget_person(work.db, person_id, email, named_her)
