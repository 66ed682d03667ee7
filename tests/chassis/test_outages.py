"""A database that fails is an outage to wait for, not a mistake of the fact that met it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from backbone import until
from essaim.hearing.router import FactRouter
from essaim.keeping import database as database_module
from essaim.keeping.database import Database, is_outage
from essaim.loops import Parts
from essaim.running import readiness as readiness_module
from essaim.running.leadership import Leadership
from essaim.running.readiness import Readiness
from essaim.running.runtime import Runtime
from essaim.service import Service, Timer
from essaim.settings import Settings
from essaim.telling.wakeup import CHANNEL, listen
from essaim.work import Work
from waiting import PATIENCE

# Brokers and programs are started and killed here: seconds, not in `make quick`.
pytestmark = pytest.mark.slow


def failure_of(database: Database, statement: str = "select 1") -> sa.exc.SQLAlchemyError:
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, database.write() as db:
        db.execute(sa.text(statement))
    return caught.value


def test_a_folder_that_is_not_there_is_an_outage(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gone' / 'x.db'}")
    assert is_outage(failure_of(database))


def test_a_file_that_cannot_be_read_as_a_connection_is_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "x.db").mkdir()
    assert is_outage(failure_of(Database(f"sqlite:///{tmp_path / 'x.db'}")))


def test_a_disk_that_is_full_is_an_outage_and_nothing_is_half_saved(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.write() as db:
        db.execute(sa.text("create table x (body blob)"))
    sa.event.listen(database.engine, "begin", _keep_small)
    many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200) "
    assert is_outage(failure_of(database, f"insert into x {many} select zeroblob(4000) from n"))
    with database.read() as db:
        assert db.execute(sa.text("select count(*) from x")).scalar_one() == 0
    database.close()


def _keep_small(connection: sa.Connection) -> None:
    connection.exec_driver_sql("pragma max_page_count = 20")


def test_a_statement_that_is_wrong_is_no_outage(database: Database) -> None:
    assert not is_outage(failure_of(database, "select nothing from nowhere"))


def test_a_session_postgresql_ended_is_an_outage_and_the_next_one_works(
    postgres_url: sa.URL,
) -> None:
    """As after its restart, or when a stopped process held its locks for too long."""
    database = Database(postgres_url.render_as_string(hide_password=False))
    ended = "select pg_terminate_backend(pg_backend_pid())"
    assert is_outage(failure_of(database, ended))
    with database.write() as db:
        held = db.execute(sa.text("show idle_in_transaction_session_timeout")).scalar_one()
    assert held == "1min"
    database.close()


@pytest.fixture
async def beaten(tmp_path: Path, database_url: str) -> AsyncIterator[Runtime]:
    """A service with a timer that beats often; nobody listens where it looks for its broker."""

    def beat(work: Work) -> bool:
        work.db.execute(sa.text("select 1"))
        return False

    timers = (Timer("beat", beat, every_seconds=0.02),)
    service = Service("scheduling", "s", sa.MetaData(), FactRouter("scheduling"), (), timers=timers)
    settings = Settings(data=tmp_path, database_url=database_url, nats_url="nats://127.0.0.1:9")
    runtime = Runtime(service, settings)
    await runtime.start()
    yield runtime
    await runtime.stop()


async def test_a_database_that_is_out_is_one_line_of_the_log_and_so_is_its_return(
    beaten: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: beaten.is_active)
    monkeypatch.setattr("essaim.keeping.lease.RENEWAL", 0.1)
    down = sa.exc.TimeoutError("no connection to be had")
    beats: list[int] = []

    def refuse(durable: bool = True) -> object:
        beats.append(1)
        raise down

    with structlog.testing.capture_logs() as lines:
        with monkeypatch.context() as outage:
            outage.setattr(beaten.database, "_transaction", refuse)
            await until(lambda: len(beats) > 20)
        await until(lambda: any("again" in line["event"] for line in lines))
    told = [line for line in lines if "database" in line["event"]]
    assert [(line["event"], line["log_level"]) for line in told] == [
        ("the database cannot be used; all waits for it", "warning"),
        ("the database can be used again", "info"),
    ]
    assert told[0]["reason"] == "no connection to be had"
    assert not [line for line in lines if line.get("exc_info")]


def words_on_database(readiness: Readiness) -> str:
    return next(part.words for part in readiness.parts if part.name == "database")


async def test_a_database_that_is_frozen_does_not_keep_readiness_waiting(
    beaten: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: beaten.is_active)
    monkeypatch.setattr(readiness_module, "LOOK", 0.2)
    thawed = threading.Event()
    inside: list[int] = []
    read = beaten.database.read

    @contextmanager
    def frozen() -> Iterator[sa.Connection]:
        inside.append(1)
        try:
            thawed.wait(PATIENCE)
            with read() as db:
                yield db
        finally:
            inside.pop()

    monkeypatch.setattr(beaten.database, "read", frozen)
    asked = [asyncio.to_thread(beaten.readiness) for _ in range(20)]
    answers = await asyncio.gather(*asked)
    assert {words_on_database(one) for one in answers} == {"does not answer within 0.2 s"}
    thawed.set()
    await until(lambda: words_on_database(beaten.readiness()) == "answers")
    await until(lambda: not inside)


async def test_an_instance_that_cannot_renew_its_lease_says_so_though_it_has_nothing_to_tell(
    beaten: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(lambda: beaten.is_active)
    monkeypatch.setattr(Leadership, "is_held", False)
    assert [part.ok for part in beaten.readiness().parts if part.name == "lease"] == [False]


def test_who_waits_to_write_behind_one_who_never_ends_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a handler that hangs: pages say so, they do not hang with it."""
    monkeypatch.setattr(database_module, "_PATIENCE", 0.1)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    begun, ended = threading.Event(), threading.Event()

    def hang() -> None:
        with database.write():
            begun.set()
            ended.wait(PATIENCE)

    one = threading.Thread(target=hang)
    one.start()
    begun.wait(PATIENCE)
    failure = failure_of(database)
    assert is_outage(failure)
    assert "another transaction" in str(failure)
    ended.set()
    one.join()
    with database.write() as db:
        assert db.execute(sa.text("select 1")).scalar_one() == 1
    database.close()


