"""What the points of a committee come to, who is next, and decisions as a form writes them."""

from uuid import UUID

import pytest
from candidatures.form import Criterion, Text
from candidatures.ranking import (
    Chance,
    Foreseen,
    Outlook,
    read_verdict,
    unknown_verdict,
    verdicts_offered,
    with_choices,
    written_verdict,
)
from candidatures.scoring import Score, weigh
from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim_contracts.candidatures import Decision

CRITERIA = tuple(
    Criterion(code=code, label=Text(fr=code), weight=weight, max_score=5)
    for code, weight in (("ess", 3), ("maturity", 1))
)


def test_totals_of_members_far_apart_are_disputed() -> None:
    basile, chloe = UUID(int=1), UUID(int=2)
    scores = [Score(basile, "ess", 5), Score(basile, "maturity", 5), Score(chloe, "ess", 3)]
    weighed = weigh(CRITERIA, scores)
    assert (weighed.totals, weighed.gap, weighed.median) == ({basile: 100.0, chloe: 60.0}, 40, 80)
    assert weighed.points == {"ess": 4.0, "maturity": 5.0}
    assert weighed.is_disputed
    assert weigh(CRITERIA, scores[:2]).gap is None
    assert weigh(CRITERIA, []).mean is None


def test_every_decision_offered_is_read_as_it_was_written() -> None:
    for decision, written in (
        (kind, one) for kind, all in verdicts_offered(()).items() for one in all
    ):
        verdict = read_verdict(written, 3)
        assert (verdict.decision, written_verdict(verdict)) == (decision, written)
    with pytest.raises(Refusal) as refused:
        read_verdict("refused:because", None)
    assert refused.value.code == unknown_verdict("x").code


def test_choices_count_for_what_they_change() -> None:
    cook, farm = Foreseen("catering", "38", 2, 4), Foreseen("farming", "26", 1, None)
    outlook = Outlook({Decision.SELECTED: 1, None: 2}, [cook], hidden=3)
    one, other = new_id(), new_id()
    chances = {one: Chance(Decision.SELECTED, cook), other: Chance(None, farm)}
    chosen = {one: Decision.REFUSED, other: Decision.SELECTED}
    assert with_choices(outlook, chances, chosen) == Outlook(
        {None: 1, Decision.REFUSED: 1, Decision.SELECTED: 1}, [farm], hidden=3
    )
    assert with_choices(outlook, {}, {}) == outlook
