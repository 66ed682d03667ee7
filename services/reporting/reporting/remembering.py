"""Figures asked again while nothing new was heard are those of a moment ago."""

from time import monotonic
from typing import NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from reporting.catalogue import Figures, figures_of
from reporting.indicator import Figure, Indicator, Scope, figure_of
from reporting.published import last_sequence
from reporting.store import timeline

LARGEST = 64
SECONDS = 60.0

_HEARD = sa.select(sa.func.max(timeline.c.seq), sa.func.count())


class _Remembered(NamedTuple):
    heard: tuple[int | None, int]
    at: float
    figures: Figures


_REMEMBERED: "WeakKeyDictionary[sa.Engine, dict[Scope, _Remembered]]" = WeakKeyDictionary()


def current_figures(db: sa.Connection, scope: Scope) -> Figures:
    """The figures of the scope, made again when the read model holds more facts than before.

    Rows are only ever added, so the last place in the stream and the number of facts tell. A
    rebuild may mend rows without adding any: nothing is remembered for longer than a minute.
    """
    last, count = db.execute(_HEARD).one()
    remembered = _remembered(db, scope, (last, count))
    if remembered is not None:
        return remembered
    figures = figures_of(db, scope)
    known = _REMEMBERED.setdefault(db.engine, {})
    if len(known) >= LARGEST:
        known.clear()
    known[scope] = _Remembered((last, count), monotonic(), figures)
    return figures


def current_figure(db: sa.Connection, scope: Scope, one: Indicator) -> tuple[Figure, int]:
    """One of these figures, and the last fact they rest on; the others are not made for it."""
    last, count = db.execute(_HEARD).one()
    remembered = _remembered(db, scope, (last, count))
    if remembered is not None:
        return remembered[one], remembered.stream_seq
    return figure_of(db, one, scope), last_sequence(db, scope)


def _remembered(db: sa.Connection, scope: Scope, heard: tuple[int | None, int]) -> Figures | None:
    found = _REMEMBERED.setdefault(db.engine, {}).get(scope)
    if found and found.heard == heard and monotonic() - found.at < SECONDS:
        return found.figures
    return None
