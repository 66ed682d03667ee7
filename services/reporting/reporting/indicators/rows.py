"""Which rows of the read model count in a scope, and what each of them counts for.

Queries are made once, with places for the scope: making one takes longer than running it.
"""

from typing import Any

import sqlalchemy as sa
from essaim.keeping.database import Instant

_EDITION: sa.BindParameter[Any] = sa.bindparam("edition", type_=sa.Uuid)
_PROGRAMME: sa.BindParameter[Any] = sa.bindparam("programme", type_=sa.String)
_UNTIL: sa.BindParameter[Any] = sa.bindparam("until", type_=Instant)


def heard(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What had been said, whatever the edition."""
    return table.c.at < _UNTIL


def known(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What had been said in the edition."""
    return sa.and_(table.c.edition_id == _EDITION, heard(table))


def of_edition(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What belongs to the edition, whenever it was said."""
    return table.c.edition_id == _EDITION


def in_programme(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What had been said in the programme, whatever the edition."""
    return sa.and_(table.c.programme == _PROGRAMME, heard(table))


def counted(rows: sa.FromClause, part: Any = None, amount: Any = None) -> "sa.Select[Any]":
    """One row of evidence for each of these rows: counted as one, or by `amount`."""
    project_id = rows.c.project_id if "project_id" in rows.c else sa.null()
    return sa.select(
        rows.c.fact_id,
        rows.c.source,
        rows.c.seq,
        rows.c.at,
        sa.type_coerce(project_id, sa.Uuid).label("project_id"),
        (sa.literal(1) if amount is None else amount).label("amount"),
        (sa.null() if part is None else part).label("part"),
    )


def latest(table: sa.Table, *of: "sa.Column[Any]") -> sa.Subquery:
    """The last row known of each thing that `of` names, by order of the stream."""
    return sa.select(table).where(known(table), is_last(table, *of)).subquery()


def is_last(table: sa.Table, *of: "sa.Column[Any]") -> sa.ColumnElement[bool]:
    """Whether nothing later had been said of the same thing, which `of` names.

    Asked row by row, with an index: sorting all rows, as a window does, takes several times longer.
    The edition is not asked again, or a database may look through all its rows for each one.
    """
    later = table.alias()
    same = (later.c[column.name] == column for column in of)
    return ~sa.exists().where(*same, later.c.seq > table.c.seq, heard(later))
