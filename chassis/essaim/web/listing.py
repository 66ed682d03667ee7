"""Lists: filtered, sorted, cut into pages and exported, all from the query parameters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode

import sqlalchemy as sa
from essaim_contracts.words import Words
from fastapi import Request
from starlette.datastructures import QueryParams

from essaim.keeping.listed import OrderKey, order_of
from essaim.refusal import Refusal, Refusals
from essaim.text.collation import order_key
from essaim.text.languages import CHASSIS, Tongue, tongue_of
from essaim.web.list_rows import Chosen, Found, Order, count, cut, cut_of_found, find, rank_of
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
    that the sort leaves equal, the same way round, as an index has them; by their key when it says
    nothing. Without a whole order, a database may show a row on two pages and another on none.
    `anchor` is the id of the list on its page.
    """

    columns: tuple[Column, ...]
    filters: tuple[Filter | Search, ...] = ()
    sort: str = ""
    size: int = 50
    ties: tuple[sa.ColumnElement[Any], ...] = ()
    key: "sa.Column[Any] | None" = None
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
        size = min(_number(asked.get("size"), LAST_PAGE) or self.size, LARGEST_PAGE)
        number = _number(asked.get("page"), LAST_PAGE) or 1
        sort = self._sort(asked.get("sort"))
        order = self._ordered_by(sort, gettext_of(request))
        chosen = self._chosen(asked)
        shown = ListPage(self, (), 0, number, 1, size, sort, chosen)
        if self.key is None:
            return self._page_of_all(request, db, query, order, shown, unfiltered)
        wanted = Chosen(query, self.key, order, self._ties(order), *self._conditions(chosen))
        return self._page_by_keys(request, db, wanted, shown, unfiltered)

    def _page_of_all(
        self,
        request: Request,
        db: sa.Connection,
        query: sa.Select[Any],
        order: Order,
        shown: "ListPage",
        unfiltered: int | None,
    ) -> "ListPage":
        """A page of a list whose rows no key names: counted and put in order as they are."""
        filters, searches = self._conditions(shown.chosen)
        holding = [one.condition(words) for one, words in searches]
        conditions = [*filters, *(one for one in holding if one is not None)]
        wanted = query.where(*conditions)
        if conditions:
            total, rows = cut_of_found(db, wanted, order, self.ties, shown.size, shown.first)
            turned = _turned(request, replace(shown, total=total))
            if turned.number == shown.number:
                return replace(turned, rows=rows)
            shown = turned
        else:
            total = count(db, query) if unfiltered is None else unfiltered
            shown = _turned(request, replace(shown, total=total))
        cut = order.put(wanted, self._ties(order)).limit(shown.size).offset(shown.first)
        return replace(shown, rows=db.execute(cut).all())

    def _page_by_keys(
        self,
        request: Request,
        db: sa.Connection,
        wanted: Chosen,
        shown: "ListPage",
        unfiltered: int | None,
    ) -> "ListPage":
        # A program is told how many there are, however long it takes.
        is_exact = is_api(request)
        if unfiltered is not None and not (wanted.filters or wanted.searches):
            found = Found(unfiltered)
        else:
            found = find(db, wanted, is_exact=is_exact)
        keys: Sequence[Any] = ()
        if found.is_least:
            one_more = cut(db, wanted, found, shown.size + 1, shown.first)
            keys = one_more[: shown.size]
            pages = shown.number + (len(one_more) > len(keys))
            shown = replace(shown, total=found.total, is_least=True, pages=pages)
            if not keys:
                found = find(db, wanted, is_exact=True)
        if not keys:
            shown = _turned(request, replace(shown, total=found.total, is_least=False))
            keys = cut(db, wanted, found, shown.size, shown.first)
        whole = wanted.order.put(wanted.query, wanted.ties)
        return replace(shown, rows=db.execute(whole.where(wanted.key.in_(keys))).all())

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
        filters, searches = self._conditions(self._chosen(asked))
        holding = [one.condition(words) for one, words in searches]
        wanted = query.where(*filters, *(one for one in holding if one is not None))
        order = self._ordered_by(self._sort(asked.get("sort")), gettext_of(request))
        return db.execute(order.put(wanted, self._ties(order)))

    def _chosen(self, asked: Any) -> dict[str, str]:
        given = {one.name: asked.get(one.name, "").strip() for one in self.filters}
        return {name: value for name, value in given.items() if value}

    def _conditions(
        self, chosen: dict[str, str]
    ) -> tuple[list[sa.ColumnElement[bool]], list[tuple[Search, str]]]:
        """What filters ask of rows, and the words to look for."""
        filters, searches = [], []
        for one in self.filters:
            if not (value := chosen.get(one.name)):
                continue
            if isinstance(one, Search):
                searches.append((one, value))
            elif (condition := one.condition(value)) is not None:
                filters.append(condition)
        return filters, searches

    def _sort(self, asked: str | None) -> str:
        return asked if asked and asked.removeprefix("-") in self.sortable else self.sort

    def _ordered_by(self, sort: str, _: Tongue) -> Order:
        is_descending = sort.startswith("-")
        for column in self.columns:
            if column.sort is None or column.name != sort.removeprefix("-"):
                continue
            by = self._order(column, _)
            if (words := self._words_of(column, _)) is None:
                return Order(by, is_descending)
            return Order(by, is_descending, column.sort, _in_order(words))
        return Order()

    def _words_of(self, column: Column, _: Tongue) -> dict[str, str] | None:
        """The codes of a column and what each is called; None for what is no code."""
        for one in self.filters:
            if one.name == column.name and isinstance(one, Filter):
                return {value: _(text) for value, text in one.choices}
        return None

    def _order(self, column: Column, _: Tongue) -> sa.ColumnElement[Any]:
        """What orders a column: never a database's own collation.

        Raises:
            ValueError: a text has no key to be ordered by.
        """
        sort = column.sort
        if sort is None or isinstance(sort.type, OrderKey):
            return sa.null() if sort is None else sort
        if (words := self._words_of(column, _)) is not None:
            return rank_of(sort, _in_order(words))
        return order_of(sort) if isinstance(sort.type, sa.String) else sort

    def _ties(self, order: Order) -> Sequence[sa.ColumnElement[Any]]:
        if not self.ties:
            return () if self.key is None else (self.key,)
        return [one.desc() if order.is_descending else one.asc() for one in self.ties]


class UndescribedList(Exception):
    def __init__(self, path: str, untold: Iterable[str]) -> None:
        super().__init__(
            f"The list at {path} can be asked by what its API does not describe: "
            f"{', '.join(sorted(untold))}. Give its route "
            "`dependencies=[Depends(takes(…))]` with a listing that has them."
        )


@dataclass(frozen=True)
class ListPage:
    """One page of a list, and the addresses of its neighbours.

    `total` counts the whole list; where it `is_least` there are more, and `pages` is how far it is
    known to go.
    """

    listing: Listing
    rows: Sequence[sa.Row[Any]]
    total: int
    number: int
    pages: int
    size: int
    sort: str
    chosen: dict[str, str] = field(default_factory=dict)
    is_least: bool = False

    @property
    def first(self) -> int:
        """The place of its first row in the list, from 0."""
        return (self.number - 1) * self.size

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


def _in_order(words: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda one: order_key(words[one])))


def _turned(request: Request, shown: "ListPage") -> "ListPage":
    """The page asked for, or the last one: too far, a person sees that, a program nothing."""
    pages = max(1, -(-shown.total // shown.size))
    last = pages + 1 if is_api(request) else pages
    return replace(shown, pages=pages, number=min(shown.number, last))


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
