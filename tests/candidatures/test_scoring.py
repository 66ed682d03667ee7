"""Scores and their mean."""

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from candidatures import commands, store
from candidatures.form import Criterion, Text
from candidatures.scoring import ChangedScore, Score, check_scores, weighted_mean
from essaim.ids import stable_id
from essaim.people.directory import find_person, save_person
from essaim.person import Role, RoleHeld
from essaim.refusal import Refusal, Refusals
from essaim.running.runtime import Runtime
from hypothesis import given
from hypothesis import strategies as st

from tests.candidatures.premices import a_person, the_call

BASILE, CHLOE = UUID(int=1), UUID(int=2)


def a_criterion(code: str, weight: float = 1, max_score: int = 5) -> Criterion:
    return Criterion(code=code, label=Text(fr=code), weight=weight, max_score=max_score)


def scored_with(points: int) -> dict[str, int | None]:
    """The same points for every criterion of the call of Prémices."""
    return dict.fromkeys(("ess", "maturity", "autonomy"), points)


ESS, MATURITY = a_criterion("ess", 3), a_criterion("maturity", 1, max_score=10)


grids = st.lists(st.tuples(st.floats(0.01, 1000), st.integers(1, 100)), min_size=1, max_size=6).map(
    lambda parts: [
        a_criterion(f"c{number}", weight, most) for number, (weight, most) in enumerate(parts)
    ]
)


@st.composite
def scored(draw: st.DrawFn) -> tuple[list[Criterion], list[Score]]:
    """A grid, and for some evaluators and criteria the points given, or none (not applicable)."""
    criteria = draw(grids)
    scores = [
        Score(UUID(int=evaluator), criterion.code, points)
        for evaluator in range(draw(st.integers(1, 4)))
        for criterion in criteria
        if (points := draw(st.none() | st.integers(0, criterion.max_score))) is not None
        or draw(st.booleans())
    ]
    return criteria, scores


def test_the_mean_follows_the_weights() -> None:
    scores = [Score(BASILE, "ess", 5), Score(BASILE, "maturity", 0)]

    assert weighted_mean([ESS, MATURITY], scores) == 75.0


def test_each_criterion_is_first_averaged_over_its_evaluators() -> None:
    scores = [Score(BASILE, "ess", 5), Score(CHLOE, "ess", 2), Score(CHLOE, "maturity", 10)]

    assert weighted_mean([ESS, MATURITY], scores) == pytest.approx((3 * 70 + 100) / 4)


def test_what_nobody_could_judge_counts_neither_for_nor_against() -> None:
    scores = [Score(BASILE, "ess", 4), Score(BASILE, "maturity", None)]

    assert weighted_mean([ESS, MATURITY], scores) == 80.0


def test_an_application_that_nobody_scored_has_no_mean() -> None:
    assert weighted_mean([ESS, MATURITY], []) is None
    assert weighted_mean([ESS], [Score(BASILE, "ess", None)]) is None


@given(scored())
def test_a_mean_lies_between_the_worst_and_the_best_share_given(
    case: tuple[list[Criterion], list[Score]],
) -> None:
    criteria, scores = case
    most = {criterion.code: criterion.max_score for criterion in criteria}
    shares = [100 * s.points / most[s.criterion] for s in scores if s.points is not None]

    mean = weighted_mean(criteria, scores)

    if not shares:
        assert mean is None
    else:
        assert mean is not None
        assert 0 <= mean <= 100
        assert min(shares) - 0.01 <= mean <= max(shares) + 0.01


@given(scored(), st.randoms())
def test_the_order_of_scores_and_criteria_changes_nothing(
    case: tuple[list[Criterion], list[Score]], random: Random
) -> None:
    criteria, scores = case
    before = weighted_mean(criteria, scores)
    random.shuffle(scores)
    random.shuffle(criteria)

    after = weighted_mean(criteria, scores)

    assert after == (None if before is None else pytest.approx(before, abs=0.011))


@given(scored())
def test_doubling_every_weight_changes_nothing(case: tuple[list[Criterion], list[Score]]) -> None:
    criteria, scores = case
    doubled = [
        a_criterion(c.code, c.weight * 2 if c.weight <= 500 else c.weight, c.max_score)
        for c in criteria
    ]
    if any(criterion.weight > 500 for criterion in criteria):
        doubled = [a_criterion(c.code, c.weight / 2, c.max_score) for c in criteria]

    mean = weighted_mean(criteria, scores)

    again = weighted_mean(doubled, scores)
    assert again == (None if mean is None else pytest.approx(mean, abs=0.011))


