"""Messages sent to people, or given up."""

import sqlalchemy as sa

from reporting.store.table import metadata, place, text, uuid

message = sa.Table(
    "message",
    metadata,
    *place(),
    uuid("recipient_id"),
    text("template", 60),
    uuid("about_id", nullable=True),
    text("cause", 36, nullable=True),
    text("failure", 30, nullable=True),
)
"""A message that a mail server accepted, or one given up for the reason in `failure`."""
