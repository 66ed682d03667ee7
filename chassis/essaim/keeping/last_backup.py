"""When this database was last saved into a backup that was read back: kept here, to be watched."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from essaim.keeping.tables import last_backup as table


@dataclass(frozen=True)
class LastBackup:
    """`size` is of the whole archive, in bytes."""

    name: str
    taken_at: datetime
    size: int


def note_backup(db: sa.Connection, taken: LastBackup) -> None:
    db.execute(sa.delete(table))
    db.execute(sa.insert(table), asdict(taken))


def last_backup(db: sa.Connection) -> LastBackup | None:
    """None where none was ever taken, or was by an older version."""
    row = db.execute(sa.select(table)).one_or_none()
    return LastBackup(**row._mapping) if row else None
