"""Rows are of a fact's id and its source: another partner may use the same id."""

import sqlalchemy as sa
from alembic import op

revision = "reporting_0002"
down_revision = "reporting_0001"


def upgrade() -> None:
    db = op.get_bind()
    inspector = sa.inspect(db)
    tables = [
        table
        for table in inspector.get_table_names()
        if not table.startswith("essaim_")
        and any(column["name"] == "fact_id" for column in inspector.get_columns(table))
    ]
    # The log last: it says who said the facts of the others.
    for name in sorted(tables, key=lambda name: (name == "timeline", name)):
        _add_source(db, name)


def _add_source(db: sa.Connection, name: str) -> None:
    """Make the table anew: no database adds a column to a primary key in place."""
    before = sa.Table(name, sa.MetaData(), autoload_with=db)
    for index in before.indexes:
        op.drop_index(str(index.name), name)
    op.rename_table(name, f"{name}_before")
    columns = [_copy(column) for column in before.c]
    source = sa.Column("source", sa.String(122), primary_key=True)
    table = op.create_table(name, *columns[:1], source, *columns[1:])
    old = sa.Table(f"{name}_before", sa.MetaData(), autoload_with=db)
    rows = sa.select(*old.c, _source_of(db, old))
    db.execute(sa.insert(table).from_select([*old.c.keys(), "source"], rows))
    op.drop_table(old.name)
    for index in before.indexes:
        op.create_index(str(index.name), name, [column.name for column in index.columns])


def _source_of(db: sa.Connection, old: sa.Table) -> "sa.ColumnElement[str]":
    if old.name == "timeline_before":
        return "/" + old.c.programme + "/" + old.c.owner
    log = sa.Table("timeline", sa.MetaData(), autoload_with=db)
    said_by = "/" + log.c.programme + "/" + log.c.owner
    return sa.select(said_by).where(log.c.fact_id == old.c.fact_id).scalar_subquery()


def _copy(column: "sa.Column[object]") -> "sa.Column[object]":
    return sa.Column(
        column.name, column.type, primary_key=column.primary_key, nullable=column.nullable
    )
