"""The projects of cohorts, as facts put them in or took them out."""

import sqlalchemy as sa

from reporting.store.table import count, edition_table, text, uuid

cohort_project = edition_table(
    "cohort_project",
    sa.Column("project_id", sa.Uuid, primary_key=True),
    uuid("cohort_id"),
    sa.Column("joined", sa.Boolean, nullable=False),
    text("sector", 60, nullable=True),
    text("department", 3, nullable=True),
    count("jobs_min", nullable=True),
    count("jobs_max", nullable=True),
    of=("project_id", "edition_id"),
)
"""A project that a fact put into a cohort, or took out of it."""
