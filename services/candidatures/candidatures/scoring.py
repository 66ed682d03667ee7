"""Scores: what each member of the committee gave for each criterion, and their mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from essaim.refusal import Refusal, Refusals

from candidatures.form import Criterion


@dataclass(frozen=True)
class Score:
    """`points` is None when the evaluator could not judge this criterion (not applicable)."""

    evaluator_id: UUID
    criterion: str
    points: int | None


@dataclass(frozen=True)
class ChangedScore:
    """Points that an evaluator took back: hers until `replaced_at`, when she gave others."""

    evaluator_id: UUID
    criterion: str
    points: int | None
    replaced_at: datetime


def check_scores(criteria: Iterable[Criterion], points: Mapping[str, int | None]) -> None:
    """Whether these points can be given.

    Raises:
        Refusals: (422) a criterion the call does not have, or points outside its scale.
    """
    scales = {criterion.code: criterion.max_score for criterion in criteria}
    refusals = []
    for code, given in points.items():
        if code not in scales:
            refusals.append(unknown_criterion(code, scales))
        elif given is not None and not 0 <= given <= scales[code]:
            refusals.append(score_out_of_scale(code, given, scales[code]))
    if refusals:
        raise Refusals(refusals)


def weighted_mean(criteria: Iterable[Criterion], scores: Iterable[Score]) -> float | None:
    """The score of an application, from 0 to 100, with two decimals. None when nobody scored it.

    For each criterion, the mean of the shares of its scale that evaluators gave; then the mean of
    these, weighted. What an evaluator could not judge does not count, neither for nor against:
    a criterion that nobody could judge leaves its weight to the others.
    """
    given = [score for score in scores if score.points is not None]
    total = weights = 0.0
    for criterion in criteria:
        shares = [
            (score.points or 0) / criterion.max_score
            for score in given
            if score.criterion == criterion.code
        ]
        if shares:
            total += criterion.weight * sum(shares) / len(shares)
            weights += criterion.weight
    # Rounding errors must never leave the scale.
    return round(min(100.0, 100 * total / weights), 2) if weights else None


# --- refusals


def unknown_criterion(code: str, known: Iterable[str]) -> Refusal:
    return Refusal(
        "unknown_criterion",
        "Cet appel n’a pas de critère « {criterion} ». Ses critères : {known}.",
        field=code,
        status=422,
        criterion=code,
        known=", ".join(known),
    )


def score_out_of_scale(code: str, points: int, most: int) -> Refusal:
    return Refusal(
        "score_out_of_scale",
        "{points} n’est pas une note de 0 à {most}.",
        field=code,
        status=422,
        points=points,
        most=most,
    )
