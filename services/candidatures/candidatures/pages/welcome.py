"""The home page of all for a visitor: the programmes, who runs them, and what is open."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from essaim.web import render, runtime_of
from essaim.web.roles import who_does_what
from fastapi import Request, Response

from candidatures import store
from candidatures.call import Call, CallState
from candidatures.programme import Programme


@dataclass(frozen=True)
class _Shown:
    """A programme: its calls that are open, the last to open first; the next one announced."""

    programme: Programme
    stewards: list[str]
    open: list[Call]
    next: Call | None
    accompanied: int
    """How many projects are or were in its cohorts."""


def welcome(request: Request) -> Response:
    """For who is not signed in: whoever is finds what waits for her there instead."""
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        calls, counts = store.call.every(db), store.cohort.accompanied(db)
        shown = [
            _shown(db, one, calls, counts.get(one.slug, 0), now)
            for one in store.programme.every(db)
        ]
    # Whoever comes first looks for what is open.
    shown.sort(key=lambda one: (not one.open, one.next is None))
    return render(request, "welcome.html", shown=shown, roles=list(who_does_what()))


def _shown(
    db: sa.Connection, programme: Programme, calls: list[Call], accompanied: int, now: datetime
) -> _Shown:
    own = [call for call in calls if call.programme == programme.slug]
    to_come = [call for call in own if call.state(now) == CallState.TO_COME]
    return _Shown(
        programme,
        store.programme.stewards_of(db, programme.slug),
        [call for call in own if call.state(now) == CallState.OPEN],
        min(to_come, key=lambda call: call.opens_at, default=None),
        accompanied,
    )
