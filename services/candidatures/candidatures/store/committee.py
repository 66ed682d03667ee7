"""What the committee gives and decides: scores, conflicts of interest, decisions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert, upsert
from essaim.keeping.listed import order_of
from essaim_contracts.candidatures import ApplicationDecided, Decision, DecisionReason

from candidatures.application import ApplicationState
from candidatures.call import Call
from candidatures.committee import Considered, Prepared, Verdict
from candidatures.scoring import Score, weighted_mean
from candidatures.store.application import application
from candidatures.store.metadata import metadata

score = sa.Table(
    "score",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("evaluator_id", sa.Uuid, primary_key=True),
    sa.Column("criterion", sa.String(60), primary_key=True),
    sa.Column("points", sa.Integer),
    sa.Column("given_at", Instant, nullable=False),
)

conflict = sa.Table(
    "conflict_of_interest",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("evaluator_id", sa.Uuid, primary_key=True),
    sa.Column("declared_at", Instant, nullable=False),
)

# The prepared decision, and what was last applied of it. The note never leaves this table.
decision = sa.Table(
    "decision",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("rank", sa.Integer),
    sa.Column("track_code", sa.String(60)),
    sa.Column("note", sa.Text),
    sa.Column("prepared_by", sa.Uuid),
    sa.Column("prepared_at", Instant, nullable=False),
    sa.Column("applied_decision", sa.String(20)),
    sa.Column("applied_reason", sa.String(40)),
    sa.Column("applied_rank", sa.Integer),
    sa.Column("applied_track_code", sa.String(60)),
    sa.Column("applied_score", sa.Float),
    sa.Column("decided_on", sa.Date),
)

# Each time decisions were applied together, by whom, and who allowed more projects than places.
decision_round = sa.Table(
    "decision_round",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False, index=True),
    sa.Column("decided_on", sa.Date, nullable=False),
    sa.Column("applied_at", Instant, nullable=False),
    sa.Column("applied_by", sa.Uuid),
    sa.Column("over_places_by", sa.Uuid),
    sa.Column("changed", sa.Integer, nullable=False),
)


def _counting_scores() -> sa.Select[Any]:
    """The scores that count: those of evaluators without a conflict of interest."""
    conflicted = sa.exists().where(
        conflict.c.application_id == score.c.application_id,
        conflict.c.evaluator_id == score.c.evaluator_id,
    )
    return sa.select(score).where(~conflicted).order_by(score.c.evaluator_id, score.c.criterion)


def scores_of(db: sa.Connection, application_id: UUID) -> list[Score]:
    """The scores of an application that count, by evaluator."""
    rows = db.execute(_counting_scores().where(score.c.application_id == application_id))
    return [Score(row.evaluator_id, row.criterion, row.points) for row in rows]


def scores_of_call(db: sa.Connection, call_id: UUID) -> dict[UUID, list[Score]]:
    """The same for every application of a call, by its id."""
    query = (
        _counting_scores()
        .join(application, application.c.id == score.c.application_id)
        .where(application.c.call_id == call_id)
    )
    found: dict[UUID, list[Score]] = {}
    for row in db.execute(query):
        given = Score(row.evaluator_id, row.criterion, row.points)
        found.setdefault(row.application_id, []).append(given)
    return found


def save_scores(
    db: sa.Connection,
    application_id: UUID,
    evaluator_id: UUID,
    points: Mapping[str, int | None],
    now: datetime,
) -> None:
    rows = [
        {
            "application_id": application_id,
            "evaluator_id": evaluator_id,
            "criterion": criterion,
            "points": given,
            "given_at": now,
        }
        for criterion, given in points.items()
    ]
    upsert(db, score, rows)


def save_mean(db: sa.Connection, application_id: UUID, mean: float | None) -> None:
    """Keep the weighted mean beside the application, for lists to sort by."""
    db.execute(sa.update(application).where(application.c.id == application_id).values(mean=mean))


def has_conflict(db: sa.Connection, application_id: UUID, evaluator_id: UUID) -> bool:
    query = sa.select(conflict).where(
        conflict.c.application_id == application_id, conflict.c.evaluator_id == evaluator_id
    )
    return db.execute(query).one_or_none() is not None


def save_conflict(
    db: sa.Connection, application_id: UUID, evaluator_id: UUID, declared: bool, now: datetime
) -> None:
    row = {"application_id": application_id, "evaluator_id": evaluator_id, "declared_at": now}
    if declared:
        db.execute(insert(db, conflict).values(row).on_conflict_do_nothing())
        return
    db.execute(
        sa.delete(conflict).where(
            conflict.c.application_id == application_id, conflict.c.evaluator_id == evaluator_id
        )
    )


def prepare_decision(
    db: sa.Connection,
    application_id: UUID,
    verdict: Verdict,
    note: str | None,
    actor: UUID | None,
    now: datetime,
) -> None:
    row = {
        "application_id": application_id,
        "decision": verdict.decision.value,
        "reason": verdict.reason.value,
        "rank": verdict.rank,
        "track_code": verdict.track_code,
        "note": note,
        "prepared_by": actor,
        "prepared_at": now,
    }
    upsert(db, decision, [row])


def considered_of(db: sa.Connection, of: Call) -> list[Considered]:
    """The received applications of a call, in the order of their numbers."""
    verdict = ("decision", "reason", "rank", "track_code")
    query = (
        sa.select(
            application.c.id,
            application.c.project_id,
            application.c.bearer_id,
            application.c.number,
            *(decision.c[name] for name in verdict),
            *(decision.c[f"applied_{name}"] for name in verdict),
        )
        .select_from(application.outerjoin(decision, decision.c.application_id == application.c.id))
        .where(
            application.c.call_id == of.id, application.c.state == ApplicationState.RECEIVED.value
        )
        .order_by(order_of(application.c.number))
    )
    rows = list(db.execute(query))
    scores = scores_of_call(db, of.id)
    return [
        Considered(
            application_id=row.id,
            project_id=row.project_id,
            bearer_id=row.bearer_id,
            number=row.number,
            score=weighted_mean(of.criteria, scores.get(row.id, [])),
            prepared=_verdict(row, ""),
            applied=_verdict(row, "applied_"),
        )
        for row in rows
    ]


def _verdict(row: Any, prefix: str) -> Verdict | None:
    decided, reason, rank, track_code = (
        getattr(row, f"{prefix}{name}") for name in ("decision", "reason", "rank", "track_code")
    )
    if decided is None:
        return None
    return Verdict(Decision(decided), DecisionReason(reason), rank, track_code)


def prepared_for(db: sa.Connection, application_id: UUID) -> Prepared | None:
    """What was prepared for an application, None when nothing was."""
    query = sa.select(decision).where(decision.c.application_id == application_id)
    row = db.execute(query).one_or_none()
    verdict = _verdict(row, "") if row else None
    if row is None or verdict is None:
        return None
    return Prepared(verdict, _verdict(row, "applied_"), row.note)


def mark_applied(db: sa.Connection, decided: ApplicationDecided) -> None:
    db.execute(
        sa.update(decision)
        .where(decision.c.application_id == decided.application_id)
        .values(
            applied_decision=decided.decision.value,
            applied_reason=decided.reason.value,
            applied_rank=decided.rank,
            applied_track_code=decided.track_code,
            applied_score=decided.score,
            decided_on=decided.decided_on,
        )
    )


def add_round(
    db: sa.Connection,
    round_id: UUID,
    call_id: UUID,
    *,
    decided_on: date,
    changed: int,
    actor: UUID | None,
    over_places: bool,
    now: datetime,
) -> None:
    """Keep that decisions were applied, and who went over the places when somebody did."""
    row = {
        "id": round_id,
        "call_id": call_id,
        "decided_on": decided_on,
        "applied_at": now,
        "applied_by": actor,
        "over_places_by": actor if over_places else None,
        "changed": changed,
    }
    db.execute(sa.insert(decision_round), row)
