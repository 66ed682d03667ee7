"""What is still kept of people, with the day from which its time counts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.retention.rule import Kept

from notifications.message import UNSENT, MessageState
from notifications.store.mailbox import mailbox
from notifications.store.message import message
from notifications.store.programme import programme


def letters(db: sa.Connection) -> Iterator[Kept]:
    """The messages whose text is still there, and what is in the local mailbox of no message."""
    for row in db.execute(_messages()):
        yield _kept(row, row.name or row.programme, row.programme, row.told_at)
    of_none = mailbox.c.id.not_in(sa.select(message.c.id))
    for row in db.execute(sa.select(mailbox.c.id, mailbox.c.received_at).where(of_none)):
        yield _kept(row, "–", "", row.received_at)


def _messages() -> sa.Select[Any]:
    has_text = sa.or_(
        message.c.body.is_not(None),
        message.c.answer.is_not(None),
        sa.cast(message.c.details, sa.Text) != "{}",
        message.c.id.in_(sa.select(mailbox.c.id)),
    )
    ended = message.c.state.not_in((*UNSENT, MessageState.SENDING))
    columns = (message.c.id, message.c.programme, message.c.told_at, programme.c.name)
    return (
        sa.select(*columns)
        .select_from(message.outerjoin(programme, programme.c.slug == message.c.programme))
        .where(message.c.programme.is_not(None), ended, has_text)
    )


def _kept(row: Any, of: str, slug: str, at: datetime) -> Kept:
    return Kept(row.id, of, slug, since=at.astimezone(PARIS).date())
