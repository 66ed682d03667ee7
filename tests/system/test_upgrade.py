"""An old and a new version of a service on one database: neither stops the other."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from essaim.keeping.database import DanglingRows, Database
from essaim.keeping.migration import migrate, missing_migrations
from essaim.service import Service, installed_services
from growth import broken_by, counted, fill, tables_of

SINCE = {
    "essaim": "essaim_0006",
    "candidatures": "candidatures_0006",
    "scheduling": "scheduling_0004",
    "notifications": "notifications_0004",
    "reporting": "reporting_0003",
}
"""The tables of the first version that others run. What is taken away after it breaks them."""

SERVICES = [pytest.param(one, id=name) for name, one in installed_services().items()]


@pytest.mark.parametrize("service", SERVICES)
def test_code_of_the_first_version_works_on_the_tables_of_this_one(
    service: Service, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'grown.db'}")
    migrate(database, service, SINCE)
    with database.read() as db:
        before = tables_of(db)
    migrate(database, service)
    with database.read() as db:
        assert broken_by(before, tables_of(db)) == []
    database.close()


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_first_version_kept_is_all_there_after_an_upgrade(
    service: Service, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'kept.db'}")
    migrate(database, service, SINCE)
    with database.write() as db:
        before = fill(db)
    migrate(database, service)
    with database.read() as db:
        assert {name: count for name, count in counted(db).items() if name in before} == before
        assert db.execute(sa.text("PRAGMA foreign_key_check")).all() == []
    database.close()


def test_a_step_that_leaves_a_row_alone_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'alone.db'}")
    with database.write() as db:
        db.execute(sa.text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        db.execute(sa.text("CREATE TABLE child (of INTEGER REFERENCES parent ON DELETE CASCADE)"))
        db.execute(sa.text("INSERT INTO parent VALUES (1)"))
        db.execute(sa.text("INSERT INTO child VALUES (1)"))

    def make_anew() -> None:
        with database.reshape() as db:
            db.execute(sa.text("DROP TABLE parent"))
            db.execute(sa.text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))

    with pytest.raises(DanglingRows, match=r"1 rows .* child to parent"):
        make_anew()
    with database.write() as db:
        assert counted(db) == {"parent": 1, "child": 1}
        db.execute(sa.text("DELETE FROM parent"))
        assert counted(db) == {"parent": 0, "child": 0}
    database.close()


FIRST = "CREATE TABLE project (id TEXT PRIMARY KEY, title TEXT NOT NULL, place TEXT)"


@pytest.mark.parametrize(
    ("then", "broken"),
    [
        (["ALTER TABLE project ADD COLUMN note TEXT", "CREATE TABLE more (id TEXT NOT NULL)"], []),
        (["ALTER TABLE project ADD COLUMN seats INTEGER NOT NULL DEFAULT 0"], []),
        (["ALTER TABLE project DROP COLUMN place"], ["project.place is gone"]),
        (
            ["ALTER TABLE project RENAME COLUMN place TO town"],
            ["project.place is gone"],
        ),
        (
            [
                "DROP TABLE project",
                "CREATE TABLE project (id TEXT PRIMARY KEY, title TEXT NOT NULL, place TEXT,"
                " seats INTEGER NOT NULL)",
            ],
            ["project.seats is new, and older code gives it no value"],
        ),
        (
            [
                "DROP TABLE project",
                "CREATE TABLE project (id TEXT PRIMARY KEY, title INTEGER NOT NULL,"
                " place TEXT NOT NULL)",
            ],
            [
                "project.place may not be empty any more",
                "project.title was TEXT, and is INTEGER",
            ],
        ),
        (
            ["CREATE UNIQUE INDEX one_title ON project (title)"],
            ["project: ('title',) is unique now"],
        ),
    ],
)
def test_a_step_that_older_code_would_stumble_over_is_seen(
    then: list[str], broken: list[str]
) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as db:
        db.execute(sa.text(FIRST))
        before = tables_of(db)
        for statement in then:
            db.execute(sa.text(statement))
        assert sorted(broken_by(before, tables_of(db))) == broken
    engine.dispose()


@pytest.mark.parametrize("service", SERVICES)
def test_an_older_version_starts_on_the_tables_of_a_later_one(
    service: Service, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'later.db'}")
    migrate(database, service)
    with database.write() as db:
        for table in ("essaim_version", "service_version"):
            db.execute(sa.text(f"UPDATE {table} SET version_num = 'of_a_later_version'"))
    migrate(database, service)
    assert missing_migrations(database, service) == []
    database.close()
