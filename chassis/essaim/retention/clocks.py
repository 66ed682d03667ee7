"""The clocks of editions, as the keeper of the directory said them: in each service's database."""

from dataclasses import asdict

import sqlalchemy as sa
from essaim_contracts.retention import RetentionChanged

from essaim.keeping.database import upsert
from essaim.keeping.tables import edition_clock as table
from essaim.retention.rule import Clocks, EditionClock


def save_clock(db: sa.Connection, changed: RetentionChanged, programme: str) -> None:
    """The last one said holds."""
    clock = EditionClock(
        changed.edition_id,
        programme,
        changed.last_payment_on,
        changed.suspended_for.value if changed.suspended_for else None,
    )
    upsert(db, table, [asdict(clock)])


def clocks_in(db: sa.Connection) -> Clocks:
    rows = db.execute(sa.select(table))
    return {row.edition_id: EditionClock(**row._mapping) for row in rows}
