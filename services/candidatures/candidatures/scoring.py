"""Scores: what each member of the committee gave for each criterion, and their mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from statistics import median
from uuid import UUID

from essaim.refusal import Refusal, Refusals

from candidatures.comment import Written
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


@dataclass(frozen=True)
class Share:
    """How many applications one evaluator is to score, and how many of them she has.

    What a conflict of interest keeps `away` is not among them. They are those she was given
    where `is_given`, until the end of `due_on`; all of the round otherwise.
    """

    reader_id: UUID
    away: frozenset[UUID]
    is_given: bool = False
    due_on: date | None = None
    count: int = 0
    scored: int = 0

    @property
    def waiting(self) -> int:
        return self.count - self.scored

    def counted(self, count: int, scored: int) -> "Share":
        return replace(self, count=count, scored=scored)


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


Points = Mapping[str, int | None]
"""By criterion; None where it could not be judged, and nothing where nothing was given."""


@dataclass(frozen=True)
class Grid:
    """What a member gives and writes in her form, by criterion."""

    points: Points
    comments: Mapping[str, Written]


@dataclass(frozen=True)
class Seen:
    """What stood in her form when she opened it; of comments, their marks."""

    points: Points
    comments: Mapping[str, str]


def changed_points(own: Points, given: Points, seen: Points) -> dict[str, int | None]:
    """What she changes of what stood in her form: the rest of it is not hers to give again.

    Raises:
        Refusals: (409) she gave other points meanwhile, elsewhere.
    """
    new = {code: points for code, points in given.items() if (code, points) not in seen.items()}
    stale = [
        code for code, points in new.items() if _of(own, code) not in (_of(seen, code), (points,))
    ]
    if stale:
        raise Refusals([points_stale(code, own.get(code)) for code in stale])
    return new


def _of(points: Points, code: str) -> tuple[int | None, ...]:
    return (points[code],) if code in points else ()


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


DISAGREEMENT = 25
"""Members of a committee whose totals are as far apart, of 100, should speak of it."""


@dataclass(frozen=True)
class Weighing:
    """What the points given to an application come to: of 100, but for `points`.

    `points` is the mean of each criterion on its own scale; `gap` is between the evaluator who
    gives most and the one who gives least, None where fewer than two gave any.
    """

    mean: float | None
    median: float | None
    gap: float | None
    points: Mapping[str, float | None]
    totals: Mapping[UUID, float | None]

    @property
    def is_disputed(self) -> bool:
        return self.gap is not None and self.gap >= DISAGREEMENT


def weigh(criteria: Sequence[Criterion], scores: Sequence[Score]) -> Weighing:
    """`scores` are those of one application, of all who gave any."""
    given: dict[UUID, list[Score]] = {}
    for score in scores:
        given.setdefault(score.evaluator_id, []).append(score)
    totals = {evaluator: weighted_mean(criteria, hers) for evaluator, hers in given.items()}
    known = [total for total in totals.values() if total is not None]
    return Weighing(
        mean=weighted_mean(criteria, scores),
        median=round(median(known), 2) if known else None,
        gap=round(max(known) - min(known), 2) if len(known) > 1 else None,
        points={one.code: _mean_points(one.code, scores) for one in criteria},
        totals=totals,
    )


def _mean_points(criterion: str, scores: Iterable[Score]) -> float | None:
    points = [
        score.points
        for score in scores
        if score.criterion == criterion and score.points is not None
    ]
    return round(sum(points) / len(points), 1) if points else None


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


def points_unfit(criterion: Criterion, chosen: str) -> Refusal:
    return Refusal(
        "points_unfit",
        "« {chosen} » n’est pas une note : choisissez de 0 à {most}, ou « non évaluable ».",
        field=criterion.code,
        status=422,
        chosen=chosen[:20],
        most=criterion.max_score,
    )


def points_stale(code: str, points: int | None) -> Refusal:
    if points is None:
        return Refusal(
            "points_stale",
            "Vous avez dit entre-temps, dans une autre fenêtre ou sur un autre appareil, que ce "
            "critère n’est pas évaluable. Enregistrez encore une fois pour garder ce qui est "
            "choisi ici.",
            field=code,
            status=409,
        )
    return Refusal(
        "points_stale",
        "Vous avez donné {points} entre-temps, dans une autre fenêtre ou sur un autre appareil. "
        "Enregistrez encore une fois pour garder ce qui est choisi ici.",
        field=code,
        status=409,
        points=points,
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
