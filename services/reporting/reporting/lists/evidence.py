"""The list of facts behind a figure, to filter, sort, page through and export."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import by_sign
from essaim.web import N_, Column, Filter, Listing, Search
from essaim_contracts.words import FACT_TYPES

from reporting.figures import NOT_SAID, evidence_of
from reporting.indicators.indicator import Indicator, part_name
from reporting.lists.kept import Kept
from reporting.lists.timeline import FactList
from reporting.reader import Reader
from reporting.scope import Scope
from reporting.store.application import application_received
from reporting.store.project import load_titles, project_title, title_order
from reporting.store.timeline import Entry, load_entries, timeline


@dataclass(frozen=True)
class Evidence:
    """One row behind a figure: a fact, what it counts for, and in which part ("" for none)."""

    fact_id: str
    source: str
    seq: int
    at: datetime
    type: str
    owner: str
    key: UUID
    body: str
    project_id: UUID | None
    project: str | None
    part: str
    amount: int


@dataclass(frozen=True)
class OfType(Filter):
    """Rows whose fact, which `fact` names, is of the type chosen."""

    fact: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]] = field(kw_only=True)

    def condition(self, value: str) -> sa.ColumnElement[bool] | None:
        if value not in FACT_TYPES:
            return None
        fact_id, source = self.fact
        mine = sa.and_(timeline.c.fact_id == fact_id, timeline.c.source == source)
        return sa.exists().where(mine, timeline.c.type == value)


@dataclass(frozen=True)
class Mentioning(Search):
    """Rows whose project has, or had, the title typed, or whose fact holds the identifier typed.

    An identifier in a fact may be cut short after eight signs, the number of an application may be
    a part of it. `fact` names the fact of a row: its id and its source. Who does not see all of a
    fact finds it by its own id, its project's or its application's number: whole facts would
    answer guesses.
    """

    sees_all: bool = False
    project_id: sa.ColumnElement[Any] = field(kw_only=True)
    fact: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]] = field(kw_only=True)

    def condition(self, value: str) -> sa.ColumnElement[bool]:
        found, value = self.holding(value), _HYPHENS.sub("-", value)
        if not _IDENTIFIER.fullmatch(value):
            return found
        fact_id, source = self.fact
        named = self.project_id.in_(_projects_named(value, is_part=self.sees_all))
        is_id = _ID.fullmatch(value.lower()) is not None
        if not (self.sees_all and is_id):
            return sa.or_(found, fact_id == value, named)
        in_body = timeline.c.body.contains(value.lower())
        mine = sa.and_(timeline.c.fact_id == fact_id, timeline.c.source == source)
        return sa.or_(found, fact_id == value, named, sa.exists().where(mine, in_body))


def _projects_named(value: str, *, is_part: bool) -> sa.Select[Any]:
    """The project of this id, and those whose application has this number, or it in its own."""
    received = application_received
    number, value = sa.func.lower(received.c.number), value.lower()
    numbered = number.contains(value, autoescape=True) if is_part else number == value
    with suppress(ValueError):
        numbered = sa.or_(numbered, received.c.project_id == UUID(value))
    return sa.select(received.c.project_id).where(numbered)


_IDENTIFIER = re.compile(r"(?=.*\d)[\w-]+")
"""Numbers and ids have a figure in them and no space."""

_ID = re.compile("[0-9a-f]{8}[0-9a-f-]*")
"""Shorter ones are somewhere in almost every fact, and looking into whole facts takes its time."""

_HYPHENS = re.compile("[\u2010-\u2013\u2212]")
"""What word processors and typography put in the place of the hyphens of a number."""


def evidence_list(indicator: Indicator, scope: Scope, part: str | None, reader: Reader) -> FactList:
    """The rows behind a figure, or behind one part of it; `part` is as addresses write it.

    A part that cannot be is ignored, as lists do. `load_evidence` says what the facts of its rows
    are.
    """
    try:
        rows = evidence_of(indicator, scope, "" if part == NOT_SAID else part)
    except ValueError:
        rows = evidence_of(indicator, scope)
    return FactList(sa.select(rows), _listing(rows, indicator, sees_all=reader.sees_all))


def _listing(rows: sa.FromClause, indicator: Indicator | None, *, sees_all: bool) -> Listing:
    """How the rows of an indicator, or of any, may be filtered and sorted."""
    types = tuple(FACT_TYPES.items())
    fact = (rows.c.fact_id, rows.c.source)
    return Listing(
        columns=_columns(rows, indicator),
        filters=(
            Kept("as_of", N_("Chiffres connus au"), ()),
            Kept("part", N_("Part"), ()),
            Filter("type", N_("Fait"), rows.c.part, types)
            if indicator is not None and indicator.parts is FACT_TYPES
            else OfType("type", N_("Fait"), rows.c.fact_id, types, fact=fact),
            Mentioning(
                "q",
                N_("Projet ou identifiant"),
                ((rows.c.project_id, project_title.c.title),),
                sees_all=sees_all,
                project_id=rows.c.project_id,
                fact=fact,
            ),
        ),
        sort="seq",
        ties=(rows.c.seq, *_among_one_fact(rows, indicator)),
    )


def _among_one_fact(
    rows: sa.FromClause, indicator: Indicator | None
) -> "tuple[sa.ColumnElement[Any], ...]":
    """What orders the rows of one fact; nothing where each fact has one row, as indexes have it."""
    if indicator is not None and indicator.of.thing == ("fact_id",):
        return ()
    return rows.c.project_id, _in_order(rows.c.part), rows.c.amount


def _columns(rows: sa.FromClause, indicator: Indicator | None) -> tuple[Column, ...]:
    """What all rows have alike is ordered by the stream alone: sorting them would say no more."""
    orders = {
        "project": title_order(rows.c.project_id),
        "part": _in_order(rows.c.part),
        "amount": rows.c.amount,
    }
    if indicator is not None:
        orders |= dict.fromkeys(indicator.alike, rows.c.seq)
    return (
        Column("at", N_("Date"), rows.c.at),
        Column("type", N_("Fait")),
        Column("project", N_("Projet"), orders["project"]),
        Column("part", N_("Part"), orders["part"]),
        Column("amount", N_("Compte pour"), orders["amount"]),
        Column("seq", N_("N° du fait"), rows.c.seq),
    )


def _in_order(part: "sa.ColumnElement[Any]") -> "sa.ColumnElement[Any]":
    """Codes sign by sign; parts of another kind, such as days, order themselves."""
    return by_sign(part) if isinstance(part.type, sa.String) else part


def load_evidence(db: sa.Connection, rows: Sequence[Any]) -> list[Evidence]:
    """The facts of some rows of an evidence list, in the same order.

    They are looked up for these rows only: for all rows it would take seconds.
    """
    facts = load_entries(db, (row.fact_id for row in rows))
    titles = load_titles(db, (row.project_id for row in rows if row.project_id is not None))
    return [
        _evidence(row, facts[row.fact_id, row.source], titles.get(row.project_id)) for row in rows
    ]


def _evidence(row: Any, fact: Entry, title: str | None) -> Evidence:
    return Evidence(
        fact_id=row.fact_id,
        source=row.source,
        seq=row.seq,
        at=row.at,
        type=fact.type,
        owner=fact.owner,
        key=fact.key,
        body=fact.body,
        project_id=row.project_id,
        project=title,
        part=part_name(row.part),
        amount=row.amount,
    )


_ROWS = ("fact_id", "source", "seq", "at", "project_id", "part", "amount")
# What programs may ask of the facts behind any figure.
EVIDENCE = _listing(sa.table("evidence", *map(sa.column, _ROWS)), None, sees_all=False)
