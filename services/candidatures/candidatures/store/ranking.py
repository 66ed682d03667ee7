"""The applications of a call side by side: what is prepared for all of them, and what it makes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.listed import mostly, order_of
from essaim_contracts.candidatures import Decision

from candidatures.application import ApplicationState
from candidatures.call import Call
from candidatures.ranking import Chance, Change, Foreseen, Outlook
from candidatures.store.application import application
from candidatures.store.committee import decision, verdict_in
from candidatures.store.project import project
from candidatures.store.round import in_round


def _considered(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The applications before the committee, with their projects and decisions."""
    return (
        sa.select(*columns)
        .select_from(
            application.outerjoin(project, project.c.id == application.c.project_id).outerjoin(
                decision, decision.c.application_id == application.c.id
            )
        )
        .where(application.c.state == ApplicationState.RECEIVED.value)
    )


def _decided(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The same without their projects, where nothing is asked of these."""
    return (
        sa.select(*columns)
        .select_from(application.outerjoin(decision, decision.c.application_id == application.c.id))
        .where(application.c.state == ApplicationState.RECEIVED.value)
    )


Seen = sa.ColumnElement[bool] | None
"""Where a reader sees what was prepared; None where that is everywhere."""


def outlook_of(db: sa.Connection, of: Call, seen: Seen) -> Outlook:
    """How many applications have each prepared decision, and what the selected make together."""
    here = sa.and_(mostly(application.c.call_id == of.id), _where(seen))
    counted = _decided(decision.c.decision, sa.func.count()).where(here)
    counts = {
        Decision(code) if code else None: count
        for code, count in db.execute(counted.group_by(decision.c.decision))
    }
    chosen = _considered(
        project.c.sector, project.c.department, project.c.jobs_min, project.c.jobs_max
    ).where(here, decision.c.decision == Decision.SELECTED.value)
    selected = [Foreseen(*row) for row in db.execute(chosen)]
    return Outlook(counts, selected, hidden=0 if seen is None else _hidden(db, of, seen))


def chances_of(
    db: sa.Connection, of: Call, seen: Seen, ids: Collection[UUID]
) -> dict[UUID, Chance]:
    """Those of these applications that a reader sees before the committee of a call."""
    query = _considered(
        application.c.id,
        decision.c.decision,
        project.c.sector,
        project.c.department,
        project.c.jobs_min,
        project.c.jobs_max,
    ).where(application.c.call_id == of.id, application.c.id.in_(ids), _where(seen))
    return {
        id: Chance(Decision(code) if code else None, Foreseen(*brings))
        for id, code, *brings in db.execute(query)
    }


def _where(seen: Seen) -> sa.ColumnElement[bool]:
    return sa.true() if seen is None else seen


def _hidden(db: sa.Connection, of: Call, seen: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).where(
        mostly(application.c.call_id == of.id),
        application.c.state == ApplicationState.RECEIVED.value,
        sa.not_(seen),
    )
    count: int = db.execute(query).scalar_one()
    return count


_PREPARED, _APPLIED = (
    [decision.c[f"{prefix}{name}"] for name in ("decision", "reason", "rank", "track_code")]
    for prefix in ("", "applied_")
)
_DIFFERS = sa.and_(
    decision.c.decision.is_not(None),
    sa.or_(*(new.is_distinct_from(old) for new, old in zip(_PREPARED, _APPLIED, strict=True))),
)


def how_many_change(db: sa.Connection, of: Call, seen: Seen) -> dict[Decision, int]:
    """How many decisions of each kind were prepared and not yet applied as they are."""
    query = _decided(decision.c.decision, sa.func.count()).where(
        mostly(application.c.call_id == of.id), _where(seen), _DIFFERS
    )
    rows = db.execute(query.group_by(decision.c.decision))
    return {Decision(code): count for code, count in rows}


def changes_of(
    db: sa.Connection, of: Call, seen: Seen, kind: Decision, most: int
) -> Sequence[Change]:
    """The first of those decisions of a kind, by rank and project."""
    query = _considered(
        application.c.id, application.c.number, project.c.title, *_PREPARED, *_APPLIED
    ).where(
        mostly(application.c.call_id == of.id),
        _where(seen),
        decision.c.decision == kind.value,
        _DIFFERS,
    )
    in_order = query.order_by(decision.c.rank, project.c.title_order, application.c.id)
    return [
        Change(row.id, row.number, row.title or row.number, verdict, verdict_in(row, "applied_"))
        for row in db.execute(in_order.limit(most))
        if (verdict := verdict_in(row, "")) is not None
    ]


def undecided_of(db: sa.Connection, of: Call, seen: Seen, most: int) -> list[tuple[UUID, str]]:
    """The first applications without a decision, by number."""
    query = _considered(application.c.id, application.c.number).where(
        mostly(application.c.call_id == of.id), _where(seen), decision.c.decision.is_(None)
    )
    rows = db.execute(query.order_by(order_of(application.c.number)).limit(most))
    return [(row.id, row.number) for row in rows]


def last_rank(db: sa.Connection, of: Call) -> int:
    """The last rank given on the waiting list of a call; 0 when it is empty."""
    query = _considered(sa.func.max(decision.c.rank)).where(application.c.call_id == of.id)
    return db.execute(query).scalar_one() or 0


def left_to_decide(db: sa.Connection, of: Call) -> list[UUID]:
    """The applications of the round that goes on for which no decision is prepared, by number."""
    query = _considered(application.c.id).where(
        mostly(application.c.call_id == of.id),
        decision.c.decision.is_(None),
        in_round(of, of.round),
    )
    return list(db.scalars(query.order_by(order_of(application.c.number))))


def how_many_left(db: sa.Connection, of: Call) -> int:
    """How many they are."""
    query = _decided(sa.func.count()).where(
        mostly(application.c.call_id == of.id),
        decision.c.decision.is_(None),
        in_round(of, of.round),
    )
    count: int = db.execute(query).scalar_one()
    return count


@dataclass(frozen=True)
class Titled:
    id: UUID
    number: str
    title: str


def titled(db: sa.Connection, ids: Sequence[UUID]) -> list[Titled]:
    """These applications as people speak of them, in this order."""
    query = (
        sa.select(application.c.id, application.c.number, project.c.title)
        .select_from(application.outerjoin(project, project.c.id == application.c.project_id))
        .where(application.c.id.in_(ids))
    )
    rows = {
        row.id: Titled(row.id, row.number, row.title or row.number) for row in db.execute(query)
    }
    return [rows[id] for id in ids if id in rows]