def test_a_postgresql_that_vanished_is_given_up_in_seconds_not_in_hours(
    postgres_url: sa.URL,
) -> None:
    database = Database(postgres_url.render_as_string(hide_password=False))
    with database.read() as db:
        driver = db.connection.driver_connection
        assert driver is not None
        held = driver.info.get_parameters()
    assert (held["connect_timeout"], held["tcp_user_timeout"]) == ("5", "10000")
    assert int(held["keepalives_idle"]) + 2 * 3 <= 11
    database.close()


async def test_a_listener_whose_connection_is_lost_says_so_and_listens_again(
    postgres_url: sa.URL,
) -> None:
    database = Database(postgres_url.render_as_string(hide_password=False))
    woken = asyncio.Event()
    parts = Parts(lambda name, error: None)
    parts.start("wakeup", lambda: listen(database, woken.set))
    (part,) = parts
    await until(lambda: listeners(database))
    with database.write() as db:
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'"
        db.execute(sa.text(ended))
    assert "not listening for commits" in await until(lambda: part.trouble)
    await until(lambda: part.trouble is None)
    with database.write() as db:
        db.execute(sa.text(f"notify {CHANNEL}"))
    await asyncio.wait_for(woken.wait(), PATIENCE)
    await parts.end()
    database.close()


def listeners(database: Database) -> int:
    query = "select count(*) from pg_stat_activity where query like 'LISTEN%'"
    with database.read() as db:
        return int(db.execute(sa.text(query)).scalar_one())
