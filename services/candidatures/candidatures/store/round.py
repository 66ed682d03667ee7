"""Which applications the committee kept for its next rounds. The first takes all of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert

from candidatures.call import Call
from candidatures.store.application import application
from candidatures.store.metadata import metadata

kept = sa.Table(
    "kept_for_round",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("kept_by", sa.Uuid),
    sa.Column("kept_at", Instant, nullable=False),
)


def round_of_row() -> sa.ColumnElement[int]:
    """The round an application is in, beside each."""
    query = sa.select(kept.c.round).where(kept.c.application_id == application.c.id)
    return sa.func.coalesce(query.correlate(application).scalar_subquery(), 1)


def in_round(of: Call, nth: int) -> sa.ColumnElement[bool]:
    """Whether an application is in a round; every one is where there is no other."""
    return sa.true() if len(of.rounds) == 1 else round_of_row() == nth


def any_round(of: Call, condition: Any) -> sa.ColumnElement[bool]:
    """Whether what `condition(nth)` says holds for the round an application is in."""
    rounds = range(1, len(of.rounds) + 1)
    return sa.or_(*(sa.and_(in_round(of, nth), condition(nth)) for nth in rounds))


def of_application(db: sa.Connection, application_id: UUID) -> int:
    query = sa.select(kept.c.round).where(kept.c.application_id == application_id)
    return db.execute(query).scalar() or 1


def of_applications(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, int]:
    """The round of those that are not in the first."""
    query = sa.select(kept.c.application_id, kept.c.round)
    rows = db.execute(query.where(kept.c.application_id.in_(list(ids))))
    return {row.application_id: row.round for row in rows}


def keep(
    db: sa.Connection, ids: Iterable[UUID], nth: int, actor: UUID | None, now: datetime
) -> None:
    rows = [{"application_id": id, "round": nth, "kept_by": actor, "kept_at": now} for id in ids]
    upsert(db, kept, rows)
