"""Applications received, and what became of them."""

import sqlalchemy as sa
from essaim.keeping.database import Instant

from reporting.store.table import edition_table, metadata, place, text, uuid

application_received = edition_table(
    "application_received",
    uuid("application_id"),
    uuid("project_id"),
    text("number", 40),
    text("applicant_kind", 30),
    text("sector", 60, nullable=True),
    text("department", 3, nullable=True),
    text("heard_from", 60, nullable=True),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Index("ix_application_received_at", "edition_id", "at"),
    sa.Index("ix_application_received_project_id", "project_id"),
    of=("application_id",),
)

application_answered = edition_table(
    "application_answered",
    uuid("application_id"),
    uuid("project_id"),
    text("state", 30),
    text("reason", 30),
    of=("application_id",),
)
"""What became of an application: withdrawn by its bearer, or decided by the committee."""

application_end = sa.Table(
    "application_end",
    metadata,
    *place(),
    uuid("edition_id"),
    uuid("application_id"),
    uuid("project_id"),
    text("state", 30),
    sa.Column("since", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Index("ix_application_end_edition", "edition_id", "seq"),
    sa.Index("ix_application_end_state", "edition_id", "state", "seq"),
    sa.Index("ix_application_end_application_id", "application_id"),
    sa.Index("ix_application_end_project_id", "project_id"),
    info={"derived": True},
)
"""The state that a fact gives an application, for as long as it does; from the two others."""
