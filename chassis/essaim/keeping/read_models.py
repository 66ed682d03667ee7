"""Rows of read models: many at once, by what costs least on each database."""

from collections.abc import Callable
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.dialects import postgresql, sqlite

from essaim.keeping.listed import keys_of, with_keys


def insert_new(db: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> int:
    """Insert rows by one statement, and say how many; those whose key is taken stay as they are.

    Every row has every column. SQLAlchemy's INSERT of many rows costs more than the database does.
    """
    if keys_of(table):
        rows = [with_keys(table, row) for row in rows]
    if db.dialect.name == "sqlite":
        sql, binds = _insert_new_on_sqlite(table)
        done = db.exec_driver_sql(
            sql,
            [
                tuple([bind(row[name]) if bind else row[name] for name, bind in binds])
                for row in rows
            ],
        )
    else:
        done = db.execute(_insert_new_on_postgresql(table), {"rows": to_json(rows).decode()})
    return done.rowcount


@cache
def _insert_new_on_sqlite(
    table: sa.Table,
) -> tuple[str, list[tuple[str, Callable[[Any], Any] | None]]]:
    """The statement, and for each column what makes its values ready for the driver."""
    dialect = sqlite.dialect()
    statement = sqlite.insert(table).on_conflict_do_nothing().compile(dialect=dialect)
    types = ((column.name, column.type.dialect_impl(dialect)) for column in table.columns)
    return str(statement), [(name, type.bind_processor(dialect)) for name, type in types]


@cache
def _insert_new_on_postgresql(table: sa.Table) -> Any:
    """All rows travel as one JSON text: one value to send, whatever their number."""
    rows = sa.func.json_populate_recordset(
        sa.literal_column(f'null::"{table.name}"'),
        sa.cast(sa.bindparam("rows", type_=sa.Text), postgresql.JSON),
    ).table_valued(*(sa.column(column.name, column.type) for column in table.columns))
    names = [column.name for column in table.columns]
    return postgresql.insert(table).from_select(names, sa.select(rows)).on_conflict_do_nothing()
