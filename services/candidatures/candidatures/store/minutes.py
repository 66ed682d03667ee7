"""Minutes of the committee's meetings, as they were made."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim_contracts.candidatures import Decision, DecisionReason

from candidatures.committee import Verdict
from candidatures.minutes import Decided, Minutes, unknown_minutes
from candidatures.store.application import application
from candidatures.store.metadata import metadata

minutes = sa.Table(
    "minutes",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False, index=True),
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Column("place", sa.String(300)),
    sa.Column("present", sa.JSON, nullable=False),
    sa.Column("members", sa.Integer, nullable=False),
    sa.Column("quorum", sa.Integer),
    sa.Column("without_quorum_by", sa.Uuid),
    # Ids and codes alone: titles and names are read where they may be erased.
    sa.Column("decided", sa.JSON, nullable=False),
    sa.Column("undecided", sa.Integer, nullable=False),
    sa.Column("away", sa.JSON, nullable=False),
    sa.Column("made_by", sa.Uuid),
    sa.Column("made_at", Instant, nullable=False),
)


def add(db: sa.Connection, made: Minutes) -> None:
    row = vars(made) | {
        "present": [str(one) for one in made.present],
        "decided": [_written(one) for one in made.decided],
        "away": {str(who): [str(id) for id in ids] for who, ids in made.away.items()},
    }
    db.execute(sa.insert(minutes), row)


def of_call(db: sa.Connection, call_id: UUID) -> list[Minutes]:
    """The last ones first."""
    query = sa.select(minutes).where(minutes.c.call_id == call_id)
    rows = db.execute(query.order_by(minutes.c.made_at.desc(), minutes.c.id))
    return [_read(row) for row in rows]


def get(db: sa.Connection, minutes_id: UUID) -> Minutes:
    """
    Raises:
        Refusal: (404) there are none.
    """
    row = db.execute(sa.select(minutes).where(minutes.c.id == minutes_id)).one_or_none()
    if row is None:
        raise unknown_minutes()
    return _read(row)


def shown_of(
    db: sa.Connection, ids: Collection[UUID], seen: sa.ColumnElement[bool] | None
) -> dict[UUID, bool]:
    """Those of these applications whose decision a reader sees, and whether she sees its mean.

    She sees what was prepared where she sees the marks, and what was applied everywhere.
    """
    marks = (sa.true() if seen is None else seen).label("marks")
    query = sa.select(application.c.id, marks).where(application.c.id.in_(ids))
    if seen is not None:
        query = query.where(sa.or_(seen, application.c.decision.is_not(None)))
    return {row.id: bool(row.marks) for row in db.execute(query)}


def _written(one: Decided) -> dict[str, Any]:
    return {
        "application_id": str(one.application_id),
        "decision": one.verdict.decision.value,
        "reason": one.verdict.reason.value,
        "rank": one.verdict.rank,
        "track_code": one.verdict.track_code,
        "mean": one.mean,
    }


def _read(row: Any) -> Minutes:
    values = dict(row._mapping)
    decided = tuple(
        Decided(
            UUID(one["application_id"]),
            Verdict(
                Decision(one["decision"]),
                DecisionReason(one["reason"]),
                one["rank"],
                one["track_code"],
            ),
            one["mean"],
        )
        for one in row.decided
    )
    away = {UUID(who): tuple(map(UUID, ids)) for who, ids in row.away.items()}
    present = tuple(map(UUID, row.present))
    return Minutes(**values | {"decided": decided, "away": away, "present": present})
