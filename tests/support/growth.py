"""What a step of the tables' history would break for code that was written before it."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

AT = datetime(2020, 1, 6, 8, 30)


class Tables(NamedTuple):
    """The tables of a database, and what an insert of older code must satisfy there."""

    columns: dict[tuple[str, str], sa.engine.interfaces.ReflectedColumn]
    unique: set[tuple[str, tuple[str, ...]]]
    checked: set[tuple[str, str]]
    referring: set[tuple[str, tuple[str, ...]]]


def tables_of(db: sa.Connection) -> Tables:
    look = sa.inspect(db)
    found = Tables({}, set(), set(), set())
    for table in look.get_table_names():
        found.columns.update({(table, one["name"]): one for one in look.get_columns(table)})
        found.unique.update(
            (table, tuple(sorted(one["column_names"])))
            for one in look.get_unique_constraints(table)
        )
        found.unique.update(
            (table, tuple(sorted(name or "" for name in one["column_names"])))
            for one in look.get_indexes(table)
            if one["unique"]
        )
        found.checked.update((table, one["sqltext"]) for one in look.get_check_constraints(table))
        found.referring.update(
            (table, tuple(one["constrained_columns"])) for one in look.get_foreign_keys(table)
        )
    return found


def broken_by(before: Tables, after: Tables) -> list[str]:
    """What older code would stumble over, in words: empty where a step only adds."""
    old = {table for table, _ in before.columns}
    found = [f"{table}.{name} is gone" for table, name in before.columns.keys() - after.columns]
    for (table, name), column in after.columns.items():
        if table not in old:
            continue
        former = before.columns.get((table, name))
        needs = not column["nullable"] and column["default"] is None
        if former is None and needs:
            found.append(f"{table}.{name} is new, and older code gives it no value")
        if former is not None and former["nullable"] and needs:
            found.append(f"{table}.{name} may not be empty any more")
        if former is not None and str(former["type"]) != str(column["type"]):
            found.append(f"{table}.{name} was {former['type']}, and is {column['type']}")
    for table, columns in after.unique - before.unique:
        # What was unique by fewer columns is so by more of them.
        was = any(table == one and set(fewer) < set(columns) for one, fewer in before.unique)
        if table in old and not was:
            found.append(f"{table}: {columns} is unique now")
    for kind, then, now in (
        ("checked", before.checked, after.checked),
        ("a reference", before.referring, after.referring),
    ):
        found += [f"{table}: {what} is {kind} now" for table, what in now - then if table in old]
    return found


def fill(db: sa.Connection) -> dict[str, int]:
    """Put a row in each empty table, after those it refers to; gives how many each then has."""
    tables = sa.MetaData()
    tables.reflect(db)
    kept: dict[sa.Table, dict[str, object]] = {}
    for table in tables.sorted_tables:
        if "version_num" not in table.c and not _count(db, table):
            kept[table] = {column.name: _value(column, kept) for column in table.c}
            db.execute(sa.insert(table), kept[table])
    return counted(db)


def counted(db: sa.Connection) -> dict[str, int]:
    """How many rows each table has."""
    tables = sa.MetaData()
    tables.reflect(db)
    return {table.name: _count(db, table) for table in tables.sorted_tables}


def _count(db: sa.Connection, table: sa.Table) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _value(column: "sa.Column[Any]", kept: dict[sa.Table, dict[str, object]]) -> object:
    for reference in column.foreign_keys:
        if reference.column.table in kept:
            return kept[reference.column.table][reference.column.name]
    # A check of a table may want what is short to be empty where a long text is.
    if column.nullable and "text" not in str(column.type).lower():
        return None
    if isinstance(column.type, sa.JSON):
        return {}
    if isinstance(column.type, sa.CHAR):
        return uuid4().hex
    kind = column.type.python_type
    return {datetime: AT, date: AT.date()}.get(kind) or kind(1)
