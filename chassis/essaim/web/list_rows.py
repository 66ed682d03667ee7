"""The rows of one page of a list, found without reading the whole of it.

Few rows are put in order by themselves. Of many, those in front are read in the order of an index
until the page is full; where codes are in the order of their words, code after code. So a page
takes as long among a hundred thousand rows as among ten thousand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeGuard, cast

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from essaim.keeping.listed import OrderKey, mostly, one_by_one
from essaim.keeping.texts import have_indexes
from essaim.web.search import MOST_NAMED, Search

_LOOKED_AT = 2 * MOST_NAMED
"""Rows in which a common word is looked for first: they hold it often enough, or it is rare."""

_GLANCED_AT = 60
"""Rows among these: where hardly any holds it, the others are not looked at."""

Query = sa.Select[Any]


@dataclass(frozen=True)
class Order:
    """What a list is ordered by; `code` and `codes` where these are codes, in their order."""

    by: sa.ColumnElement[Any] | None = None
    is_descending: bool = False
    code: sa.ColumnElement[Any] | None = None
    codes: tuple[str, ...] = ()

    def put(self, query: Query, ties: Sequence[sa.ColumnElement[Any]]) -> Query:
        if self.by is None:
            return query
        ordered = self.by.desc() if self.is_descending else self.by.asc()
        if getattr(self.by, "nullable", True):
            ordered = ordered.nulls_last()  # where the databases would differ
        return query.order_by(None).order_by(ordered, *ties)


def rank_of(code: sa.ColumnElement[Any], codes: Sequence[str]) -> sa.ColumnElement[Any]:
    """The place of a code among all, by what each is called; those that nothing calls after."""
    ranks = {value: rank for rank, value in enumerate(codes)}
    others = sa.case((code.is_not(None), len(ranks)))
    return sa.case(ranks, value=code, else_=others) if ranks else sa.null()


@dataclass(frozen=True)
class Chosen:
    """The rows of `query`, which `key` names, that meet what somebody chose."""

    query: Query
    key: "sa.Column[Any]"
    order: Order
    ties: Sequence[sa.ColumnElement[Any]]
    filters: Sequence[sa.ColumnElement[bool]] = ()
    searches: Sequence[tuple[Search, str]] = ()

    @property
    def found(self) -> Query:
        """As a whole, each word looked up once."""
        holding = (one.condition(words) for one, words in self.searches)
        return self.query.where(*self.filters, *(one for one in holding if one is not None))

    @property
    def walked(self) -> Query:
        """In an order and until there are enough, so each row is looked at by itself."""
        holding = (one.holding(words, one_by_one=True) for one, words in self.searches)
        return self.query.where(*map(one_by_one, self.filters), *holding)


class Found(NamedTuple):
    """How many rows there are: exactly, or at least.

    `keys` has all of them in their order, where they are few.
    """

    total: int
    is_least: bool = False
    keys: Sequence[Any] | None = None


def find(db: sa.Connection, chosen: Chosen, *, is_exact: bool) -> Found:
    """How many there are; not `is_exact`, many that hold words are not counted."""
    is_common = bool(chosen.searches) and _are_common(db, chosen)
    if is_common and not is_exact:
        return Found(MOST_NAMED, is_least=True)
    narrowed = chosen if is_common else _narrowed(db, chosen)
    if not is_common and (chosen.filters or chosen.searches):
        keys = _few(db, narrowed)
        if keys is not None:
            return Found(len(keys), keys=keys)
        if narrowed.searches and not is_exact:
            return Found(MOST_NAMED, is_least=True)
    return Found(db.execute(_alone(narrowed.found, sa.func.count(chosen.key))).scalar_one())


def cut(db: sa.Connection, chosen: Chosen, found: Found, size: int, first: int) -> Sequence[Any]:
    """The keys of the rows from `first` on, at most `size`, in no order."""
    if found.keys is not None:
        return found.keys[first : first + size]
    if chosen.order.code is not None:
        return _cut_through_codes(db, chosen, chosen.order.code, size, first)
    wanted = _keys(chosen.order.put(chosen.walked, chosen.ties), chosen.key)
    by = chosen.order.by
    if by is not None and _is_key_elsewhere(by, chosen.key):
        # What is not said comes last: before that, the list may be read in the order of the
        # other table's index.
        keys = _cut(db, _looked_at_last(wanted.where(by >= "")), size, first)
        if len(keys) == size:
            return keys
    return _cut(db, wanted, size, first)


def cut_of_found(
    db: sa.Connection,
    query: Query,
    order: Order,
    ties: Sequence[sa.ColumnElement[Any]],
    size: int,
    first: int,
) -> tuple[int, Sequence[sa.Row[Any]]]:
    """How many rows a query finds, and those from `first` on: each is looked at once.

    None from `first` on, it says 0 where there are none at all, else how many there are.
    """
    shown = query.selected_columns.keys()
    by = sa.null() if order.by is None else order.by
    ordered = {f"ordered_{nth}": one for nth, one in enumerate((by, *ties))}
    labelled = (one.label(name) for name, one in ordered.items())
    # Left to itself, SQLite would look through all the rows again for each that it finds.
    found = query.add_columns(*labelled).cte("found").prefix_with("MATERIALIZED")
    by, *ties = (found.c[name] for name in ordered)
    total = sa.select(sa.func.count()).select_from(found).scalar_subquery().label("found_in_all")
    cut = sa.select(*(found.c[name] for name in shown), total).limit(size).offset(first)
    put = replace(order, by=by).put(
        cut, [one.desc() if order.is_descending else one for one in ties]
    )
    read = db.execute(put).freeze()
    rows = read().columns(*shown).all()
    if not rows:
        return count(db, query) if first else 0, rows
    return read().scalars("found_in_all").first() or 0, rows


def count(db: sa.Connection, query: Query) -> int:
    # OFFSET keeps SQLite from merging the two queries: it would then make every outer join,
    # also those that change nothing to what is counted.
    counted = query.order_by(None).offset(0).subquery()
    return db.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one()


def _alone(query: Query, *columns: sa.ColumnElement[Any]) -> Query:
    """These columns of the rows of a query, without the outer joins that they need not.

    Each joins one row at most, or no key would name a row of the list.
    """
    whole = query.with_only_columns(*columns, maintain_column_froms=True).order_by(None)
    (source, *others), conditions = query.get_final_froms(), query.whereclause
    if others:
        return whole
    asked = [one for one in (*columns, conditions) if one is not None]
    used = {one.table for part in asked for one in visitors.iterate(part) if _is_column(one)}
    while isinstance(source, sa.Join) and source.isouter and source.right not in used:
        source = source.left
    alone = sa.select(*columns).select_from(source)
    return alone if conditions is None else alone.where(conditions)


def _is_column(part: object) -> TypeGuard["sa.Column[Any]"]:
    return isinstance(part, sa.Column)


def _narrowed(db: sa.Connection, chosen: Chosen) -> Chosen:
    """With rare words as the keys of the rows that hold them; those of many rows are left."""
    if not chosen.searches or not have_indexes(db):
        return chosen
    named, left = [], []
    for one, words in chosen.searches:
        few = one.few(db, chosen.key, words)
        if few is None:
            left.append((one, words))
        else:
            named.append(few)
    return replace(chosen, filters=(*chosen.filters, *named), searches=tuple(left))


def _are_common(db: sa.Connection, chosen: Chosen) -> bool:
    return _hold(db, chosen, _GLANCED_AT) > _GLANCED_AT // 4 and (
        _hold(db, chosen, _LOOKED_AT) > MOST_NAMED
    )


def _hold(db: sa.Connection, chosen: Chosen, looked_at: int) -> int:
    """How many of the first rows there are meet what was chosen, counted until they are many."""
    first = _alone(chosen.query, chosen.key).limit(looked_at)
    among = chosen.walked.where(chosen.key.in_(first.subquery().select()))
    return len(db.scalars(_alone(among, chosen.key).limit(MOST_NAMED + 1)).all())


def _few(db: sa.Connection, chosen: Chosen) -> Sequence[Any] | None:
    """Their keys in the order of the list; None where they are many."""
    some = _alone(chosen.found, chosen.key).limit(MOST_NAMED + 1)
    ordered = chosen.order.put(
        chosen.query.where(chosen.key.in_(some.subquery().select())), chosen.ties
    )
    keys = db.scalars(_keys(ordered, chosen.key)).all()
    return keys if len(keys) <= MOST_NAMED else None


def _cut_through_codes(
    db: sa.Connection, chosen: Chosen, code: sa.ColumnElement[Any], size: int, first: int
) -> Sequence[Any]:
    keys: list[Any] = []
    for part, rows in _parts(db, chosen, code):
        if not chosen.searches and first >= rows:
            first -= rows
            continue
        wanted = _keys(
            chosen.walked.where(part).order_by(None).order_by(*chosen.ties),
            chosen.key,
        )
        if chosen.searches:
            # How many of them hold the words is not known: those before the page are read too.
            held = _cut(db, wanted, first + size - len(keys), 0)
            keys += held[first:]
            first = max(0, first - len(held))
        else:
            keys += _cut(db, wanted, size - len(keys), first)
            first = 0
        if len(keys) == size:
            break
    return keys


def _parts(
    db: sa.Connection, chosen: Chosen, code: sa.ColumnElement[Any]
) -> Iterator[tuple[sa.ColumnElement[bool], int]]:
    """The rows of each code in the order of the list, and how many meet its filters."""
    counted = _alone(chosen.query.where(*chosen.filters), code, sa.func.count(chosen.key))
    rows: dict[Any, int] = dict(map(tuple, db.execute(counted.group_by(code))))
    parts = [(code == value, rows.pop(value)) for value in chosen.order.codes if value in rows]
    unsaid = rows.pop(None, 0)
    if rows:
        parts.append((code.in_(list(rows)), sum(rows.values())))
    yield from reversed(parts) if chosen.order.is_descending else parts
    if unsaid:
        yield code.is_(None), unsaid


def _looked_at_last(query: Query) -> Query:
    """With what most rows meet looked at in each: an index of it would be read whole."""

    def looked_at(element: Any, **_: Any) -> Any:
        return one_by_one(*element.clauses) if isinstance(element, mostly) else None

    return cast("Query", visitors.replacement_traverse(query, {}, looked_at))


def _cut(db: sa.Connection, wanted: Query, size: int, first: int) -> Sequence[Any]:
    return db.scalars(wanted.limit(size).offset(first)).all()


def _keys(query: Query, key: "sa.Column[Any]") -> Query:
    return query.with_only_columns(key)


def _is_key_elsewhere(order: sa.ColumnElement[Any], key: "sa.Column[Any]") -> bool:
    """Whether a list is in the order of a text of another table than its own."""
    if not isinstance(order, sa.Column):
        return False
    return isinstance(order.type, OrderKey) and order.table is not key.table
