"""The instant at which several databases are saved: nobody tells anything while it lasts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from essaim.backup.cut import NoCut, cut
from essaim.clock import SystemClock
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.keeping.tables import outbox
from essaim.service import Service
from essaim.telling.outbox import hold_telling
from essaim.work import open_work
from essaim_contracts.candidatures import PersonErased


@pytest.fixture
def other(service: Service, tmp_path: Path) -> Iterator[Database]:
    """A second partner's database, on SQLite."""
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    migrate(database, service)
    yield database
    database.close()


def test_nobody_tells_between_the_first_snapshot_and_the_last(
    database: Database, other: Database
) -> None:
    """Else the last could show as handled what the first does not show as told."""
    could_tell: list[bool] = []

    @sa.event.listens_for(other.engine, "checkout")
    def try_to_tell(*_: object) -> None:
        could_tell.append(tells_at_once(database))

    with cut({"one": database, "other": other}):
        # The other's connections: the one that holds, then that of its snapshot.
        assert could_tell == [False, False]
        assert tells_at_once(database)


def test_a_snapshot_stays_as_it_was_while_its_service_goes_on(
    database: Database, other: Database
) -> None:
    tell(database)
    with cut({"one": database, "other": other}) as snapshots:
        tell(database)
        tell(other)
        assert [told_in(db) for db in snapshots.values()] == [1, 0]
    with database.read() as db:
        assert told_in(db) == 2


def test_a_database_that_somebody_holds_gives_no_backup_and_keeps_nobody_waiting(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("essaim.backup.cut._PATIENCE", 0.1)
    with database.write() as db:
        hold_telling(db, 2)
        with (
            pytest.raises(NoCut, match="Nothing was saved"),
            cut({"other": other, "one": database}),
        ):
            raise AssertionError("it was saved")
    tell(other)


def tell(database: Database) -> None:
    with open_work(database, SystemClock()) as work:
        work.tell(PersonErased(person_id=new_id(), erased_at=work.now), programme="network")


def told_in(db: sa.Connection) -> int:
    return int(db.scalar(sa.select(sa.func.count()).select_from(outbox)) or 0)


def tells_at_once(database: Database) -> bool:
    """Whether somebody could tell now, without waiting for anybody."""
    engine = sa.create_engine(
        database.engine.url,
        poolclass=sa.NullPool,
        connect_args={"timeout": 0} if database.is_sqlite else {},
    )
    with engine.connect() as db:
        if database.is_sqlite:
            try:
                db.exec_driver_sql("BEGIN IMMEDIATE")
            except sa.exc.OperationalError:
                return False
            return True
        return bool(db.scalar(sa.text("select pg_try_advisory_xact_lock(6648691)")))
