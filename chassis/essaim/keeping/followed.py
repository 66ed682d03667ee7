# ruff: noqa: S608 – names of tables and columns are ours, and no statement may bind them.
"""Columns that repeat what a row of another table says, so that one index has all a list asks.

The database itself keeps them: its triggers follow whatever is written, by this release or an
older one. They are made from what tables declare, and again where they are not so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

_SUFFIX = "followed"


@dataclass(frozen=True)
class _Followed:
    """A `column` of `table` repeats `said` of the row of `other` whose `key` is its `by`."""

    table: str
    column: str
    other: str
    said: str
    key: str
    by: str

    @property
    def name(self) -> str:
        return f"{self.table}_{self.column}_{_SUFFIX}"

    @property
    def there(self) -> str:
        """What is said of a row of `table` that is being written."""
        return f"(SELECT {self.said} FROM {self.other} WHERE {self.key} = new.{self.by})"


def followed(
    name: str, type_: "TypeEngine[str]", said: str, *, key: str, by: str
) -> "sa.Column[str]":
    """A column that repeats `said`, as `table.column`, of the row there whose `key` is its `by`."""
    return sa.Column(name, type_, info={"followed": (said, key, by)})


def keep_followed(db: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """Make the triggers that are missing or differ, and bring what they did not see."""
    for one in _declared(tables):
        make = _keep_on_sqlite if db.dialect.name == "sqlite" else _keep_on_postgresql
        if make(db, one):
            is_other = "IS NOT" if db.dialect.name == "sqlite" else "IS DISTINCT FROM"
            there = one.there.replace("new.", f"{one.table}.")
            db.exec_driver_sql(
                f"UPDATE {one.table} SET {one.column} = {there} "
                f"WHERE {one.column} {is_other} {there}"
            )


def drop_followed(db: sa.Connection) -> None:
    """Take SQLite's triggers away, for a migration that may make a table anew."""
    if db.dialect.name == "sqlite":
        look = (
            f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_{_SUFFIX}_%'"
        )
        for name in db.exec_driver_sql(look).scalars().all():
            db.exec_driver_sql(f"DROP TRIGGER {name}")


def _declared(tables: Iterable[sa.Table]) -> Iterator[_Followed]:
    for table in tables:
        for column in table.columns:
            if "followed" in column.info:
                said, key, by = column.info["followed"]
                other, _, there = said.partition(".")
                yield _Followed(table.name, column.name, other, there, key, by)


def _keep_on_sqlite(db: sa.Connection, one: _Followed) -> bool:
    """Whether they had to be made."""
    mine = f"UPDATE {one.table} SET {one.column} = {one.there} WHERE rowid = new.rowid;"
    theirs = f"UPDATE {one.table} SET {one.column} = {{}} WHERE {one.by} = {{}}.{one.key}"
    differs = f"AND {one.column} IS NOT new.{one.said}"
    wanted = {
        f"{one.name}_{when}": f"CREATE TRIGGER {one.name}_{when} AFTER {event} BEGIN {then} END"
        for when, event, then in (
            ("begun", f"INSERT ON {one.table}", mine),
            ("moved", f"UPDATE OF {one.by} ON {one.table}", mine),
            (
                "added",
                f"INSERT ON {one.other}",
                f"{theirs.format(f'new.{one.said}', 'new')} {differs};",
            ),
            (
                "changed",
                f"UPDATE OF {one.said} ON {one.other}",
                f"{theirs.format(f'new.{one.said}', 'new')} {differs};",
            ),
            ("gone", f"DELETE ON {one.other}", f"{theirs.format('NULL', 'old')};"),
        )
    }
    look = f"SELECT name, sql FROM sqlite_master WHERE name LIKE '{one.name}_%'"
    found = {row.name: row.sql for row in db.exec_driver_sql(look)}
    if found == wanted:
        return False
    for name in found:
        db.exec_driver_sql(f"DROP TRIGGER {name}")
    for sql in wanted.values():
        db.exec_driver_sql(sql)
    return True


def _keep_on_postgresql(db: sa.Connection, one: _Followed) -> bool:
    mine = f"BEGIN new.{one.column} := {one.there}; RETURN new; END"
    theirs = (
        "BEGIN IF tg_op = 'DELETE' THEN "
        f"UPDATE {one.table} SET {one.column} = NULL WHERE {one.by} = old.{one.key}; "
        f"ELSE UPDATE {one.table} SET {one.column} = new.{one.said} WHERE {one.by} = new.{one.key} "
        f"AND {one.column} IS DISTINCT FROM new.{one.said}; END IF; RETURN NULL; END"
    )
    wanted = {
        f"{one.name}_mine": (
            mine,
            f"BEFORE INSERT OR UPDATE OF {one.by} ON {one.table}",
        ),
        f"{one.name}_theirs": (
            theirs,
            f"AFTER INSERT OR DELETE OR UPDATE OF {one.said} ON {one.other}",
        ),
    }
    look = f"SELECT proname, prosrc FROM pg_proc WHERE proname IN ({_quoted(wanted)})"
    bodies = {row.proname: row.prosrc for row in db.exec_driver_sql(look)}
    look = f"SELECT tgname FROM pg_trigger WHERE tgname IN ({_quoted(wanted)})"
    triggers = set(db.exec_driver_sql(look).scalars())
    if bodies == {name: body for name, (body, _) in wanted.items()} and triggers == set(wanted):
        return False
    for name, (body, when) in wanted.items():
        db.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        )
        db.exec_driver_sql(
            f"CREATE OR REPLACE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    return True


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
