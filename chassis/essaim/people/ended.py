"""Sign-ins that were ended before their time: nothing signed under them is believed any more."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from essaim.keeping.database import insert
from essaim.keeping.tables import ended_sign_in as table
from essaim.keeping.tables import signed_in_browser

_KEPT_AFTER = timedelta(days=1)
"""Clocks differ, and a signature is still read for a moment after its end."""


def note_ended(
    db: sa.Connection, person_id: UUID, ended: Mapping[UUID, datetime], *, untold: bool = False
) -> None:
    """Believe these no more, which would have lasted until then; their browsers are unknown here.

    `untold` are those the keeper of the directory does not know to be ended.
    """
    db.execute(sa.delete(table).where(table.c.ends_at < datetime.now(UTC) - _KEPT_AFTER))
    for id, ends_at in ended.items():
        row = {"id": id, "person_id": person_id, "ends_at": ends_at, "untold": untold}
        noted = insert(db, table).values(row)
        db.execute(noted.on_conflict_do_update(index_elements=["id"], set_={"untold": untold}))
        db.execute(sa.delete(signed_in_browser).where(signed_in_browser.c.sign_in_id == id))


def is_ended(db: sa.Connection, id: UUID) -> bool:
    return bool(db.scalar(sa.select(sa.exists().where(table.c.id == id))))


def ended_of(db: sa.Connection, person_id: UUID) -> dict[UUID, datetime]:
    """A person's, with when each would have ended by itself."""
    return _by_person(db, table.c.person_id == person_id).get(person_id, {})


def all_ended(db: sa.Connection) -> dict[UUID, dict[UUID, datetime]]:
    """The same for everybody, by person."""
    return _by_person(db, sa.true())


def _by_person(
    db: sa.Connection, condition: sa.ColumnElement[bool]
) -> dict[UUID, dict[UUID, datetime]]:
    query = sa.select(table).where(condition, table.c.ends_at > datetime.now(UTC))
    found: dict[UUID, dict[UUID, datetime]] = {}
    for row in db.execute(query.order_by(table.c.id)):
        found.setdefault(row.person_id, {})[row.id] = row.ends_at
    return found


def untold(db: sa.Connection) -> list[UUID]:
    """What was ended here, and the keeper does not know yet."""
    return list(db.scalars(sa.select(table.c.id).where(table.c.untold)))


def note_told(db: sa.Connection, ids: Iterable[UUID]) -> None:
    db.execute(sa.update(table).where(table.c.id.in_(set(ids))).values(untold=False))
