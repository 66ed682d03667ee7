"""Applications received, and what became of them."""

import sqlalchemy as sa

from reporting.store.table import edition_table, text, uuid

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
    of="application_id",
)

application_answered = edition_table(
    "application_answered",
    uuid("application_id"),
    uuid("project_id"),
    text("state", 30),
    text("reason", 30),
    of="application_id",
)
"""What became of an application: withdrawn by its bearer, or decided by the committee."""
