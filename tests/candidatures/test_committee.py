"""The committee's decisions, prepared one by one and applied together."""

from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa
from candidatures import commands
from candidatures.committee import (
    REASONS,
    Applied,
    Considered,
    Verdict,
    apply_decisions,
    check_verdict,
)
from candidatures.form import Choice, Text
from candidatures.store.decision_round import decision_round
from essaim.ids import stable_id
from essaim.refusal import Refusal, Refusals
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import (
    ApplicationDecided,
    Decision,
    DecisionReason,
    WithdrawalReason,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.candidatures.premices import (
    CALL,
    OPEN,
    apply,
    decide_all,
    everything_told,
    prepare,
    received,
    set_clock,
    told,
)

DAY = date(2020, 2, 5)


SELECTED = Verdict(Decision.SELECTED, DecisionReason.MEETS_CRITERIA)


REFUSED = Verdict(Decision.REFUSED, DecisionReason.NOT_ESS)


def waiting(rank: int) -> Verdict:
    return Verdict(Decision.WAITING_LIST, DecisionReason.PLACES_FILLED, rank=rank)


def considered(
    nth: int, prepared: Verdict | None, applied: Verdict | None = None, score: float = 50
) -> Considered:
    return Considered(
        application_id=UUID(int=nth),
        project_id=UUID(int=1000 + nth),
        bearer_id=UUID(int=2000 + nth),
        number=f"PREM-2020-{nth:04d}",
        score=score,
        prepared=prepared,
        applied=applied,
    )


def test_applying_says_one_decision_for_each_application() -> None:
    facts = apply_decisions(CALL, [considered(1, SELECTED), considered(2, waiting(1))], DAY)

    assert [(fact.application_id.int, fact.decision, fact.rank) for fact in facts] == [
        (1, Decision.SELECTED, None),
        (2, Decision.WAITING_LIST, 1),
    ]
    assert {fact.decided_on for fact in facts} == {DAY}


def test_only_a_decision_that_changed_is_said_again() -> None:
    facts = apply_decisions(
        CALL, [considered(1, SELECTED, applied=SELECTED), considered(2, SELECTED, waiting(1))], DAY
    )

    assert [fact.application_id.int for fact in facts] == [2]


def test_a_decision_says_the_name_the_programme_gives_to_the_track_it_reorients_to() -> None:
    call = replace(CALL, tracks=(Choice(code="starter", label=Text(fr="Starter, la couveuse")),))
    elsewhere = Verdict(Decision.REORIENTED, DecisionReason.OTHER_TRACK_FITS, track_code="starter")

    (named,) = apply_decisions(call, [considered(1, elsewhere)], DAY)
    unknown = replace(CALL, tracks=())
    (unnamed,) = apply_decisions(unknown, [considered(1, elsewhere)], DAY)

    assert (named.track_code, named.track_name) == ("starter", "Starter, la couveuse")
    assert (unnamed.track_code, unnamed.track_name) == ("starter", None)


def test_an_application_without_a_decision_is_named() -> None:
    with pytest.raises(Refusal, match="PREM-2020-0002"):
        apply_decisions(CALL, [considered(1, SELECTED), considered(2, None)], DAY)


def test_some_may_be_left_for_later_when_asked_so() -> None:
    facts = apply_decisions(CALL, [considered(1, SELECTED), considered(2, None)], DAY, partial=True)

    assert len(facts) == 1


def test_more_projects_than_places_are_selected_only_in_somebodys_name() -> None:
    three = [considered(nth, SELECTED) for nth in (1, 2, 3)]

    with pytest.raises(Refusal, match=r"Trop de candidatures seraient retenues \(3, places : 2\)"):
        apply_decisions(CALL, three, DAY)
    assert len(apply_decisions(CALL, three, DAY, over_places=True)) == 3


def test_two_applications_cannot_have_one_rank() -> None:
    with pytest.raises(Refusal, match="PREM-2020-0001 et à PREM-2020-0002"):
        apply_decisions(CALL, [considered(1, waiting(1)), considered(2, waiting(1))], DAY)


@pytest.mark.parametrize(
    ("verdict", "field"),
    [
        (Verdict(Decision.SELECTED, DecisionReason.NOT_ESS), "reason"),
        (Verdict(Decision.REFUSED, DecisionReason.MEETS_CRITERIA), "reason"),
        (Verdict(Decision.WAITING_LIST, DecisionReason.PLACES_FILLED), "rank"),
        (Verdict(Decision.SELECTED, DecisionReason.MEETS_CRITERIA, rank=1), "rank"),
        (Verdict(Decision.REORIENTED, DecisionReason.OTHER_TRACK_FITS), "track_code"),
        (Verdict(Decision.REFUSED, DecisionReason.NOT_ESS, track_code="starter"), "track_code"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused_at_its_field(
    verdict: Verdict, field: str
) -> None:
    with pytest.raises(Refusals) as refused:
        check_verdict(verdict)

    assert [one.field for one in refused.value.all] == [field]


@given(st.sampled_from(Decision), st.data())
def test_every_decision_has_at_least_one_reason_that_goes_with_it(
    decision: Decision, data: st.DataObject
) -> None:
    check_verdict(
        Verdict(
            decision,
            data.draw(st.sampled_from(REASONS[decision])),
            rank=1 if decision == Decision.WAITING_LIST else None,
            track_code="starter" if decision == Decision.REORIENTED else None,
        )
    )


verdicts = st.one_of(
    st.none(), st.just(SELECTED), st.just(REFUSED), st.integers(1, 1000).map(waiting)
)


@given(st.lists(st.tuples(verdicts, verdicts), max_size=30))
def test_after_applying_every_application_ends_where_it_was_prepared(
    cases: list[tuple[Verdict | None, Verdict | None]],
) -> None:
    """What was applied before, replaced by what is said now, is exactly what was prepared."""
    batch = [considered(nth, *case) for nth, case in enumerate(cases, start=1)]
    ranks = Counter(one.prepared.rank for one in batch if one.prepared and one.prepared.rank)
    if any(count > 1 for count in ranks.values()):
        with pytest.raises(Refusal):
            apply_decisions(CALL, batch, DAY, partial=True, over_places=True)
        return

    facts = apply_decisions(CALL, batch, DAY, partial=True, over_places=True)

    ends = {one.application_id: one.applied for one in batch}
    for fact in facts:
        ends[fact.application_id] = Verdict(fact.decision, fact.reason, fact.rank, fact.track_code)
    assert all(ends[one.application_id] == one.prepared for one in batch if one.prepared)
    assert len(facts) == sum(one.prepared not in (None, one.applied) for one in batch)


def test_decisions_are_heard_only_once_applied_and_their_notes_never(
    premices: Runtime, four: list[UUID]
) -> None:
    prepare(premices, four[0], Decision.SELECTED, note="Une idée lumineuse")
    assert told(premices, ApplicationDecided) == []
    apply(premices, partial=True)

    (fact,) = told(premices, ApplicationDecided)
    assert isinstance(fact, ApplicationDecided)
    assert (fact.application_id, fact.decision) == (four[0], Decision.SELECTED)
    assert fact.decided_on == date(2020, 2, 4)
    assert "lumineuse" not in everything_told(premices)


def test_applying_twice_says_only_what_changed_in_between(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    assert len(told(premices, ApplicationDecided)) == 4

    assert apply(premices).changed == 0
    prepare(premices, four[3], Decision.REORIENTED)
    assert apply(premices).changed == 1

    last = told(premices, ApplicationDecided)[-1]
    assert isinstance(last, ApplicationDecided)
    assert (last.application_id, last.track_code) == (four[3], "starter")


def test_a_withdrawn_application_needs_no_decision(premices: Runtime, four: list[UUID]) -> None:
    with premices.work() as work:
        commands.application.withdraw(work, four[3], WithdrawalReason.BEARER_CHOICE)
    for nth in (0, 1):
        prepare(premices, four[nth], Decision.SELECTED)
    prepare(premices, four[2], Decision.REFUSED)

    done = apply(premices)
    assert done == Applied(3, {"selected": 2, "refused": 1}, 0, premices.clock.now())


def test_decisions_wait_for_the_closing_of_the_call(premices: Runtime) -> None:
    set_clock(premices, OPEN)
    prepare(premices, received(premices), Decision.SELECTED)

    with pytest.raises(Refusal) as refused:
        apply(premices)

    assert refused.value.code == "call_still_open"


def test_going_over_the_places_is_kept_under_the_name_of_who_did(
    premices: Runtime, four: list[UUID]
) -> None:
    for application_id in four:
        prepare(premices, application_id, Decision.SELECTED)
    with pytest.raises(Refusal, match=r"Trop de candidatures seraient retenues \(4, places : 2\)"):
        apply(premices)
    apply(premices, over_places=True)

    with premices.read() as db:
        row = db.execute(sa.select(decision_round)).one()
    assert row.over_places_by == stable_id("premices", "person", "alix")
    assert row.changed == 4
