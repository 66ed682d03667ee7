"""Trophies awarded, and the prizes that come with them."""

import sqlalchemy as sa

from reporting.store.table import count, edition_table, text, uuid

trophy_awarded = edition_table(
    "trophy_awarded",
    uuid("trophy_id"),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    text("title", 300),
    of=("trophy_id",),
)

prize = edition_table(
    "prize",
    sa.Column("prize_id", sa.Uuid, primary_key=True),
    uuid("project_id"),
    uuid("contributor_id"),
    text("kind", 30),
    text("title", 300),
    count("value_eur"),
)
"""A prize of a trophy, by the fact that awarded it."""
