"""Places offered to the waiting list, and who is on it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert
from essaim.keeping.listed import order_of
from essaim_contracts.candidatures import Decision

from candidatures.application import ApplicationState
from candidatures.call import Call
from candidatures.store.application import application
from candidatures.store.cohort import cohort_project
from candidatures.store.committee import decision
from candidatures.store.metadata import metadata
from candidatures.store.project import project
from candidatures.waiting_list import Offer, Waiting

place_offer = sa.Table(
    "place_offer",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("offered_at", Instant, nullable=False),
    sa.Column("answer_by", sa.Date, nullable=False),
    sa.Column("offered_by", sa.Uuid),
    sa.Column("accepted", sa.Boolean),
    sa.Column("answered_at", Instant),
)


def _waiting(of: Call) -> list[sa.ColumnElement[bool]]:
    return [
        application.c.call_id == of.id,
        application.c.state == ApplicationState.RECEIVED.value,
        application.c.decision == Decision.WAITING_LIST.value,
    ]


def how_many(db: sa.Connection, of: Call) -> int:
    """How many wait."""
    query = sa.select(sa.func.count()).select_from(
        application.join(decision, decision.c.application_id == application.c.id)
    )
    count: int = db.execute(query.where(*_waiting(of))).scalar_one()
    return count


def every(db: sa.Connection, of: Call, most: int | None = None) -> list[Waiting]:
    """By rank; the first of them where there is a `most`."""
    query = (
        sa.select(
            application.c.id,
            application.c.number,
            project.c.title,
            decision.c.applied_rank,
            place_offer,
        )
        .select_from(
            application.join(decision, decision.c.application_id == application.c.id)
            .outerjoin(project, project.c.id == application.c.project_id)
            .outerjoin(place_offer, place_offer.c.application_id == application.c.id)
        )
        .where(*_waiting(of))
        .order_by(decision.c.applied_rank, order_of(application.c.number))
        .limit(most)
    )
    return [
        Waiting(row.id, row.number, row.title or row.number, row.applied_rank, _offer(row))
        for row in db.execute(query)
    ]


def taken(db: sa.Connection, of: Call) -> int:
    """How many places of a call are taken by projects that were selected, and not withdrawn."""
    query = sa.select(sa.func.count()).where(
        application.c.call_id == of.id,
        application.c.state == ApplicationState.RECEIVED.value,
        application.c.decision == Decision.SELECTED.value,
    )
    count: int = db.execute(query.where(~_left())).scalar_one()
    return count


def _left() -> sa.ColumnElement[bool]:
    """Whether its project was in a cohort, and left it."""
    return sa.exists().where(
        cohort_project.c.project_id == application.c.project_id,
        cohort_project.c.left_on.is_not(None),
    )


def find(db: sa.Connection, application_id: UUID) -> Offer | None:
    query = sa.select(place_offer).where(place_offer.c.application_id == application_id)
    row = db.execute(query).one_or_none()
    return _offer(row) if row else None


def save(
    db: sa.Connection, application_id: UUID, answer_by: date, actor: UUID | None, now: datetime
) -> None:
    """A new offer takes the place of one that lapsed."""
    row = {
        "application_id": application_id,
        "offered_at": now,
        "answer_by": answer_by,
        "offered_by": actor,
        "accepted": None,
        "answered_at": None,
    }
    upsert(db, place_offer, [row])


def save_answer(db: sa.Connection, application_id: UUID, accepted: bool, now: datetime) -> None:
    mine = place_offer.c.application_id == application_id
    values = {"accepted": accepted, "answered_at": now}
    db.execute(sa.update(place_offer).where(mine).values(values))


def _offer(row: Any) -> Offer | None:
    if row.offered_at is None:
        return None
    return Offer(row.application_id, row.offered_at, row.answer_by, row.accepted)