@given(grids)
def test_full_points_everywhere_give_a_hundred_and_none_give_zero(
    criteria: list[Criterion],
) -> None:
    full = [Score(BASILE, criterion.code, criterion.max_score) for criterion in criteria]
    empty = [Score(BASILE, criterion.code, 0) for criterion in criteria]

    assert weighted_mean(criteria, full) == 100.0
    assert weighted_mean(criteria, empty) == 0.0


def test_points_outside_the_grid_are_refused_one_by_one() -> None:
    with pytest.raises(Refusals) as refused:
        check_scores([ESS, MATURITY], {"ess": 6, "maturity": None, "beauty": 3})

    assert [(one.field, one.code) for one in refused.value.all] == [
        ("ess", "score_out_of_scale"),
        ("beauty", "unknown_criterion"),
    ]


def test_two_evaluators_scores_make_one_mean(premices: Runtime, four: list[UUID]) -> None:
    basile, chloe = a_person(premices, "basile"), a_person(premices, "chloe")
    with premices.work() as work:
        commands.committee.give_scores(
            work, four[0], basile, {"ess": 5, "maturity": 5, "autonomy": 0}
        )
    with premices.work() as work:
        mean = commands.committee.give_scores(
            work, four[0], chloe, {"ess": 5, "maturity": None, "autonomy": None}
        )

    assert mean == pytest.approx(83.33)


def test_giving_scores_again_replaces_ones_own(premices: Runtime, four: list[UUID]) -> None:
    basile = a_person(premices, "basile")
    for points in (1, 5):
        with premices.work() as work:
            mean = commands.committee.give_scores(work, four[0], basile, scored_with(points))

    assert mean == 100.0


def test_points_taken_back_stay_known_with_their_day(premices: Runtime, four: list[UUID]) -> None:
    basile = a_person(premices, "basile")
    for points in ({"ess": 1}, {"ess": 1}, {"ess": 5}, {"maturity": 2}):
        with premices.work() as work:
            commands.committee.give_scores(work, four[0], basile, points)

    with premices.read() as db:
        assert store.committee.points_of(db, four[0], basile.id) == {"ess": 5, "maturity": 2}
        assert store.committee.changes_of(db, four[0]) == [
            ChangedScore(basile.id, "ess", 1, premices.clock.now())
        ]


def test_a_member_with_a_conflict_does_not_score_and_her_scores_no_longer_count(
    premices: Runtime, four: list[UUID]
) -> None:
    basile, chloe = a_person(premices, "basile"), a_person(premices, "chloe")
    with premices.work() as work:
        commands.committee.give_scores(work, four[0], basile, scored_with(0))
        commands.committee.give_scores(work, four[0], chloe, scored_with(5))
        assert commands.committee.declare_conflict(work, four[0], basile, declared=True) is None
        assert store.committee.considered_of(work.db, the_call(premices))[0].score == 100.0
    with pytest.raises(Refusal, match="conflit"), premices.work() as work:
        commands.committee.give_scores(work, four[0], basile, scored_with(5))
    with premices.work() as work:
        assert commands.committee.declare_conflict(work, four[0], basile, declared=False) == 50.0


def test_scores_given_before_a_conflict_stood_by_itself_no_longer_count(
    premices: Runtime, four: list[UUID]
) -> None:
    basile, chloe = a_person(premices, "basile"), a_person(premices, "chloe")
    with premices.work() as work:
        commands.committee.give_scores(work, four[0], basile, scored_with(0))
        commands.committee.give_scores(work, four[0], chloe, scored_with(5))
        bearer = store.application.get(work.db, four[0]).bearer_id
        assert bearer is not None
        porteuse = find_person(work.db, bearer)
        assert porteuse is not None
        grap = stable_id("premices", "organisation", "grap")
        for person in (basile, porteuse):
            held = RoleHeld(Role.SPEAKER, "premices", organisation_id=grap)
            save_person(work.db, replace(person, roles=(*person.roles, held)), share=False)

    with premices.read() as db:
        (first, *_) = store.committee.considered_of(db, the_call(premices))
    assert first.score == 100.0
