"""Lists: filtered, sorted, cut into pages and exported, all from the query parameters."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode

import sqlalchemy as sa
from essaim_contracts.words import Words
from fastapi import Request, Response
from starlette.datastructures import QueryParams

from essaim.keeping.listed import OrderKey, order_of
from essaim.refusal import Refusal, Refusals
from essaim.text.collation import order_key
from essaim.text.languages import CHASSIS, Tongue, tongue_of
from essaim.text.spreadsheet import csv_file
from essaim.web.search import Search
from essaim.web.site import gettext_of, is_api

LARGEST_PAGE = 500
LAST_PAGE = 1_000_000


@dataclass(frozen=True)
class Column:
    """A column of a list. `title` is a French msgid; `sort` is what orders it, None for nothing.

    Texts are ordered as their readers expect, codes by the words a filter has for them.
    """

    name: str
    title: str
    sort: sa.ColumnElement[Any] | None = None


@dataclass(frozen=True)
class Filter:
    """Rows whose `column` equals the choice made. Choices are (value, French msgid or words)."""

    name: str
    title: str
    column: sa.ColumnElement[Any]
    choices: Sequence[tuple[str, str | Words]]
    described: ClassVar[str] = "Only what has this value; empty, all."

    def condition(self, value: str) -> sa.ColumnElement[bool] | None:
        known = value in (choice for choice, _ in self.choices)
        return self.column == value if known else None


@dataclass(frozen=True)
class Listing:
    """How one list may be filtered and sorted. `sort` is a column's name, `-name` descending.

    `key` names a row: a page first finds the keys of its rows, then reads these rows whole, since
    sorting and counting thousands of whole rows takes several times longer. `ties` orders the rows
    that the sort leaves equal, by their key when it says nothing: without a whole order, a database
    may show a row on two pages and another one on none. `anchor` is the id of the list on its page.
    """

    columns: tuple[Column, ...]
    filters: tuple[Filter | Search, ...] = ()
    sort: str = ""
    size: int = 50
    ties: tuple[sa.ColumnElement[Any], ...] = ()
    key: sa.ColumnElement[Any] | None = None
    anchor: str = ""

    def __post_init__(self) -> None:
        for column in self.columns:
            if column.sort is not None:
                self._order(column, tongue_of(CHASSIS, "fr"))

    @property
    def sortable(self) -> list[str]:
        return [column.name for column in self.columns if column.sort is not None]

    @property
    def asked_by(self) -> frozenset[str]:
        """What programs may ask this list by, beside `page` and `size`."""
        described = (one.name for one in self.filters if one.described)
        return frozenset({"sort", *described, *(f"sort={name}" for name in self.sortable)})

    def page(
        self,
        request: Request,
        db: sa.Connection,
        query: sa.Select[Any],
        unfiltered: int | None = None,
    ) -> "ListPage":
        """The rows the query parameters ask for. What they ask wrongly is ignored.

        `unfiltered` is how many rows the query has, for who has counted them already.

        Raises:
            Refusals: (422) a program asks wrongly, which it should know.
        """
        asked = request.query_params
        if is_api(request):
            self._check_described(request)
            self.check(asked)
        chosen = self._chosen(asked)
        size = min(_number(asked.get("size"), LAST_PAGE) or self.size, LARGEST_PAGE)
        number = _number(asked.get("page"), LAST_PAGE) or 1
        sort = self._sort(asked.get("sort"))
        order = self._ordered_by(sort, gettext_of(request))
        whole = self._sorted(query, sort, order)
        wanted, counted = self._filtered(db, whole, chosen)
        keys: list[Any] = []
        total = unfiltered if counted is whole else None
        if counted is wanted and wanted is not whole:
            keys, total = self._found(db, wanted, size, number)
        if total is None:
            total = self._count(db, counted)
        pages = max(1, -(-total // size))
        # A person who goes too far sees the last page; a program reads on until one is empty.
        last = pages + 1 if is_api(request) else pages
        number = min(number, last)
        if keys and self.key is not None:
            rows = db.execute(whole.where(self.key.in_(keys))).all()
        else:
            rows = self._cut(db, wanted, order, size, (number - 1) * size)
        return ListPage(self, rows, total, number, pages, size, sort, chosen)

    def check(self, asked: QueryParams) -> None:
        """
        Raises:
            Refusals: (422) this list has no such page, size, order or choice.
        """
        wrong = [
            wrong_number(name, most)
            for name, most in (("page", LAST_PAGE), ("size", LARGEST_PAGE))
            if asked.get(name) and _number(asked[name], most) is None
        ]
        if asked.get("sort") and asked["sort"].removeprefix("-") not in self.sortable:
            wrong.append(wrong_choice("sort", self.sortable))
        for one in self.filters:
            known = [value for value, _ in one.choices]
            if known and asked.get(one.name) and asked[one.name] not in known:
                wrong.append(wrong_choice(one.name, known))
        if wrong:
            raise Refusals(wrong)

    def _check_described(self, request: Request) -> None:
        untold = self.asked_by - getattr(request.state, "listed_by", frozenset())
        if untold:
            raise UndescribedList(request.url.path, untold)

    def rows(self, request: Request, db: sa.Connection, query: sa.Select[Any]) -> sa.Result[Any]:
        """All rows of the filtered and sorted list, for an export."""
        asked = request.query_params
        query, _ = self._filtered(db, query, self._chosen(asked))
        sort = self._sort(asked.get("sort"))
        return db.execute(self._sorted(query, sort, self._ordered_by(sort, gettext_of(request))))

    def _count(self, db: sa.Connection, query: sa.Select[Any]) -> int:
        # OFFSET keeps SQLite from merging the two queries: it would then make every outer join,
        # also those that change nothing to what is counted.
        counted = self._keys(query.order_by(None)).offset(0).subquery()
        return db.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one()

    def _found(
        self, db: sa.Connection, query: sa.Select[Any], size: int, number: int
    ) -> tuple[list[Any], int | None]:
        """The keys of a page of a filtered list, and how many there are in all, asked at once.

        To find takes longer than to order. A page beyond the last one says nothing.
        """
        if self.key is None:
            return [], None
        counted = self._keys(query).add_columns(sa.func.count().over())
        found = db.execute(counted.limit(size).offset((number - 1) * size)).all()
        return [key for key, _ in found], found[0][1] if found else None

    def _cut(
        self,
        db: sa.Connection,
        query: sa.Select[Any],
        order: sa.ColumnElement[Any] | None,
        size: int,
        first: int,
    ) -> Sequence[sa.Row[Any]]:
        if self.key is None:
            return db.execute(query.limit(size).offset(first)).all()
        wanted = self._keys(query).limit(size).offset(first)
        keys: Sequence[Any] = ()
        if order is not None and _is_key_elsewhere(order, self.key):
            # What is not said comes last: before that, the list may be read in the order of the
            # other table's index.
            keys = db.scalars(wanted.where(order >= "")).all()
        if len(keys) < size:
            keys = db.scalars(wanted).all()
        return db.execute(query.where(self.key.in_(keys))).all()

    def _keys(self, query: sa.Select[Any]) -> sa.Select[Any]:
        if self.key is None:
            return query.with_only_columns(sa.literal(1), maintain_column_froms=True)
        return query.with_only_columns(self.key)

    def _chosen(self, asked: Any) -> dict[str, str]:
        given = {one.name: asked.get(one.name, "").strip() for one in self.filters}
        return {name: value for name, value in given.items() if value}

    def _filtered(
        self, db: sa.Connection, query: sa.Select[Any], chosen: dict[str, str]
    ) -> tuple[sa.Select[Any], sa.Select[Any]]:
        """The query of what was chosen, and the one to count it by: another where it is much."""
        key = self.key if isinstance(self.key, sa.Column) else None
        counted = query
        for one in self.filters:
            if not (value := chosen.get(one.name)):
                continue
            few = one.few(db, key, value) if isinstance(one, Search) else None
            condition = one.condition(value) if few is None else few
            if condition is None:
                continue
            is_same = counted is query
            counted = counted.where(condition)
            if key is not None and few is None and type(one) is Search:
                # Rows are looked at in their order until a page is full, so one by one.
                query = query.where(one.holding(value, one_by_one=True))
            else:
                query = counted if is_same else query.where(condition)
        return query, counted

    def _sort(self, asked: str | None) -> str:
        return asked if asked and asked.removeprefix("-") in self.sortable else self.sort

    def _ordered_by(self, sort: str, _: Tongue) -> sa.ColumnElement[Any] | None:
        for column in self.columns:
            if column.sort is not None and column.name == sort.removeprefix("-"):
                return self._order(column, _)
        return None

    def _sorted(
        self, query: sa.Select[Any], sort: str, order: sa.ColumnElement[Any] | None
    ) -> sa.Select[Any]:
        if order is None:
            return query
        ordered = order.desc() if sort.startswith("-") else order.asc()
        if getattr(order, "nullable", True):
            ordered = ordered.nulls_last()  # where the databases would differ
        return query.order_by(None).order_by(ordered, *self._ties())

    def _order(self, column: Column, _: Tongue) -> sa.ColumnElement[Any]:
        """What orders a column: never a database's own collation.

        Raises:
            ValueError: a text has no key to be ordered by.
        """
        sort = column.sort
        if sort is None or isinstance(sort.type, OrderKey):
            return sa.null() if sort is None else sort
        for one in self.filters:
            if one.name == column.name and isinstance(one, Filter):
                return _rank(sort, {value: _(text) for value, text in one.choices})
        return order_of(sort) if isinstance(sort.type, sa.String) else sort

    def _ties(self) -> tuple[sa.ColumnElement[Any], ...]:
        return self.ties or (() if self.key is None else (self.key,))


class UndescribedList(Exception):
    def __init__(self, path: str, untold: Iterable[str]) -> None:
        super().__init__(
            f"The list at {path} can be asked by what its API does not describe: "
            f"{', '.join(sorted(untold))}. Give its route "
            "`dependencies=[Depends(takes(…))]` with a listing that has them."
        )


@dataclass(frozen=True)
class ListPage:
    """One page of a list, and the addresses of its neighbours."""

    listing: Listing
    rows: Sequence[sa.Row[Any]]
    total: int
    number: int
    pages: int
    size: int
    sort: str
    chosen: dict[str, str] = field(default_factory=dict)

    def address(self, **changes: Any) -> str:
        """The query string of this list with something changed; None takes a parameter away."""
        now: dict[str, Any] = dict(self.chosen)
        if self.sort != self.listing.sort:
            now["sort"] = self.sort
        if self.size != self.listing.size:
            now["size"] = self.size
        kept = {name: value for name, value in (now | changes).items() if value is not None}
        return "?" + urlencode(kept) + self.place

    @property
    def narrowed(self) -> bool:
        """Whether some of the list was chosen."""
        return any(one.name in self.chosen for one in self.listing.filters if one.described)

    @property
    def whole(self) -> str:
        """The query string of the list with nothing chosen."""
        chosen = {one.name for one in self.listing.filters if one.described}
        kept = {name: value for name, value in self.chosen.items() if name not in chosen}
        return "?" + urlencode(kept) + self.place

    @property
    def place(self) -> str:
        """Where on its page the list stands, as addresses end."""
        return f"#{self.listing.anchor}" if self.listing.anchor else ""

    def sort_address(self, column: Column) -> str:
        """Sort by this column; a second time, the other way round."""
        return self.address(sort=f"-{column.name}" if self.sort == column.name else column.name)

    def direction(self, column: Column) -> Literal["ascending", "descending", "none"]:
        if self.sort.removeprefix("-") != column.name:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"


def export_csv(
    request: Request,
    db: sa.Connection,
    listing: Listing,
    query: sa.Select[Any],
    filename: str,
    write: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Response:
    """The whole filtered list as CSV (UTF-8, semicolons: what French spreadsheets open).

    It has the columns of the page, in the reader's language. What a filter offers is written with
    the words of the filter; `write` says how to write the values of other columns.
    """
    _ = gettext_of(request)
    words = {one.name: {value: _(text) for value, text in one.choices} for one in listing.filters}
    written = {name: _choice_in(known) for name, known in words.items() if known}
    written |= write or {}
    rows = (
        [
            written.get(column.name, _as_it_is)(row._mapping[column.name])
            for column in listing.columns
        ]
        for row in listing.rows(request, db, query)
    )
    return Response(
        csv_file([_(column.title) for column in listing.columns], rows, _.language),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _is_key_elsewhere(order: sa.ColumnElement[Any], key: sa.ColumnElement[Any]) -> bool:
    """Whether a list is in the order of a text of another table than its own."""
    if not (isinstance(order, sa.Column) and isinstance(key, sa.Column)):
        return False
    return isinstance(order.type, OrderKey) and order.table is not key.table


def _rank(code: sa.ColumnElement[Any], words: dict[str, str]) -> sa.ColumnElement[Any]:
    """The place of a code among all, by what each is called."""
    in_order = sorted(words, key=lambda one: order_key(words[one]))
    ranks = {value: rank for rank, value in enumerate(in_order)}
    return sa.case(ranks, value=code) if ranks else sa.null()


def _as_it_is(value: Any) -> Any:
    return value


def _choice_in(known: dict[str, str]) -> Callable[[Any], Any]:
    return lambda value: known.get(value, value)


def _number(text: str | None, most: int) -> int | None:
    """A number from 1 to `most`, None for what is none."""
    # Python makes no number of thousands of figures without being asked to.
    number = int(text) if text and len(text) < 10 and text.isdecimal() else 0
    return number if 0 < number <= most else None


def wrong_number(field: str, most: int) -> Refusal:
    return Refusal(
        "wrong_number",
        "Donnez un nombre entier de 1 à {most}.",
        field=field,
        status=422,
        most=most,
    )


def wrong_choice(field: str, choices: Iterable[str]) -> Refusal:
    return Refusal(
        "wrong_choice",
        "Choisissez l’une des valeurs proposées : {expected}.",
        field=field,
        status=422,
        expected=", ".join(choices),
    )
