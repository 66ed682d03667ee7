"""Each time decisions were applied together: by whom, and when their bearers are told."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.keeping.database import Instant

from candidatures.committee import Round
from candidatures.store.metadata import metadata

decision_round = sa.Table(
    "decision_round",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False, index=True),
    sa.Column("decided_on", sa.Date, nullable=False),
    sa.Column("applied_at", Instant, nullable=False),
    sa.Column("applied_by", sa.Uuid),
    # Who allowed more projects than there are places.
    sa.Column("over_places_by", sa.Uuid),
    sa.Column("changed", sa.Integer, nullable=False),
    # When its facts are to be told, and were; or who took it back before.
    sa.Column("due_at", Instant),
    sa.Column("told_at", Instant),
    sa.Column("undone_at", Instant),
    sa.Column("undone_by", sa.Uuid),
)

_waits = sa.and_(
    decision_round.c.due_at.is_not(None),
    decision_round.c.told_at.is_(None),
    decision_round.c.undone_at.is_(None),
)
# An earlier release tells at once, and writes no day: that never waits.


def add(db: sa.Connection, made: Round, told_at: datetime | None) -> None:
    row = {
        "id": new_id(),
        "call_id": made.call_id,
        "decided_on": made.decided_on,
        "applied_at": made.applied_at,
        "applied_by": made.applied_by,
        "over_places_by": made.applied_by if made.over_places else None,
        "changed": made.changed,
        "due_at": made.due_at,
        "told_at": told_at,
    }
    db.execute(sa.insert(decision_round), row)


def waiting(db: sa.Connection, call_id: UUID) -> Round | None:
    """The decisions of a call that were applied and of which nobody is told yet."""
    query = sa.select(decision_round).where(decision_round.c.call_id == call_id, _waits)
    row = db.execute(query).one_or_none()
    return _round(row) if row else None


def due(db: sa.Connection, now: datetime) -> list[Round]:
    query = sa.select(decision_round).where(_waits, decision_round.c.due_at <= now)
    return [_round(row) for row in db.execute(query.order_by(decision_round.c.due_at))]


def mark_told(db: sa.Connection, told: Round, now: datetime) -> None:
    _mark(db, told, told_at=now)


def mark_undone(db: sa.Connection, undone: Round, actor: UUID | None, now: datetime) -> None:
    _mark(db, undone, undone_at=now, undone_by=actor)


def _mark(db: sa.Connection, one: Round, **values: Any) -> None:
    mine = sa.and_(decision_round.c.call_id == one.call_id, _waits)
    db.execute(sa.update(decision_round).where(mine).values(**values))


def _round(row: Any) -> Round:
    return Round(
        call_id=row.call_id,
        decided_on=row.decided_on,
        applied_at=row.applied_at,
        applied_by=row.applied_by,
        over_places=row.over_places_by is not None,
        changed=row.changed,
        due_at=row.due_at,
    )
