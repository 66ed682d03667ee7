"""What a request or a timer does: load, decide, save, tell. Every door calls it.

`commands.draft.start(work, …)`: a module for each concept, each act in the Work it is given.
"""

from candidatures.commands import (
    application,
    assignment,
    call,
    charter,
    cohort,
    committee,
    contact,
    deliverable,
    document,
    draft,
    erasure,
    minutes,
    person,
    programme,
    quota,
    resource,
    retention,
    trophy,
    waiting_list,
)

__all__ = [
    "application",
    "assignment",
    "call",
    "charter",
    "cohort",
    "committee",
    "contact",
    "deliverable",
    "document",
    "draft",
    "erasure",
    "minutes",
    "person",
    "programme",
    "quota",
    "resource",
    "retention",
    "trophy",
    "waiting_list",
]
