"""Every SQL statement of candidatures: `store.call.find(db, slug)`, a module for each concept."""

from candidatures.store import (
    accompaniment,
    address_change,
    application,
    call,
    cohort,
    committee,
    conflict,
    definition,
    deliverable,
    document,
    draft_secret,
    erasure,
    programme,
    project,
    ranking,
    retention,
    trophy,
)
from candidatures.store.metadata import metadata

__all__ = [
    "accompaniment",
    "address_change",
    "application",
    "call",
    "cohort",
    "committee",
    "conflict",
    "definition",
    "deliverable",
    "document",
    "draft_secret",
    "erasure",
    "metadata",
    "programme",
    "project",
    "ranking",
    "retention",
    "trophy",
]
