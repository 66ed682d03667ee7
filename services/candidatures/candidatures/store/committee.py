"""What the committee gives and decides: scores and decisions."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.keeping.database import Instant, upsert
from essaim.keeping.listed import order_of
from essaim_contracts.candidatures import ApplicationDecided, Decision, DecisionReason

from candidatures.application import ApplicationState
from candidatures.call import Call
from candidatures.committee import Considered, Prepared, Verdict
from candidatures.scoring import ChangedScore, Score, weighted_mean
from candidatures.store import conflict as conflicts
from candidatures.store import round as rounds
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
    # What one member has scored is asked on every page of hers.
    sa.Index("score_by_evaluator", "evaluator_id", "application_id", "criterion"),
)

# What an evaluator took back by giving other points: hers may change, but not in silence.
score_change = sa.Table(
    "score_change",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("application_id", sa.Uuid, nullable=False, index=True),
    sa.Column("evaluator_id", sa.Uuid, nullable=False),
    sa.Column("criterion", sa.String(60), nullable=False),
    sa.Column("points", sa.Integer),
    sa.Column("replaced_at", Instant, nullable=False),
)

# The prepared decision, and what was last applied of it. The note never leaves this table; the
# feedback is for the bearer, on her page, once applied.
decision = sa.Table(
    "decision",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("rank", sa.Integer),
    sa.Column("track_code", sa.String(60)),
    sa.Column("note", sa.Text),
    sa.Column("feedback", sa.Text),
    sa.Column("prepared_by", sa.Uuid),
    sa.Column("prepared_at", Instant, nullable=False),
    sa.Column("applied_decision", sa.String(20)),
    sa.Column("applied_reason", sa.String(40)),
    sa.Column("applied_rank", sa.Integer),
    sa.Column("applied_track_code", sa.String(60)),
    sa.Column("applied_score", sa.Float),
    sa.Column("decided_on", sa.Date),
    sa.Column("applied_feedback", sa.Text),
)

# Who was given which applications to score, and until when.
assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("reader_id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("given_by", sa.Uuid),
    sa.Column("given_at", Instant, nullable=False),
    sa.Index("assignment_by_reader", "call_id", "reader_id"),
)


def scores_of(db: sa.Connection, application_id: UUID) -> list[Score]:
    """The scores of an application that count, by evaluator."""
    return _scores(db, application.c.id == application_id).get(application_id, [])


def _scores(db: sa.Connection, of: sa.ColumnElement[bool]) -> dict[UUID, list[Score]]:
    """The scores that count, by application: those of evaluators without a conflict."""
    query = (
        sa.select(score)
        .join(application, application.c.id == score.c.application_id)
        .where(of)
        .order_by(score.c.evaluator_id, score.c.criterion)
    )
    rows = db.execute(query).all()
    out = conflicts.of_evaluators(db, (row.evaluator_id for row in rows), of)
    found: dict[UUID, list[Score]] = {}
    for row in rows:
        if (row.evaluator_id, row.application_id) not in out:
            given = Score(row.evaluator_id, row.criterion, row.points)
            found.setdefault(row.application_id, []).append(given)
    return found


def scores_of_each(db: sa.Connection, application_ids: Collection[UUID]) -> dict[UUID, list[Score]]:
    """The scores that count of each of these applications, by evaluator."""
    return _scores(db, application.c.id.in_(application_ids)) if application_ids else {}


def points_of(db: sa.Connection, application_id: UUID, evaluator_id: UUID) -> dict[str, int | None]:
    """What one evaluator gave, by criterion."""
    query = sa.select(score.c.criterion, score.c.points).where(
        score.c.application_id == application_id, score.c.evaluator_id == evaluator_id
    )
    return {row.criterion: row.points for row in db.execute(query.order_by(score.c.criterion))}


def all_given_by(evaluator_id: UUID, of: Call, *, beside: bool = False) -> sa.ColumnElement[bool]:
    """Whether an evaluator gave points for all that its round asks, for each application.

    Found once for all of them; or `beside` each, which costs less for the few of one page.
    """

    def whole(nth: int) -> sa.ColumnElement[bool]:
        codes = [one.code for one in of.criteria_of(nth)]
        if beside:
            return _given_beside(evaluator_id, codes) >= len(codes)
        return application.c.id.in_(_all_given(evaluator_id, codes))

    return rounds.any_round(of, whole)


def _given_beside(evaluator_id: UUID, criteria: Collection[str]) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .where(
            score.c.application_id == application.c.id,
            score.c.evaluator_id == evaluator_id,
            score.c.criterion.in_(criteria),
        )
        .correlate(application)
        .scalar_subquery()
    )


def _all_given(evaluator_id: UUID, criteria: Collection[str]) -> sa.Select[Any]:
    """The applications for which an evaluator gave points for all these criteria: found once."""
    return (
        sa.select(score.c.application_id)
        .where(score.c.evaluator_id == evaluator_id, score.c.criterion.in_(criteria))
        .group_by(score.c.application_id)
        .having(sa.func.count() >= len(criteria))
    )


def changes_of(db: sa.Connection, application_id: UUID) -> list[ChangedScore]:
    """The points that evaluators took back, in the order in which they did."""
    query = sa.select(score_change).where(score_change.c.application_id == application_id)
    rows = db.execute(query.order_by(score_change.c.replaced_at, score_change.c.id))
    return [
        ChangedScore(row.evaluator_id, row.criterion, row.points, row.replaced_at) for row in rows
    ]


def save_scores(
    db: sa.Connection,
    application_id: UUID,
    evaluator_id: UUID,
    points: Mapping[str, int | None],
    now: datetime,
) -> None:
    _keep_changes(db, application_id, evaluator_id, points, now)
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


def _keep_changes(
    db: sa.Connection,
    application_id: UUID,
    evaluator_id: UUID,
    points: Mapping[str, int | None],
    now: datetime,
) -> None:
    given = points_of(db, application_id, evaluator_id)
    rows = [
        {
            "id": new_id(),
            "application_id": application_id,
            "evaluator_id": evaluator_id,
            "criterion": criterion,
            "points": before,
            "replaced_at": now,
        }
        for criterion, before in given.items()
        if criterion in points and points[criterion] != before
    ]
    if rows:
        db.execute(sa.insert(score_change), rows)


def save_mean(db: sa.Connection, application_id: UUID, mean: float | None) -> None:
    """Keep the weighted mean beside the application, for lists to sort by."""
    db.execute(sa.update(application).where(application.c.id == application_id).values(mean=mean))


def prepare_decision(
    db: sa.Connection,
    application_id: UUID,
    verdict: Verdict,
    note: str | None,
    feedback: str | None,
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
        "feedback": feedback,
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
    scores = _scores(db, application.c.call_id == of.id)
    return [
        Considered(
            application_id=row.id,
            project_id=row.project_id,
            bearer_id=row.bearer_id,
            number=row.number,
            score=weighted_mean(of.criteria, scores.get(row.id, [])),
            prepared=verdict_in(row, ""),
            applied=verdict_in(row, "applied_"),
        )
        for row in rows
    ]


def verdict_in(row: Any, prefix: str) -> Verdict | None:
    """The decision of a row, of its columns that begin so; None where there is none."""
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
    verdict = verdict_in(row, "") if row else None
    if row is None or verdict is None:
        return None
    return Prepared(
        verdict, verdict_in(row, "applied_"), row.note, row.feedback, row.applied_feedback
    )


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
            applied_feedback=decision.c.feedback,
        )
    )
