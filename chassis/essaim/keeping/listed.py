"""Texts that lists search and put in order: beside each stand what finds it and what orders it.

Both are kept in the row, written by the functions of `text.collation`, so that SQLite and
PostgreSQL agree whatever their own collations. A table declares such a text by `*listed(…)`;
inserts then fill the two by themselves, updates through `with_keys`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from essaim.text.collation import order_key, search_text


class OrderKey(sa.types.TypeDecorator[str]):
    """What orders a text: compared sign by sign, in whatever collation the database is."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        by_sign = sa.String(collation="C") if dialect.name == "postgresql" else sa.String()
        return dialect.type_descriptor(by_sign)


class by_sign(FunctionElement[str]):
    """A code in an order, compared sign by sign as an OrderKey is: `by_sign(column)`."""

    name = "by_sign"
    type = OrderKey()
    inherit_cache = True


@compiles(by_sign)
def _as_it_is(element: by_sign, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(by_sign, "postgresql")
def _in_c(element: by_sign, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)} COLLATE "C")'


class mostly(FunctionElement[bool]):
    """A condition that most rows of a table meet, as « of this call »: `mostly(condition)`.

    SQLite, which counts nothing by itself, takes an equality for one that few rows meet, and would
    look at all of these rather than at the few that another condition names.
    """

    name = "mostly"
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "mostly":
        return self  # SQLAlchemy would compare it with 1, which no index serves


@compiles(mostly)
def _itself(element: mostly, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(mostly, "sqlite")
def _likely(element: mostly, compiler: SQLCompiler, **options: Any) -> str:
    return f"likelihood({compiler.process(element.clauses, **options)}, 0.9)"


class one_by_one(FunctionElement[bool]):
    """A condition looked at in each row of a list that is read in its order until a page is full.

    SQLite, which does not count on so early an end, would read all rows that an index has of the
    condition and put them in order.
    """

    name = "one_by_one"
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "one_by_one":
        return self


@compiles(one_by_one)
def _planned(element: one_by_one, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(one_by_one, "sqlite")
def _without_index(element: one_by_one, compiler: SQLCompiler, **options: Any) -> str:
    return f"+({compiler.process(element.clauses, **options)})"


_KEPT: dict[str, tuple[type[sa.types.TypeEngine[str]], Callable[[str], str]]] = {
    "search": (sa.Text, search_text),
    "order": (OrderKey, order_key),
}


def listed(text: "sa.Column[str]") -> "tuple[sa.Column[str], ...]":
    """A column of texts and the two that find and order them."""
    return text, *(key_column(text.name, kind) for kind in _KEPT)


def key_column(text: str, kind: str) -> "sa.Column[str]":
    """The column that finds (`search`) or orders (`order`) the texts of the column named."""
    type_, make = _KEPT[kind]
    return kept_beside(text, f"{text}_{kind}", type_, make)


def kept_beside(
    column: str,
    name: str,
    type_: "type[sa.types.TypeEngine[Any]] | sa.types.TypeEngine[Any]",
    make: Callable[[Any], Any],
) -> "sa.Column[Any]":
    """A column made from what another holds, whenever that is written."""

    def made(context: Any) -> Any:
        return _made(make, context.get_current_parameters().get(column))

    return sa.Column(name, type_, default=made, info={"text": column, "make": make})


def find_by(text: "sa.ColumnElement[Any]") -> "sa.ColumnElement[str]":
    """What a column of texts is found by.

    Raises:
        ValueError: its table does not declare it by `listed`.
    """
    return _beside(text, "search")


def order_of(text: "sa.ColumnElement[Any]") -> "sa.ColumnElement[str]":
    """What a column of texts is put in order by.

    Raises:
        ValueError: its table does not declare it by `listed`.
    """
    return _beside(text, "order")


def _beside(text: "sa.ColumnElement[Any]", kind: str) -> "sa.ColumnElement[str]":
    table = text.table if isinstance(text, sa.Column) else None
    key = f"{text.name}_{kind}" if isinstance(text, sa.Column) else ""
    if table is None or key not in table.columns:
        raise ValueError(
            f"{text} has no key to {kind} by. Declare it by *listed(Column(…)) in its table, and "
            "bring the two columns by a migration that calls fill()."
        )
    found: sa.ColumnElement[str] = table.columns[key]
    return found


@cache
def keys_of(table: sa.Table) -> "tuple[sa.Column[Any], ...]":
    return tuple(column for column in table.columns if "make" in column.info)


def with_keys(table: sa.Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a row, and the keys of those of its texts that are among them."""
    return dict(values) | {
        key.name: _made(key.info["make"], values[key.info["text"]])
        for key in keys_of(table)
        if key.info["text"] in values
    }


def shown(table: sa.Table) -> "list[sa.Column[Any]]":
    """The columns of a table without the keys of its texts."""
    return [column for column in table.columns if "make" not in column.info]


def fill(db: sa.Connection, table: str, primary_key: Iterable[str], *texts: str) -> None:
    """Make the keys of these texts for every row of a table: what a migration calls."""
    ids: list[sa.ColumnClause[Any]] = [sa.column(name) for name in primary_key]
    read = sa.select(*ids, *map(sa.column, texts)).select_from(sa.table(table))
    rows = [
        {f"at_{id.name}": row._mapping[id.name] for id in ids}
        | {
            f"{text}_{kind}": _made(make, row._mapping[text])
            for text in texts
            for kind, (_, make) in _KEPT.items()
        }
        for row in db.execute(read)
    ]
    names = [f"{text}_{kind}" for text in texts for kind in _KEPT]
    target = sa.table(table, *map(sa.column, names))
    change = sa.update(target).values({name: sa.bindparam(name) for name in names})
    for id in ids:
        change = change.where(id == sa.bindparam(f"at_{id.name}"))
    if rows:
        db.execute(change, rows)


def out_of_step(db: sa.Connection, metadata: sa.MetaData) -> list[str]:
    """The texts whose keys are not theirs, as `table.column: text`: none, if all is well."""
    found = []
    for table in metadata.tables.values():
        for key in keys_of(table):
            text, make = table.c[key.info["text"]], key.info["make"]
            found += [
                f"{table.name}.{key.name}: {row[0]}"
                for row in db.execute(sa.select(text, key))
                if row[1] != _made(make, row[0])
            ]
    return found


def _made(make: Callable[[Any], Any], text: Any) -> Any:
    return None if text is None else make(text)
