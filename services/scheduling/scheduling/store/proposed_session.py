"""The sessions that tracks propose."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim_contracts.scheduling import HourKind, SessionKind, SessionMode

from scheduling.proposed_session import Proposal, ProposedSession, no_open_proposal
from scheduling.session import SessionState
from scheduling.store.columns import code, identifier, metadata
from scheduling.store.session import session

proposed_session = sa.Table(
    "proposed_session",
    metadata,
    identifier("id", key=True),
    identifier("cohort_id", index=True),
    identifier("project_id", optional=True),
    code("kind", SessionKind),
    sa.Column("title", sa.String(300), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("half_days", sa.Integer),
    sa.Column("minutes_min", sa.Integer),
    sa.Column("minutes_max", sa.Integer),
    code("mode", SessionMode, optional=True),
    code("hour_kind", HourKind, optional=True),
    sa.Column("topics", sa.JSON, nullable=False),
)

_ANSWERED = sa.select(session.c.proposed_id).where(
    session.c.proposed_id.is_not(None), session.c.state != SessionState.CANCELLED
)
_IS_OPEN = proposed_session.c.id.not_in(_ANSWERED)


def load_open(db: sa.Connection, id: UUID) -> Proposal:
    """A proposed session that no session on the calendar answers.

    Raises:
        Refusal: there is none, or a session answers it already.
    """
    query = sa.select(proposed_session).where(proposed_session.c.id == id, _IS_OPEN)
    row = db.execute(query).one_or_none()
    if row is None:
        raise no_open_proposal(id)
    return _proposal(row)


def open_of_cohort(
    db: sa.Connection, cohort_id: UUID, project_id: UUID | None = None
) -> list[Proposal]:
    """Those of a cohort, of one project if named."""
    query = sa.select(proposed_session).where(_IS_OPEN, proposed_session.c.cohort_id == cohort_id)
    if project_id is not None:
        query = query.where(proposed_session.c.project_id == project_id)
    ordered = query.order_by(
        proposed_session.c.kind,
        proposed_session.c.title,
        proposed_session.c.project_id,
        proposed_session.c.number,
    )
    return [_proposal(row) for row in db.execute(ordered)]


def save(db: sa.Connection, proposed: Sequence[ProposedSession]) -> None:
    if proposed:
        rows = [asdict(one) | {"id": new_id()} for one in proposed]
        db.execute(sa.insert(proposed_session), rows)


def drop_open_of_project(db: sa.Connection, cohort_id: UUID, project_id: UUID) -> None:
    db.execute(
        sa.delete(proposed_session).where(
            _IS_OPEN,
            proposed_session.c.cohort_id == cohort_id,
            proposed_session.c.project_id == project_id,
        )
    )


def _proposal(row: sa.Row[Any]) -> Proposal:
    values = dict(row._mapping)
    id, topics = values.pop("id"), tuple(values.pop("topics"))
    return Proposal(id, ProposedSession(**values, topics=topics))
