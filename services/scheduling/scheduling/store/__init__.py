"""Every SQL statement of scheduling: one file per concept, its tables and what is asked of them.

`load` refuses a request that names what is not there; `find` answers None.
"""

from scheduling.store import (
    assignment,
    attendance_sheet,
    cohort,
    exchange,
    feed,
    hour_package,
    organisation,
    pairing,
    progress,
    proposed_session,
    reach,
    retention,
    session,
    silence,
    track,
    trophy,
)
from scheduling.store.columns import metadata

__all__ = [
    "assignment",
    "attendance_sheet",
    "cohort",
    "exchange",
    "feed",
    "hour_package",
    "metadata",
    "organisation",
    "pairing",
    "progress",
    "proposed_session",
    "reach",
    "retention",
    "session",
    "silence",
    "track",
    "trophy",
]
