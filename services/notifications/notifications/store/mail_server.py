"""How the mail server fares, for every instance to show."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert

from notifications.store.tables import metadata

mail_server = sa.Table(
    "mail_server",
    metadata,
    sa.Column("name", sa.String(10), primary_key=True),
    sa.Column("trouble", sa.Text),
    sa.Column("since", Instant, nullable=False),
)
"""One row, `smtp`. Real time."""


class Trouble(NamedTuple):
    """What the mail server suffers from, and since when."""

    reason: str
    since: datetime


def trouble(db: sa.Connection) -> Trouble | None:
    """None when all is well."""
    query = sa.select(mail_server).where(mail_server.c.trouble.is_not(None))
    row = db.execute(query).one_or_none()
    return Trouble(row.trouble, row.since) if row else None


def save_trouble(db: sa.Connection, reason: str | None, now: datetime) -> None:
    """Remember the server's trouble, or that it is over; `since` is when the trouble began."""
    known = trouble(db)
    if (known.reason if known else None) == reason:
        return
    since = known.since if known and reason else now
    upsert(db, mail_server, [{"name": "smtp", "trouble": reason, "since": since}])
