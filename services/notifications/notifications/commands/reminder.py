"""Reminders of sessions, seven days and one day before."""

from dataclasses import replace

from essaim.work import Work

from notifications import store
from notifications.commands.message import queue
from notifications.message import Template
from notifications.session import Session, due_reminder, reminders

_SESSIONS_AT_ONCE = 20


def queue_due_reminders(work: Work) -> bool:
    """Queue the reminders whose moment has come, once per session and sequence. A timer."""
    near = store.session.to_remind(work.db, work.now)
    due = [(session, due_reminder(session, work.now)) for session in near]
    to_remind = [(session, template) for session, template in due if template]
    some = to_remind[:_SESSIONS_AT_ONCE]
    work.each_alone("sessions", some, lambda one: _remind(work, *one))
    return len(to_remind) > _SESSIONS_AT_ONCE


def _remind(work: Work, session: Session, template: Template) -> None:
    notices = reminders(session, template, store.session.public_names(work.db, session))
    left = session.starts_at - work.now
    told = replace(work, origin=session.origin)
    queue(told, notices, session.programme, session.cause, patience=left)
    store.session.save_reminded(work.db, session.id, template)
