"""What somebody wants to be written is chosen by herself, signed in or by a link in a letter."""

from uuid import UUID

from essaim.work import Work

from notifications import store
from notifications.message import CancelReason
from notifications.preference import choosable


def choose(work: Work, person_id: UUID, code: str, *, wanted: bool) -> None:
    """Switch a category on or off; what has not left of it does not leave.

    Raises:
        Refusal: (422) it always comes, or there is none.
    """
    category = choosable(code)
    if wanted:
        store.preference.switch_on(work.db, person_id, code)
        return
    store.preference.switch_off(work.db, person_id, code, work.now)
    reason = CancelReason.SWITCHED_OFF
    store.message.cancel_unsent_to(work.db, person_id, category.templates, reason, work.now)
