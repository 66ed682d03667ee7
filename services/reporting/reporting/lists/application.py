"""The applications of an edition, each with the state it ended in."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from reporting.indicators.application import APPLICATION_ENDS, APPLICATIONS
from reporting.indicators.rows import in_edition
from reporting.scope import Scope
from reporting.store.project import load_titles


@dataclass(frozen=True)
class Application:
    """An application as it was last received; what was not said is None."""

    number: str
    project: str | None
    state: str
    sector: str | None
    department: str | None
    received_on: date


_AT_ONCE = 500

_RECEIVED, _ENDS = in_edition(APPLICATIONS), in_edition(APPLICATION_ENDS)
_APPLICATIONS = (
    sa.select(_RECEIVED, _ENDS.c.state)
    .join(_ENDS, _ENDS.c.application_id == _RECEIVED.c.application_id)
    .order_by(_RECEIVED.c.seq)
)


def list_applications(db: sa.Connection, scope: Scope) -> Iterator[Application]:
    """The applications in the order they were received, as they are read."""
    with closing(db.execute(_APPLICATIONS, scope.parameters)) as found:
        for some in found.partitions(_AT_ONCE):
            titles = load_titles(db, (row.project_id for row in some))
            for row in some:
                yield Application(
                    row.number,
                    titles.get(row.project_id),
                    row.state,
                    row.sector,
                    row.department,
                    row.received_on,
                )
