"""A database that fails is an outage to wait for, not a mistake of the fact that met it."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from essaim.database import Database, is_outage


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
