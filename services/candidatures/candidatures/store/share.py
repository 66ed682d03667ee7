"""What one member of the committee has to score, counted and found without reading all of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import mostly, order_of
from essaim.person import Person

from candidatures.application import ApplicationState
from candidatures.call import Call
from candidatures.scoring import Share
from candidatures.store import conflict
from candidatures.store import round as rounds
from candidatures.store.application import application
from candidatures.store.committee import all_given_by, assignment, score
from candidatures.store.project import project


def share_of(db: sa.Connection, of: Call, evaluator: Person) -> Share:
    """What she has to score in the round that goes on, while nothing is decided of it.

    What she was given, where she was given anything.
    """
    away = conflict.in_call(db, of.id, evaluator)
    given = sa.select(sa.func.count(), sa.func.max(assignment.c.due_on)).where(
        application.c.id == assignment.c.application_id,
        assignment.c.reader_id == evaluator.id,
        *_before_committee(of, away),
    )
    count, due_on = db.execute(given).one()
    share = Share(evaluator.id, frozenset(away), is_given=count > 0, due_on=due_on)
    if not count:
        count = _count(db, *_in_share(of, share))
    scored = _count(db, *_in_share(of, share), all_given_by(evaluator.id, of))
    return share.counted(count, scored)


def _count(db: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(application).where(*conditions)
    return db.execute(query).scalar_one()


def _before_committee(of: Call, away: Collection[UUID]) -> list[sa.ColumnElement[bool]]:
    kept = [application.c.id.not_in(away)] if away else []
    return [
        mostly(application.c.call_id == of.id),
        application.c.state == ApplicationState.RECEIVED.value,
        application.c.decision.is_(None),
        rounds.in_round(of, of.round),
        *kept,
    ]


def _in_share(of: Call, share: Share) -> list[sa.ColumnElement[bool]]:
    before = _before_committee(of, share.away)
    return [*before, _is_given(share)] if share.is_given else before


def _is_given(share: Share) -> sa.ColumnElement[bool]:
    hers = sa.select(assignment.c.application_id).where(assignment.c.reader_id == share.reader_id)
    return application.c.id.in_(hers)


_NTH = order_of(application.c.number)


def next_of(db: sa.Connection, of: Call, share: Share, after: UUID | None) -> UUID | None:
    """The one she scores next: that which the fewest have scored.

    Of equal ones the first that waits behind `after`, or else before it.
    """
    others = sa.func.count(sa.distinct(score.c.evaluator_id))
    scored = (
        sa.select(others)
        .where(score.c.application_id == application.c.id)
        .correlate(application)
        .scalar_subquery()
    )
    here = sa.select(_NTH).where(application.c.id == after).scalar_subquery()
    query = sa.select(application.c.id).where(
        *_in_share(of, share),
        sa.not_(all_given_by(share.reader_id, of)),
        application.c.id != after if after else sa.true(),
    )
    behind = sa.case((here < _NTH, 0), else_=1) if after else sa.literal(0)
    return db.execute(query.order_by(scored, behind, _NTH, application.c.id).limit(1)).scalar()


def place_of(db: sa.Connection, of: Call, share: Share, application_id: UUID) -> int | None:
    """The how manieth of hers an application is, by number; None where it is none of hers."""
    if not _count(db, *_in_share(of, share), application.c.id == application_id):
        return None
    here = sa.select(_NTH).where(application.c.id == application_id).scalar_subquery()
    return _count(db, *_in_share(of, share), here >= _NTH)


@dataclass(frozen=True)
class OfHers:
    id: UUID
    number: str
    title: str
    is_scored: bool


def first_of(db: sa.Connection, of: Call, share: Share, most: int) -> Sequence[OfHers]:
    """The first of hers: those that wait, then those she has scored."""
    is_scored: sa.ColumnElement[Any] = sa.case((all_given_by(share.reader_id, of), 1), else_=0)
    query = (
        sa.select(
            application.c.id, application.c.number, project.c.title, is_scored.label("is_scored")
        )
        .select_from(application.outerjoin(project, project.c.id == application.c.project_id))
        .where(*_in_share(of, share))
        .order_by(sa.text("is_scored"), _NTH, application.c.id)
        .limit(most)
    )
    return [
        OfHers(row.id, row.number, row.title or row.number, bool(row.is_scored))
        for row in db.execute(query)
    ]
