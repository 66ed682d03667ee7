"""Facts that were brought to a version of the service which does nothing with them.

While an old and a new version run side by side, the operator's consumer brings what the new one
hears, and the old one may hold the lease. What it passes over is noted: the first place of each
type, so that the version that hears it goes back there.
"""

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from essaim.keeping.database import insert
from essaim.keeping.tables import passed_over as table

MOST = 500
"""Types that are noted. A partner may say facts of any type of its own; ours are some dozens."""


def note(db: sa.Connection, places: Mapping[str, int]) -> None:
    """Note the places in the stream of the first passed over of each type, where none is yet."""
    room = MOST - db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    rows = [{"type": type, "stream_seq": seq} for type, seq in places.items()]
    if rows[: max(0, room)]:
        db.execute(insert(db, table).on_conflict_do_nothing(), rows[:room])


def first_known(db: sa.Connection, knows: Callable[[str], bool]) -> int | None:
    """Where the first fact stands that was passed over and is known to this version."""
    rows = db.execute(sa.select(table.c.type, table.c.stream_seq)).all()
    return min((row.stream_seq for row in rows if knows(row.type)), default=None)


def forget_known(db: sa.Connection, knows: Callable[[str], bool]) -> None:
    """They are read again."""
    known = filter(knows, db.scalars(sa.select(table.c.type)).all())
    db.execute(sa.delete(table).where(table.c.type.in_(list(known))))
