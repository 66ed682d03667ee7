"""What a request, a fact or a timer does, by concept: load, decide, save, tell.

Each works inside the one transaction of its Work, whatever door it was called through.
"""

from scheduling.commands import (
    assignment,
    attendance_sheet,
    cohort,
    contact,
    exchange,
    feed,
    hour_package,
    pairing,
    progress,
    retention,
    session,
    track,
)

__all__ = [
    "assignment",
    "attendance_sheet",
    "cohort",
    "contact",
    "exchange",
    "feed",
    "hour_package",
    "pairing",
    "progress",
    "retention",
    "session",
    "track",
]
