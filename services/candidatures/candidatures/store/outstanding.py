"""What of closed calls is still to be decided, in numbers."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from essaim_contracts.candidatures import Decision

from candidatures.application import ApplicationState
from candidatures.store.application import application
from candidatures.store.cohort import cohort_project
from candidatures.store.committee import decision


@dataclass(frozen=True)
class Outstanding:
    """Of the applications of a call: without a decision, with one that is not applied, selected.

    `selected` are those that were never in a cohort.
    """

    undecided: int
    prepared: int
    selected: int


def of_calls(db: sa.Connection, call_ids: Collection[UUID]) -> dict[UUID, Outstanding]:
    """By call; those without an application received are left out."""
    columns = ("decision", "reason", "rank", "track_code")
    changed = sa.or_(
        *(decision.c[one].is_distinct_from(decision.c[f"applied_{one}"]) for one in columns)
    )
    placed = sa.exists().where(cohort_project.c.project_id == application.c.project_id)
    query = (
        sa.select(
            application.c.call_id,
            _count(decision.c.application_id.is_(None)).label("undecided"),
            _count(sa.and_(decision.c.application_id.is_not(None), changed)).label("prepared"),
            _count(sa.and_(application.c.decision == Decision.SELECTED.value, ~placed)).label(
                "selected"
            ),
        )
        .select_from(application.outerjoin(decision, decision.c.application_id == application.c.id))
        .where(
            application.c.call_id.in_(call_ids),
            application.c.state == ApplicationState.RECEIVED.value,
        )
        .group_by(application.c.call_id)
    )
    return {
        row.call_id: Outstanding(row.undecided, row.prepared, row.selected)
        for row in db.execute(query)
    }


def _count(of: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((of, 1), else_=0)), 0)
