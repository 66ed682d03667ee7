from datetime import date
from uuid import UUID

import pytest
from candidatures import commands
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import TrophyAwarded

from tests.candidatures.premices import decide_all, form_cohort, project_of, told


def award(runtime: Runtime, project_id: UUID, *prizes: str) -> TrophyAwarded:
    with runtime.work() as work:
        return commands.trophy.award(work, elan(project_id, *prizes))


def elan(project_id: UUID, *prizes: str) -> commands.trophy.Award:
    return commands.trophy.Award(project_id, "Trophée de l’élan", date(2021, 1, 19), prizes, ())


def test_a_trophy_comes_with_prizes_and_each_prize_is_given_once(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form_cohort(premices)
    first, second = project_of(premices, four[0]), project_of(premices, four[1])

    awarded = award(premices, first, "video", "money")
    with pytest.raises(Refusal, match="Trophée de l’élan"):
        award(premices, second, "video")
    honour = award(premices, second)

    assert sum(prize.value_eur for prize in awarded.prizes) == 5000
    assert honour.prizes == ()
    assert told(premices, TrophyAwarded) == [awarded, honour]


def test_a_prize_named_twice_in_one_trophy_is_refused(premices: Runtime, four: list[UUID]) -> None:
    decide_all(premices, four)
    form_cohort(premices)

    with pytest.raises(Refusal) as refused:
        award(premices, project_of(premices, four[0]), "video", "video")

    assert refused.value.code == "prize_given"


def test_a_prize_nobody_pledged_is_refused_with_those_there_are(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form_cohort(premices)

    with pytest.raises(Refusal, match=r"castle.*money, video"):
        award(premices, project_of(premices, four[0]), "castle")


def test_a_project_outside_any_cohort_receives_no_trophy(
    premices: Runtime, four: list[UUID]
) -> None:
    with pytest.raises(Refusal) as refused:
        award(premices, project_of(premices, four[0]), "video")

    assert refused.value.code == "not_in_cohort"
