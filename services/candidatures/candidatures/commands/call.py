"""Calls: said open and closed, once each, when their time has come."""

from uuid import UUID

from essaim import Work

from candidatures import call as decisions
from candidatures import store
from candidatures.call import Call


def open_due_calls(work: Work) -> bool:
    """Say that calls opened, once each. Leaves nothing for another round."""
    due = store.call.to_open(work.db, work.now)
    work.each_alone("calls", due, lambda call_id: _open_due(work, call_id))
    return False


def _open_due(work: Work, call_id: UUID) -> None:
    call = store.call.of_id(work.db, call_id, lock=True)
    if call.opened_at is None:
        open_call(work, call)


def close_due_calls(work: Work) -> bool:
    """Say that calls closed, once each, with how many applications came in time."""
    open_due_calls(work)
    due = store.call.to_close(work.db, work.now)
    work.each_alone("calls", due, lambda call_id: _close_due(work, call_id))
    return False


def _close_due(work: Work, call_id: UUID) -> None:
    call = store.call.of_id(work.db, call_id, lock=True)
    if call.closed_at is None:
        store.call.mark_closed(work.db, call.id, work.now)
        work.tell(decisions.close_call(call), programme=call.programme)


def open_call(work: Work, call: Call) -> None:
    """Say that a locked call opened."""
    store.call.mark_opened(work.db, call.id, work.now)
    work.tell(decisions.open_call(call), programme=call.programme)
