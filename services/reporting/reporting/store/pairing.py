"""Pairings of an organisation with a project: made, and ended."""

from reporting.store.table import edition_table, text, uuid

pairing_made = edition_table(
    "pairing_made",
    uuid("pairing_id"),
    uuid("project_id"),
    text("kind", 30),
    uuid("organisation_id"),
    text("method", 30),
    of="pairing_id",
)

pairing_ended = edition_table(
    "pairing_ended", uuid("pairing_id"), text("reason", 30), of="pairing_id"
)
