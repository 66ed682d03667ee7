"""Messages sent to people, or given up."""

import sqlalchemy as sa
from essaim.keeping.database import Instant

from reporting.store.table import metadata, place, text, uuid

message = sa.Table(
    "message",
    metadata,
    *place(),
    uuid("recipient_id"),
    text("template", 60),
    uuid("about_id", nullable=True),
    text("cause", 36, nullable=True),
    text("cause_source", 122, nullable=True),
    text("failure", 30, nullable=True),
    sa.Index("ix_message_cause", "cause"),
    sa.Index("ix_message_about", "about_id"),
)
"""A message that a mail server accepted, or one given up for the reason in `failure`.

One that was told before facts named it has no `cause_source`: its cause is known by its id alone.
"""

message_of_edition = sa.Table(
    "message_of_edition",
    metadata,
    *place(),
    text("template", 60),
    text("failure", 30, nullable=True),
    sa.Column("edition_id", sa.Uuid, primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Index("ix_message_of_edition_seq", "edition_id", "seq"),
    sa.Index("ix_message_of_edition_at", "edition_id", "at"),
    info={"derived": True},
)
"""The messages of an edition; kept from the messages and the log, since finding them takes long."""
