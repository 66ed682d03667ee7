"""Words that somebody looks for in a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa

from essaim.keeping.listed import find_by
from essaim.keeping.texts import SHORTEST, Found, rows_that_may, rows_with
from essaim.text.collation import search_words

MOST_NAMED = 1000
"""Rows that a search is asked for by their keys; of more it looks at one after the other."""

Searched = sa.Column[Any] | tuple[sa.ColumnElement[Any], sa.Column[Any]]


@dataclass(frozen=True)
class Search:
    """Rows that hold every word typed in `columns`, whatever its case, accents and order.

    A column is a text that its table declares by `listed`. One of another table is a pair: what
    names a row of that table, and the text there. Signs alone find nothing. Words may be in
    several columns, unless one is so short that it would be anywhere: « Porteuse 2 ».
    """

    name: str
    title: str
    columns: Sequence[Searched]
    choices: tuple[()] = ()
    described: ClassVar[str] = "Words to find, whatever their case, accents and order."

    def __post_init__(self) -> None:
        for column in self.columns:
            find_by(column[1] if isinstance(column, tuple) else column)

    def condition(self, value: str) -> sa.ColumnElement[bool] | None:
        return self.holding(value)

    def holding(self, value: str, *, one_by_one: bool = False) -> sa.ColumnElement[bool]:
        """The condition; `one_by_one` for few rows, each of which then looks at its own texts."""
        words = search_words(value)
        if not words:
            return sa.false()
        together = [words] if min(map(len, words)) < SHORTEST else [[word] for word in words]
        holds_all = _holds_all_there if one_by_one else _holds_all
        return sa.and_(
            *(sa.or_(*(holds_all(column, some) for column in self.columns)) for some in together)
        )

    def few(
        self, db: sa.Connection, key: "sa.Column[Any] | None", value: str
    ) -> sa.ColumnElement[bool] | None:
        """The condition by the keys of the rows, where indexes find few; None where they are many.

        A word that is in most of the rows narrows nothing: a page is full soon without it.
        """
        words = search_words(value)
        if key is None or not all(_is_beside(key, column) for column in self.columns):
            return None
        named: list[sa.ColumnElement[bool]] = []
        for word in words:
            if len(word) >= SHORTEST and all(
                _are_few(db, _rows_with(db, key, column, word, rows_that_may))
                for column in self.columns
            ):
                rows = [_rows_with(db, key, column, word) for column in self.columns]
                named.append(key.in_(sa.union_all(*rows)))
        if not named:
            return None
        if len(named) < len(words) or min(map(len, words)) < SHORTEST:
            named.append(self.holding(value, one_by_one=True))
        return sa.and_(*named)


def _are_few(db: sa.Connection, rows: sa.Select[Any]) -> bool:
    some = rows.limit(MOST_NAMED + 1).subquery()
    counted = sa.select(sa.func.count()).select_from(some)
    return db.execute(counted).scalar_one() <= MOST_NAMED


def _is_beside(key: "sa.Column[Any]", column: Searched) -> bool:
    """Whether a text is in the row that the key names, or in one that this row names."""
    named = column[0] if isinstance(column, tuple) else column
    return isinstance(named, sa.Column) and named.table is key.table


def _rows_with(
    db: sa.Connection,
    key: "sa.Column[Any]",
    column: Searched,
    word: str,
    by_index: Callable[..., Found] = rows_with,
) -> sa.Select[Any]:
    if isinstance(column, tuple):
        named, text = column
        id, *_ = text.table.primary_key
        found, holds = by_index(db, text.table.join(key.table, named == id), text, word)
    else:
        found, holds = by_index(db, key.table, column, word)
    return sa.select(key).select_from(found).where(holds)


def _holds_all(column: Searched, words: Sequence[str]) -> sa.ColumnElement[bool]:
    if isinstance(column, tuple):
        named, text = column
        id, *_ = text.table.primary_key
        return named.in_(sa.select(id).where(_holds_all(text, words)))
    return sa.and_(*(find_by(column).contains(word) for word in words))


def _holds_all_there(column: Searched, words: Sequence[str]) -> sa.ColumnElement[bool]:
    if not isinstance(column, tuple):
        return _holds_all(column, words)
    named, text = column
    id, *_ = text.table.primary_key
    return sa.exists().where(id == named, _holds_all(text, words)).correlate_except(text.table)
