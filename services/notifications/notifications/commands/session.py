"""Telling participants what becomes of their session."""

from essaim.work import Work

from notifications import store
from notifications.commands.message import cause_of, tell
from notifications.message import TOLD, UNSENT, CancelReason
from notifications.notice import Notice
from notifications.session import (
    Session,
    SessionState,
    announcements,
    dropped,
    first_convocations,
    with_others_convened,
    withdrawals,
)


def announce(work: Work, known: Session | None, session: Session, reason: str | None) -> None:
    """Save what a session is now, drop what was not sent about it, and tell its participants."""
    is_off = session.state == SessionState.CANCELLED
    because = CancelReason.SESSION_CANCELLED if is_off else CancelReason.REPLACED
    store.message.cancel_unsent(work.db, session.id, because, work.now)
    told = store.message.convened(work.db, session.id, TOLD)
    store.session.save(work.db, session)
    names = store.session.public_names(work.db, session)
    gone = dropped(known, session) & told.keys()
    _tell_before_it_begins(
        work,
        session,
        announcements(session, told, names, reason) + withdrawals(session, gone, names),
    )


def convene_others(work: Work, known: Session, session: Session) -> None:
    """The same session for other people: those who stay are left in peace."""
    gone = dropped(known, session)
    store.message.cancel_unsent(
        work.db, session.id, CancelReason.REPLACED, work.now, recipients=gone
    )
    told = store.message.convened(work.db, session.id, TOLD)
    aware = store.message.convened(work.db, session.id, (*TOLD, *UNSENT))
    store.session.save(work.db, with_others_convened(known, session))
    names = store.session.public_names(work.db, session)
    _tell_before_it_begins(
        work,
        session,
        first_convocations(session, set(aware), names)
        + withdrawals(session, gone & told.keys(), names),
    )


def _tell_before_it_begins(work: Work, session: Session, notices: list[Notice]) -> None:
    # What is said of a session that had begun changes no calendar any more.
    if cause_of(work).time < session.starts_at:
        tell(work, notices)
