"""How the tables of the read model are declared, and looked up by id."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa
from essaim.keeping.among import MOST
from essaim.keeping.database import Instant

metadata = sa.MetaData()

Id = TypeVar("Id")


def text(name: str, length: int, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=nullable)


def uuid(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.Uuid, nullable=nullable)


def count(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=nullable)


def of_fact() -> "tuple[sa.Column[str], sa.Column[str]]":
    """The fact a row is of: its id, and its source, since another partner may use the same id."""
    return (
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("source", sa.String(122), primary_key=True),
    )


def is_same_fact(one: Any, other: Any) -> "sa.ColumnElement[bool]":
    """Whether rows of two tables come from one fact."""
    return sa.and_(one.c.fact_id == other.c.fact_id, one.c.source == other.c.source)


def place() -> "tuple[sa.Column[Any], ...]":
    """Where a row comes from: its fact, the fact's place in the stream, and when it was said.

    `at` is the instant the partner said it (business time).
    """
    return (
        *of_fact(),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )


def edition_table(
    name: str, *columns: "sa.Column[Any] | sa.Index", of: tuple[str, ...] = ()
) -> sa.Table:
    """A table with one row per fact of an edition, or one per part of it.

    `of` names the thing its rows are about: whether a later one says more is asked row by row, from
    an index that has all it needs. Lists show them in the order of the stream.
    """
    return sa.Table(
        name,
        metadata,
        *place(),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        *columns,
        sa.Index(f"ix_{name}_edition", "edition_id", "seq"),
        *([sa.Index(f"ix_{name}_{of[0]}", *of, "seq", "at")] if of else []),
    )


def in_chunks(ids: Iterable[Id]) -> Iterator[list[Id]]:
    """Each id once, as many at a time as one query takes."""
    once = list(dict.fromkeys(ids))
    for start in range(0, len(once), MOST):
        yield once[start : start + MOST]
