"""Whether a column is one of many values, in statements that are made once.

Making a statement takes longer than running it, and `in_` is another statement for each number of
values. Here their number is rounded up, and the last value fills the places that are left.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

MOST = 512
"""How many values one statement takes."""
FEW = 8
_SIZES = (1, FEW, 64, MOST)
_ANY_NUMBER = 0


def size_for(db: sa.Connection, values: Sequence[Any]) -> int:
    """How many places a statement needs for these values, MOST of them at most."""
    if db.dialect.name == "postgresql":
        return _ANY_NUMBER
    return next(size for size in _SIZES if size >= len(values))


def among(column: sa.ColumnElement[Any], name: str, size: int) -> sa.ColumnElement[bool]:
    """Whether a column is one of the values that `places` gives under this name."""
    if size == _ANY_NUMBER:
        array: Any = postgresql.ARRAY(column.type)
        return column == sa.any_(sa.bindparam(name, type_=array))
    places = (sa.bindparam(f"{name}_{nth}", type_=column.type) for nth in range(size))
    return column.in_(list(places))


def places(name: str, values: Sequence[Any], size: int) -> dict[str, Any]:
    """What fills the places of a statement; there is one value at least."""
    if size == _ANY_NUMBER:
        return {name: list(values)}
    filled = [*values, *[values[-1]] * (size - len(values))]
    return {f"{name}_{nth}": value for nth, value in enumerate(filled)}
