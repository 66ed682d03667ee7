"""What figures add up to, kept from the rows of facts as they come."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import insert_of

from reporting.store.table import metadata
from reporting.store.timeline import timeline

NOW = date.max
"""The day under which a counter holds what all days add up to."""

NOWHERE = UUID(int=0)
"""The edition of what belongs to a programme alone."""

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("edition_id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("indicator", sa.String(60), primary_key=True),
    sa.Column("part", sa.String(120), primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.BigInteger, nullable=False),
    info={"derived": True},
    sqlite_with_rowid=False,
)
"""By how much a part of a figure changed on a day in Paris, and all of it under NOW.

Of what belongs to an edition `programme` is empty; of the rest `edition_id` is NOWHERE. `facts`
counts rows of evidence. A counter of nothing is not kept.
"""

heard_by = sa.Table(
    "heard_by",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
    info={"derived": True},
)
"""The last place in the stream of what was said on a day in Paris."""

counted_as = sa.Table(
    "counted_as",
    metadata,
    sa.Column("indicators", sa.String(64), primary_key=True),
    info={"derived": True},
)
"""What the counters were made by, as `counting.MADE_BY`; empty before they are."""


class Part(NamedTuple):
    """What a counter is of."""

    edition_id: UUID
    programme: str
    day: date
    indicator: str
    part: str


Amounts = dict[Part, tuple[int, int]]
"""An amount and a number of rows."""


_NAMED = (counter.c[name] == sa.bindparam(f"of_{name}") for name in Part._fields)
_EMPTY = sa.delete(counter).where(*_NAMED, counter.c.amount == 0, counter.c.facts == 0)


def add_to(db: sa.Connection, changes: Amounts) -> None:
    """Add to the counters; what comes to nothing is removed."""
    changed = {
        part: (amount, facts) for part, (amount, facts) in changes.items() if amount or facts
    }
    if not changed:
        return
    parts = [part._asdict() for part in changed]
    amounts = [{"amount": amount, "facts": facts} for amount, facts in changed.values()]
    db.execute(
        _adding(db.dialect.name),
        [part | amount for part, amount in zip(parts, amounts, strict=True)],
    )
    db.execute(_EMPTY, [{f"of_{name}": value for name, value in one.items()} for one in parts])


@cache
def _adding(dialect: str) -> Any:
    adding = insert_of(dialect, counter)
    sums = {name: counter.c[name] + adding.excluded[name] for name in ("amount", "facts")}
    return adding.on_conflict_do_update(index_elements=list(counter.primary_key), set_=sums)


def note_heard(db: sa.Connection, last: dict[date, int]) -> None:
    """Move on the last place of these days."""
    rows = [{"day": day, "last": seq} for day, seq in last.items()]
    if rows:
        db.execute(_noting(db.dialect.name), rows)


@cache
def _noting(dialect: str) -> Any:
    noting = insert_of(dialect, heard_by)
    further = noting.excluded["last"] > heard_by.c["last"]
    return noting.on_conflict_do_update(
        index_elements=[heard_by.c.day], set_={"last": noting.excluded["last"]}, where=further
    )


_BY_DAY = sa.select(sa.func.max(heard_by.c["last"])).where(heard_by.c.day <= sa.bindparam("day"))


def last_heard(db: sa.Connection, day: date) -> int:
    """The place in the stream of the last fact said by the end of a day; 0 when there is none."""
    return db.scalar(_BY_DAY, {"day": day}) or 0


_COUNTED = sa.select(
    counted_as.c.indicators,
    sa.select(sa.func.max(heard_by.c["last"])).scalar_subquery(),
    sa.select(sa.func.max(timeline.c.seq)).scalar_subquery(),
)


def is_counted(db: sa.Connection, made_by: str) -> bool:
    """Whether the counters are made by these indicators, and of all that was heard."""
    found = db.execute(_COUNTED).one_or_none()
    if found is None:
        return False
    indicators, counted, heard = found
    return (indicators, counted) == (made_by, heard)


def _amounts() -> "sa.Select[Any]":
    of = sa.or_(
        sa.and_(counter.c.edition_id == sa.bindparam("edition"), counter.c.programme == ""),
        sa.and_(counter.c.edition_id == NOWHERE, counter.c.programme == sa.bindparam("programme")),
    )
    days = counter.c.day.between(sa.bindparam("first"), sa.bindparam("last"))
    sums = (sa.func.sum(counter.c[name]) for name in ("amount", "facts"))
    query = sa.select(counter.c.indicator, counter.c.part, *sums)
    return query.where(of, days).group_by(counter.c.indicator, counter.c.part)


_AMOUNTS = _amounts()
_AMOUNTS_OF_ONE = _AMOUNTS.where(counter.c.indicator == sa.bindparam("indicator"))


def load_amounts(
    db: sa.Connection, edition_id: UUID, programme: str, day: date | None, one: str | None = None
) -> Iterable[tuple[str, str, int, int]]:
    """(indicator, part, amount, rows) as known at the end of a day, or now; of all, or of one."""
    query = _AMOUNTS if one is None else _AMOUNTS_OF_ONE
    asked: dict[str, Any] = {
        "edition": edition_id,
        "programme": programme,
        "first": NOW if day is None else date.min,
        "last": day or NOW,
    }
    for row in db.execute(query, asked | ({"indicator": one} if one else {})):
        if row[3] or row[2]:
            yield row[0], row[1], int(row[2]), int(row[3])
