"""For how long each row of the read model counts, and which of them count in a scope.

A fact counts from the instant it was said until another one says otherwise: `since` and `until`.
What was known at the end of a day is then a condition, and the counters are the same rows added
up. Queries are made once, with places for the scope: making one takes longer than running it.
"""

from typing import Any

import sqlalchemy as sa
from essaim.keeping.database import Instant
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from reporting.scope import FOR_EVER

_EDITION: sa.BindParameter[Any] = sa.bindparam("edition", type_=sa.Uuid)
_PROGRAMME: sa.BindParameter[Any] = sa.bindparam("programme", type_=sa.String)
_UNTIL: sa.BindParameter[Any] = sa.bindparam("until", type_=Instant)

NEVER: "sa.ColumnElement[Any]" = sa.literal(FOR_EVER, Instant)
"""When what nothing later replaces ceases to count."""


class earlier(FunctionElement[Any]):
    """The first of some instants."""

    name = "earlier"
    type = Instant()
    inherit_cache = True


class later(FunctionElement[Any]):
    """The last of some instants."""

    name = "later"
    type = Instant()
    inherit_cache = True


_FUNCTIONS = {
    ("earlier", "sqlite"): "min",
    ("earlier", "postgresql"): "least",
    ("later", "sqlite"): "max",
    ("later", "postgresql"): "greatest",
}


@compiles(earlier)
@compiles(later)
def _chosen(element: "earlier | later", compiler: SQLCompiler, **options: Any) -> str:
    name = _FUNCTIONS[element.name, compiler.dialect.name]
    return f"{name}({compiler.process(element.clauses, **options)})"


def heard(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What had been said, whatever the edition."""
    return table.c.at < _UNTIL


def known(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """What had been said in the edition."""
    return sa.and_(table.c.edition_id == _EDITION, heard(table))


def of_edition(rows: sa.FromClause) -> sa.ColumnElement[bool]:
    """What belongs to the edition, whenever it was said."""
    return rows.c.edition_id == _EDITION


def of_programme(rows: sa.FromClause) -> sa.ColumnElement[bool]:
    """What belongs to the programme, whenever it was said."""
    return rows.c.programme == _PROGRAMME


def alive(rows: sa.FromClause) -> sa.ColumnElement[bool]:
    """What counted at the end of the scope's day."""
    # Of the bare column a database would take an index on instants, then sort all that it finds.
    since = later(rows.c.since, rows.c.since)
    return sa.and_(since < _UNTIL, rows.c.until >= _UNTIL)


def in_edition(rows: sa.FromClause) -> sa.Subquery:
    """Those of the edition that counted then."""
    return sa.select(rows).where(of_edition(rows), alive(rows)).subquery()


def first_said(table: sa.FromClause, *conditions: "sa.ColumnElement[bool]") -> Any:
    """When such a row was first said; NEVER when none was."""
    first = sa.select(sa.func.min(table.c.at)).where(*conditions).correlate_except(table)
    return sa.func.coalesce(first.scalar_subquery(), NEVER, type_=Instant)


def replaced(table: sa.Table, *of: str) -> Any:
    """When something later in the stream was first said of the same thing, which `of` names."""
    newer = table.alias()
    same = (newer.c[name] == table.c[name] for name in of)
    return first_said(newer, *same, newer.c.seq > table.c.seq)


def lasting(table: sa.Table, *of: str) -> sa.Subquery:
    """Each row for as long as it is the last one about what `of` names, in the stream's order.

    Asked row by row, with an index: sorting all rows, as a window does, takes several times longer.
    """
    since, until = table.c.at.label("since"), replaced(table, *of).label("until")
    return sa.select(table, since, until).subquery()


def first_of_each(rows: sa.FromClause, thing: str, *columns: str) -> "sa.Select[Any]":
    """For each thing of an edition, the first of its rows in the stream, for as long as it is.

    Another one may be the first for a while. `columns` are those to take beside the fact's.
    """
    of = ("edition_id", thing)
    ends = (sa.select(*(rows.c[name] for name in (*of, end))) for end in ("since", "until"))
    ends_of_all = sa.union(*ends).subquery()
    moment = ends_of_all.c.since
    each = [ends_of_all.c[name] for name in of]
    following = sa.func.lead(moment).over(partition_by=each, order_by=moment)
    spans = sa.select(*each, moment, sa.func.coalesce(following, NEVER).label("until")).subquery()
    then = [spans.c[name] for name in (*of, "since")]
    order = (rows.c.seq, rows.c.fact_id, rows.c.source)
    rank = sa.func.row_number().over(partition_by=then, order_by=order)
    same = (rows.c[name] == spans.c[name] for name in of)
    counts = (rows.c.since <= spans.c.since, spans.c.since < rows.c.until)
    names = ("fact_id", "source", "seq", "at", *of, *columns)
    ranked = (
        sa.select(
            *(rows.c[name] for name in names), spans.c.since, spans.c.until, rank.label("rank")
        )
        .join(spans, sa.and_(*same, *counts))
        .subquery()
    )
    taken = (ranked.c[name] for name in (*names, "since", "until"))
    return sa.select(*taken).where(ranked.c.rank == 1)
