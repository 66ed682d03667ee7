"""Figures asked again while nothing new was heard are those of a moment ago."""

from time import monotonic
from typing import NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from reporting.catalogue import Figures, figures_of
from reporting.indicator import Scope
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
    known = _REMEMBERED.setdefault(db.engine, {})
    found = known.get(scope)
    if found and found.heard == (last, count) and monotonic() - found.at < SECONDS:
        return found.figures
    figures = figures_of(db, scope)
    if len(known) >= LARGEST:
        known.clear()
    known[scope] = _Remembered((last, count), monotonic(), figures)
    return figures
