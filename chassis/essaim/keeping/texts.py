# ruff: noqa: S608 – names of tables and columns are ours, and no statement may bind them.
"""Indexes that find a word inside texts without reading them all, for every text of `listed`.

On SQLite a table of trigrams (FTS5) stands beside the table and its triggers follow whatever is
written there, by this release or an older one; on PostgreSQL pg_trgm does. They are made from what
tables declare, and again where they are not so: no migration has to name them.

Words that no trigram finds, since one is short and the others in every row, are looked for in each
text. Where rows are long, SQLite reads them in an index that has these texts side by side, with
what lists are filtered by (`searched_with` of the table's `info`).
"""

import sqlite3
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
import structlog

from essaim.keeping.listed import find_by, keys_of

log = structlog.get_logger()

Found = tuple[sa.FromClause, sa.ColumnElement[bool]]

SHORTEST = 3
"""Signs of the shortest word that they find."""

_MOST_THREES = 20
"""Of a very long word the first of these narrow enough."""

_SUFFIX = "texts"

_HAS_TRIGRAMS = "SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'"


def is_index_of_texts(name: str | None) -> bool:
    """Whether a table or index of the database is one of ours, or one that FTS5 keeps."""
    return name is not None and _SUFFIX in name.split("_")[1:]


def keep_indexes(db: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """Make the indexes that are missing, or are not as these tables need them."""
    searched = {
        table: columns
        for table in tables
        if (columns := [key.name for key in keys_of(table) if key.name.endswith("_search")])
    }
    if db.dialect.name == "sqlite":
        for table, columns in searched.items():
            _keep_on_sqlite(db, table.name, dict(_on_sqlite(table, columns)))
    elif searched and _knows_trigrams(db):
        for table, columns in searched.items():
            _keep_on_postgresql(db, table.name, columns)


def have_indexes(db: sa.Connection) -> bool:
    """Whether words of three signs are found without reading every text."""
    if db.dialect.name == "sqlite":
        return _HAS_FTS5
    if "has_trigrams" not in db.info:  # until this connection ends: indexes are made at the start
        db.info["has_trigrams"] = _one(db, _HAS_TRIGRAMS)
    return bool(db.info["has_trigrams"])


def drop_indexes(db: sa.Connection) -> None:
    """Take those of SQLite away, for a migration; PostgreSQL's go with their columns."""
    if db.dialect.name != "sqlite":
        return
    look = "SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL"
    found = [row for row in db.exec_driver_sql(look) if is_index_of_texts(row.name)]
    for row in sorted(found, key=lambda one: (one.type != "trigger", len(one.name))):
        # FTS5 keeps tables of its own, which go with the one they serve.
        db.exec_driver_sql(f"DROP {row.type} IF EXISTS {row.name}")


def rows_with(db: sa.Connection, found: sa.FromClause, text: "sa.Column[str]", word: str) -> Found:
    """`found`, which has the table of this text, and the condition that the text holds the word."""
    if db.dialect.name != "sqlite":
        return found, find_by(text).like(f"%{word}%")
    name = f"{text.name}_search"
    index = sa.table(f"{text.table.name}_{_SUFFIX}", sa.column("rowid"), sa.column(name))
    place: sa.ColumnClause[int] = sa.literal_column(f"{text.table.name}.rowid")
    return found.join(index, index.c.rowid == place), index.c[name].like(f"%{word}%")


def rows_that_may(
    db: sa.Connection, found: sa.FromClause, text: "sa.Column[str]", word: str
) -> Found:
    """As `rows_with` by the index alone, which is quick to count: of these rows, some on SQLite
    hold the word in another text of theirs, or its signs apart.
    """
    found, holds = rows_with(db, found, text, word)
    if db.dialect.name != "sqlite" or not _HAS_FTS5:
        return found, holds
    index: sa.ColumnClause[str] = sa.literal_column(f"{text.table.name}_{_SUFFIX}")
    threes = dict.fromkeys(word[at : at + SHORTEST] for at in range(len(word) - SHORTEST + 1))
    asked = " AND ".join(f'"{three}"' for three in list(threes)[:_MOST_THREES])
    return found, index.bool_op("MATCH")(asked)


def merge_erased(db: sa.Connection) -> None:
    """FTS5 marks what is deleted as gone, and drops it when it merges: do so now."""
    if db.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'"
        for name in db.exec_driver_sql(query).scalars().all():
            db.exec_driver_sql(f"INSERT INTO {name}({name}) VALUES ('optimize')")


def _keep_on_sqlite(db: sa.Connection, table: str, wanted: dict[str, str]) -> None:
    # Triggers too that an SQLite with FTS5 left here, where this one has none.
    ours = (f"{table}_{_SUFFIX}{part}" for part in ("", "_added", "_gone", "_changed", "_read"))
    names = ", ".join(f"'{name}'" for name in ours)
    look = f"SELECT name, sql FROM sqlite_master WHERE name IN ({names})"
    found = {row.name: row.sql for row in db.exec_driver_sql(look)}
    if found == wanted:
        return
    for name, sql in found.items():
        db.exec_driver_sql(f"DROP {sql.split()[1].replace('VIRTUAL', 'TABLE')} {name}")
    for sql in wanted.values():
        db.exec_driver_sql(sql)
    index = f"{table}_{_SUFFIX}"
    if wanted[index].startswith("CREATE VIRTUAL"):
        db.exec_driver_sql(f"INSERT INTO {index}({index}) VALUES ('rebuild')")


def _on_sqlite(searched: sa.Table, columns: list[str]) -> Iterator[tuple[str, str]]:
    """What there has to be, by name: the index first."""
    table = searched.name
    index, names = f"{table}_{_SUFFIX}", ", ".join(columns)
    if (others := searched.info.get("searched_with")) is not None:
        side_by_side = ", ".join((*others, *columns, *(key.name for key in searched.primary_key)))
        yield f"{index}_read", f"CREATE INDEX {index}_read ON {table} ({side_by_side})"
    if not _HAS_FTS5:
        log.warning("this SQLite has no FTS5 with trigrams: searches read every text", table=table)
        yield index, f"CREATE VIEW {index} AS SELECT rowid AS rowid, {names} FROM {table}"
        return
    yield (
        index,
        f"CREATE VIRTUAL TABLE {index} USING fts5({names}, content='{table}', "
        "content_rowid='rowid', tokenize='trigram', detail='none')",
    )
    new, old = (", ".join(f"{row}.{name}" for name in columns) for row in ("new", "old"))
    add = f"INSERT INTO {index}(rowid, {names}) VALUES (new.rowid, {new});"
    take = f"INSERT INTO {index}({index}, rowid, {names}) VALUES ('delete', old.rowid, {old});"
    differs = " OR ".join(f"new.{name} IS NOT old.{name}" for name in columns)
    for name, when, then in (
        ("added", "INSERT ON {}", add),
        ("gone", "DELETE ON {}", take),
        ("changed", f"UPDATE OF {names} ON {{}} WHEN {differs}", f"{take} {add}"),
    ):
        trigger = f"{index}_{name}"
        yield trigger, f"CREATE TRIGGER {trigger} AFTER {when.format(table)} BEGIN {then} END"


def _fts5_with_trigrams() -> bool:
    with sqlite3.connect(":memory:") as db:
        try:
            db.execute("CREATE VIRTUAL TABLE probe USING fts5(text, tokenize='trigram')")
        except sqlite3.OperationalError:
            return False
    return True


_HAS_FTS5 = _fts5_with_trigrams()


def _knows_trigrams(db: sa.Connection) -> bool:
    """Whether pg_trgm is there, or may be brought."""
    if _one(db, _HAS_TRIGRAMS):
        return True
    is_offered = _one(db, "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
    may = "SELECT 1 WHERE has_database_privilege(current_database(), 'CREATE')"
    if not is_offered or not _one(db, may):
        log.warning(
            "searches read every text: PostgreSQL lacks pg_trgm here. Install its contrib "
            "extensions, and as an administrator say CREATE EXTENSION pg_trgm in this database; "
            "its index is then made at the next start."
        )
        return False
    db.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    return True


def _keep_on_postgresql(db: sa.Connection, table: str, columns: list[str]) -> None:
    for column in columns:
        index = f"{table}_{column}_{_SUFFIX}"
        db.exec_driver_sql(
            f'CREATE INDEX IF NOT EXISTS "{index}" ON "{table}" USING gin ({column} gin_trgm_ops)'
        )


def _one(db: sa.Connection, query: str) -> bool:
    return db.exec_driver_sql(query).scalar() is not None
