"""Which applications each member of the committee was given to score."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import insert
from essaim.keeping.listed import mostly, order_of
from essaim.person import Person

from candidatures.application import ApplicationState
from candidatures.assignment import Given, MemberState, ReaderCounts
from candidatures.call import Call
from candidatures.store import conflict
from candidatures.store.application import application
from candidatures.store.committee import assignment, decision, score
from candidatures.store.round import in_round


def give(
    db: sa.Connection,
    call_id: UUID,
    given: Iterable[Given],
    due_on: date | None,
    actor: UUID | None,
    now: datetime,
) -> None:
    """What was given before is given still, until the new day."""
    rows = [
        {
            "application_id": one.application_id,
            "reader_id": one.reader_id,
            "call_id": call_id,
            "due_on": due_on,
            "given_by": actor,
            "given_at": now,
        }
        for one in given
    ]
    if rows:
        db.execute(insert(db, assignment).on_conflict_do_nothing(), rows)


def set_day(db: sa.Connection, call_id: UUID, due_on: date) -> None:
    """The last day to score holds for all that is given in a call."""
    db.execute(sa.update(assignment).where(assignment.c.call_id == call_id).values(due_on=due_on))


def take_back(db: sa.Connection, given: Iterable[Given]) -> None:
    for one in given:
        db.execute(
            sa.delete(assignment).where(
                assignment.c.application_id == one.application_id,
                assignment.c.reader_id == one.reader_id,
            )
        )


def in_call(db: sa.Connection, call_id: UUID) -> dict[UUID, frozenset[UUID]]:
    """What each member was given, by her id."""
    query = sa.select(assignment.c.reader_id, assignment.c.application_id)
    return _by_first(db.execute(query.where(assignment.c.call_id == call_id)))


def counts_of(db: sa.Connection, of: Call) -> dict[UUID, ReaderCounts]:
    """How much each member was given, and how much of that she has scored, by her id."""
    query = (
        sa.select(
            assignment.c.reader_id,
            sa.func.count().label("given"),
            sa.func.coalesce(sa.func.sum(_is_scored(of)), 0).label("scored"),
        )
        .where(assignment.c.call_id == of.id)
        .group_by(assignment.c.reader_id)
    )
    return {row.reader_id: ReaderCounts(row.given, row.scored) for row in db.execute(query)}


def _is_scored(of: Call) -> sa.ColumnElement[int]:
    """Whether a member gave all her points in the round that goes on, beside what she was given."""
    criteria = [one.code for one in of.criteria_of(of.round)]
    points = (
        sa.select(sa.func.count())
        .where(
            score.c.evaluator_id == assignment.c.reader_id,
            score.c.application_id == assignment.c.application_id,
            score.c.criterion.in_(criteria),
        )
        .correlate(assignment)
        .scalar_subquery()
    )
    return sa.case((points >= len(criteria), 1), else_=0)


def readers_of_each(db: sa.Connection, ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Who was given each of these applications."""
    query = sa.select(assignment.c.application_id, assignment.c.reader_id)
    return _by_first(db.execute(query.where(assignment.c.application_id.in_(ids))))


def scored_of_each(
    db: sa.Connection, of: Call, ids: Collection[UUID]
) -> dict[UUID, frozenset[UUID]]:
    """Who gave all her points to each of these applications in the round that goes on."""
    criteria = [one.code for one in of.criteria_of(of.round)]
    query = (
        sa.select(score.c.application_id, score.c.evaluator_id)
        .where(score.c.application_id.in_(ids), score.c.criterion.in_(criteria))
        .group_by(score.c.application_id, score.c.evaluator_id)
        .having(sa.func.count() >= len(criteria))
    )
    return _by_first(db.execute(query))


def _by_first(rows: Iterable[Any]) -> dict[UUID, frozenset[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for first, second in rows:
        found.setdefault(first, set()).add(second)
    return {first: frozenset(others) for first, others in found.items()}


def is_begun(db: sa.Connection, call: Call, reader_id: UUID) -> bool:
    """Whether a member may be asked to score: the call is closed, or she was given some already."""
    given = sa.exists().where(assignment.c.call_id == call.id, assignment.c.reader_id == reader_id)
    return call.closed_at is not None or db.execute(sa.select(given)).scalar_one()


def forget_all(db: sa.Connection, call_id: UUID) -> None:
    """A new round is given anew."""
    db.execute(sa.delete(assignment).where(assignment.c.call_id == call_id))


def day_of(db: sa.Connection, call_id: UUID) -> date | None:
    """The last day to score what is given in a call."""
    query = sa.select(sa.func.max(assignment.c.due_on)).where(assignment.c.call_id == call_id)
    day: date | None = db.execute(query).scalar()
    return day


def to_read(db: sa.Connection, of: Call) -> list[UUID]:
    """The applications before the committee of which nothing was applied, by number."""
    query = (
        sa.select(application.c.id)
        .select_from(application.outerjoin(decision, decision.c.application_id == application.c.id))
        .where(
            mostly(application.c.call_id == of.id),
            application.c.state == ApplicationState.RECEIVED.value,
            decision.c.applied_decision.is_(None),
            in_round(of, of.round),
        )
        .order_by(order_of(application.c.number))
    )
    return list(db.scalars(query))


def scored_in_call(db: sa.Connection, of: Call) -> dict[UUID, frozenset[UUID]]:
    """What each member gave all her points for in the round that goes on, by her id."""
    criteria = [one.code for one in of.criteria_of(of.round)]
    query = (
        sa.select(score.c.evaluator_id, score.c.application_id)
        .join(application, application.c.id == score.c.application_id)
        .where(
            application.c.call_id == of.id,
            score.c.criterion.in_(criteria),
        )
        .group_by(score.c.evaluator_id, score.c.application_id)
        .having(sa.func.count() >= len(criteria))
    )
    return _by_first(db.execute(query))


def before(
    db: sa.Connection, application_id: UUID, of: Call, nth: int, members: Iterable[Person]
) -> list[MemberState]:
    """These members before an application that is in round `nth`."""
    criteria = [one.code for one in of.criteria_of(nth)]
    given = sa.select(assignment.c.reader_id).where(assignment.c.application_id == application_id)
    whole = (
        sa.select(score.c.evaluator_id)
        .where(score.c.application_id == application_id, score.c.criterion.in_(criteria))
        .group_by(score.c.evaluator_id)
        .having(sa.func.count() >= len(criteria))
    )
    pins, held = conflict.pins_of(db, application_id), set(db.scalars(given))
    scored = set(db.scalars(whole))
    return [
        MemberState(
            person,
            person.id in held,
            person.id in scored,
            conflict.find(db, application_id, person),
            pins.get(person.id),
        )
        for person in members
    ]
