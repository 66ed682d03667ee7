"""Figures asked again while nothing new was heard are those of a moment ago."""

from time import monotonic
from typing import NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from reporting.figures import Figure, Figures, figure_of, figures_of, last_sequence
from reporting.indicators.indicator import Indicator
from reporting.scope import Scope
from reporting.store.timeline import Heard, how_far

LARGEST = 64
SECONDS = 60.0


class _Cached(NamedTuple):
    heard: Heard
    at: float
    figures: Figures


_Key = tuple[Scope, str]
"""A scope, and the code of one figure, or "" for all of them."""

_CACHED: "WeakKeyDictionary[sa.Engine, dict[_Key, _Cached]]" = WeakKeyDictionary()


def current_figures(db: sa.Connection, scope: Scope) -> Figures:
    """The figures of the scope, made again when the read model holds more facts than before.

    Rows are only ever added, so the last place in the stream and the number of facts tell. A
    rebuild may mend rows without adding any: nothing is kept for longer than a minute.
    """
    heard = how_far(db)
    figures = _cached(db, (scope, ""), heard)
    if figures is None:
        figures = figures_of(db, scope)
        _keep(db, (scope, ""), heard, figures)
    return figures


def current_figure(db: sa.Connection, scope: Scope, one: Indicator) -> tuple[Figure, int]:
    """One of these figures, and the last fact it rests on; the others are not made for it."""
    heard = how_far(db)
    figures = _cached(db, (scope, ""), heard) or _cached(db, (scope, one.code), heard)
    if figures is None:
        made = {one.code: figure_of(db, one, scope)}
        figures = Figures(scope, last_sequence(db, scope), made)
        _keep(db, (scope, one.code), heard, figures)
    return figures[one], figures.stream_seq


def _cached(db: sa.Connection, key: _Key, heard: Heard) -> Figures | None:
    found = _CACHED.setdefault(db.engine, {}).get(key)
    if found and found.heard == heard and monotonic() - found.at < SECONDS:
        return found.figures
    return None


def _keep(db: sa.Connection, key: _Key, heard: Heard, figures: Figures) -> None:
    known = _CACHED.setdefault(db.engine, {})
    if len(known) >= LARGEST:
        known.clear()
    known[key] = _Cached(heard, monotonic(), figures)
