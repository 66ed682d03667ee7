"""Deliverables handed in."""

import sqlalchemy as sa

from reporting.store.table import edition_table, text, uuid

deliverable_handed_in = edition_table(
    "deliverable_handed_in",
    uuid("deliverable_id"),
    uuid("project_id"),
    text("kind", 30),
    sa.Column("late", sa.Boolean, nullable=False),
    of=("deliverable_id",),
)
