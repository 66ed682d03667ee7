"""Pairings of an organisation with a project: made, and ended."""

import sqlalchemy as sa
from essaim.keeping.database import Instant

from reporting.store.table import edition_table, metadata, place, text, uuid

pairing_made = edition_table(
    "pairing_made",
    uuid("pairing_id"),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    text("kind", 30),
    sa.Column("organisation_id", sa.Uuid, nullable=False, index=True),
    text("method", 30),
    of=("pairing_id",),
)

first_bond = sa.Table(
    "first_bond",
    metadata,
    *place(),
    uuid("project_id"),
    uuid("organisation_id"),
    uuid("edition_id"),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("until", Instant, nullable=False),
    sa.Index("ix_first_bond_organisation_id", "organisation_id"),
    sa.Index("ix_first_bond_seq", "edition_id", "seq"),
    info={"derived": True},
)
"""The first lasting bond of each godparent of an edition, for as long as it is."""

pairing_ended = edition_table(
    "pairing_ended", uuid("pairing_id"), text("reason", 30), of=("pairing_id",)
)
