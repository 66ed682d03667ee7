"""One active instance per service: who holds the lease relays, handles and runs the timers."""

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from essaim.ids import new_id
from essaim.keeping.database import Database, insert
from essaim.keeping.tables import lease as table

DURATION = timedelta(seconds=6)
RENEWAL = 2.0
_THIS_RUN = new_id().hex[-8:]


def holder_name() -> str:
    """This process, told apart from an earlier one with the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{_THIS_RUN}"


def take(database: Database, name: str) -> bool:
    """Take or renew the lease; False while another instance holds it.

    A holder that ran on this host and is gone is replaced at once, not after the lease's end.
    """
    mine = holder_name()
    with database.write_fleeting() as db:
        now = _now(db)
        row = db.execute(
            sa.select(table).where(table.c.name == name).with_for_update()
        ).one_or_none()
        if row and row.holder != mine and _runs(row.expires_at, now) and not _is_gone(row.holder):
            return False
        values = {"name": name, "holder": mine, "expires_at": now + DURATION}
        statement = insert(db, table).values(values)
        # Two newcomers may both see no row: the first insert wins, the second keeps it.
        statement = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": mine, "expires_at": values["expires_at"]},
            where=sa.or_(table.c.holder == mine, table.c.holder == (row.holder if row else mine)),
        )
        return db.execute(statement.returning(table.c.name)).first() is not None


def release(database: Database, name: str) -> None:
    """Let another instance take over at once."""
    with database.write() as db:
        db.execute(sa.delete(table).where(table.c.name == name, table.c.holder == holder_name()))


def current_holder(db: sa.Connection, name: str) -> str | None:
    return db.execute(sa.select(table.c.holder).where(table.c.name == name)).scalar_one_or_none()


def is_held(db: sa.Connection, name: str) -> bool:
    """Whether an instance runs that has the lease."""
    row = db.execute(sa.select(table).where(table.c.name == name)).one_or_none()
    return row is not None and _runs(row.expires_at, _now(db)) and not _is_gone(row.holder)


def _runs(expires_at: datetime, now: datetime) -> bool:
    """A lease that ends later than any begun now is of a clock that went back since."""
    return now < expires_at <= now + DURATION


def _now(db: sa.Connection) -> datetime:
    """The database's clock where it has its own: those of two hosts may differ."""
    if db.dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now


def _is_gone(holder: str) -> bool:
    host, pid, run = holder.split(":")
    if host != socket.gethostname():
        return False
    if int(pid) == os.getpid():
        return run != _THIS_RUN  # the number is ours now, so its former owner ended
    return Path("/proc").exists() and not Path(f"/proc/{pid}").exists()
